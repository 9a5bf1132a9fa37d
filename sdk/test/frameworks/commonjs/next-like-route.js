const { withSpan } = require('@spanhouse/sdk');

exports.GET = async (request) =>
	Response.json(
		await withSpan('price the cart', async () => ({ id: new URL(request.url).pathname.split('/').at(-1) })),
	);

const { createServer, get } = require('node:http');

const server = createServer((_request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
	get({ port: server.address().port, path: '/carts/42', agent: false }, (response) =>
		response.resume().on('end', () => server.close()),
	);
});

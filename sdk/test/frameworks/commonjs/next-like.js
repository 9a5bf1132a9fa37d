// As Next.js does it: a server of its own that loads a route when it is first asked for, and spans of its own through the
// OpenTelemetry API.
const { createServer } = require('node:http');
const { trace } = require('@opentelemetry/api');
const { setRoute, withBaggage } = require('@spanhouse/sdk');

const server = createServer((request, response) =>
	withBaggage({ 'user.id': request.headers['x-user'] }, () => {
		setRoute('/carts/[id]');
		void trace.getTracer('next.js').startActiveSpan('render route (app) /carts/[id]', async (span) => {
			const { GET } = require('./next-like-route.js');
			const answer = await GET(new Request(`http://localhost${request.url}`));
			span.end();
			response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
		});
	}),
);
server.listen(0, '127.0.0.1', async () => {
	const url = `http://127.0.0.1:${server.address().port}/carts/42`;
	await fetch(url, { headers: { 'x-user': '7' } }).then((answer) => answer.text());
	server.close();
	server.closeAllConnections();
});

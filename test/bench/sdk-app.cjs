/**
 * A service as small as they come: `/cart` asks `/price` of itself, so that a request is two spans of a server and one of a client.
 * CommonJS, since OpenTelemetry's own start traces nothing of `node:http` in ES modules.
 */
const { createServer, get } = require('node:http');

const server = createServer((request, response) => {
	if (request.url !== '/cart') {
		response.end('{"price":12}');
		return;
	}
	get(`http://127.0.0.1:${server.address().port}/price`, (answer) => {
		answer.resume().once('end', () => response.end('{"items":3}'));
	});
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.once('SIGTERM', () => {
	server.closeAllConnections();
	server.close();
});

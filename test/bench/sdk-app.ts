/** A service as small as they come: `/cart` asks `/price` of itself, so that a request is two spans of a server and one of a client. */
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
	if (request.url !== '/cart') {
		response.end('{"price":12}');
		return;
	}
	const { port } = server.address() as AddressInfo;
	get(`http://127.0.0.1:${port}/price`, (answer) => {
		answer.resume().once('end', () => response.end('{"items":3}'));
	});
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => {
	server.closeAllConnections();
	server.close();
});

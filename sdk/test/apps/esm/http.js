import { createServer, get } from 'node:http';

const server = createServer((_request, response) => response.end('ok'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/carts/42`;
await new Promise((resolve) => get(url, { agent: false }, (response) => response.resume().on('end', resolve)));
await fetch(url).then((response) => response.text());
server.closeAllConnections();
server.close();

import express from 'express';
import { withBaggage, withSpan } from '@spanhouse/sdk';

const app = express();
app.use((request, _response, next) => withBaggage({ 'user.id': request.headers['x-user'] }, next));
app.get('/carts/:id', (request, response) => {
	void withSpan('price the cart', async () => ({ id: request.params.id })).then((cart) => response.json(cart));
});
const server = app.listen(0, '127.0.0.1', async () => {
	const url = `http://127.0.0.1:${server.address().port}/carts/42`;
	await fetch(url, { headers: { 'x-user': '7' } }).then((answer) => answer.text());
	server.close();
	server.closeAllConnections();
});

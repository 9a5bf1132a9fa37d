const Fastify = require('fastify');
const { withBaggage, withSpan } = require('@spanhouse/sdk');

const app = Fastify({ forceCloseConnections: true });
app.addHook('onRequest', (request, _reply, done) => withBaggage({ 'user.id': request.headers['x-user'] }, done));
app.get('/carts/:id', (request) => withSpan('price the cart', async () => ({ id: request.params.id })));
void app.listen({ port: 0, host: '127.0.0.1' }).then(async (address) => {
	await fetch(`${address}/carts/42`, { headers: { 'x-user': '7' } }).then((answer) => answer.text());
	await app.close();
});

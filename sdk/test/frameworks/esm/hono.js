import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { routePath } from 'hono/route';
import { setRoute, withBaggage, withSpan } from '@spanhouse/sdk';

const app = new Hono();
app.use(async (c, next) => {
	await withBaggage({ 'user.id': c.req.header('x-user') }, next);
	setRoute(routePath(c, -1));
});
app.get('/carts/:id', async (c) => c.json(await withSpan('price the cart', async () => ({ id: c.req.param('id') }))));
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, async ({ port }) => {
	await fetch(`http://127.0.0.1:${port}/carts/42`, { headers: { 'x-user': '7' } }).then((answer) => answer.text());
	server.close();
	server.closeAllConnections();
});

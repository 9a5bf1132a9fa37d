/** Orders. One of the demo's faults is here: gold customers wait for a query over all that was ever bought. */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hands a rejection to the error handler */
import { randomUUID } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { Queue } from '../queue.ts';
import { call, createApp, HttpError, openDatabase, serve, setting } from '../service.ts';
import type { Cart, PlacedOrder, Visitor } from '../shop-types.ts';

const RANK = `
	SELECT rank FROM (
		SELECT user_id, rank() OVER (ORDER BY sum(total_cents) DESC, max(bought_at)) AS rank
		FROM order_history GROUP BY user_id
	) AS ranked
	WHERE user_id = $1`;
const INSERT = `INSERT INTO orders (id, user_id, total_cents, payment_id) VALUES ($1, $2, $3, $4)`;
const goldDiscount = 0.95;

const database = openDatabase();
const queue = new Queue(setting('QUEUE_FOLDER'), 'order.placed');
const app = createApp();

// Before the handler, which has a span of its own: on the request's, orders can be told apart by customer.
app.use('/orders', (request, _response, next) => {
	const visitor: Visitor = request.body;
	trace.getActiveSpan()?.setAttributes({ 'user.id': visitor.userId, 'customer.tier': visitor.tier });
	next();
});

app.post('/orders', async (request, response) => {
	const visitor: Visitor = request.body;
	const cartUrl = `${setting('CART_URL')}/carts/${visitor.userId}`;
	const cart = await call<Cart>(cartUrl);
	if (cart.items.length === 0) throw new HttpError(409, 'the cart is empty');

	await call(`${setting('INVENTORY_URL')}/reservations`, { items: cart.items });
	const totalCents = visitor.tier === 'gold' ? await goldPrice(visitor.userId, cart.totalCents) : cart.totalCents;
	const { paymentId } = await call<{ paymentId: string }>(`${setting('PAYMENT_URL')}/charges`, { totalCents });

	const orderId = randomUUID();
	await database.query(INSERT, [orderId, visitor.userId, totalCents, paymentId]);
	await call(`${cartUrl}/clear`, {});
	const productIds = cart.items.map((item) => item.productId);
	await queue.send({ orderId, userId: visitor.userId, productIds, totalCents } satisfies PlacedOrder);
	response.status(201).json({ orderId, totalCents });
});

async function goldPrice(userId: string, totalCents: number): Promise<number> {
	const { rows } = await database.query<{ rank: string }>(RANK, [userId]);
	return rows.length === 0 ? totalCents : Math.round(totalCents * goldDiscount);
}

serve(app, () => database.end());

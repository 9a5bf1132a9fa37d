/** Carts. One of the demo's faults is here: the price of each item is asked for by a query of its own (N+1). */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hands a rejection to the error handler */
import { createApp, openDatabase, serve } from '../service.ts';
import type { CartItem } from '../shop-types.ts';

const ADD = `
	INSERT INTO cart_items (user_id, product_id, quantity) SELECT $1, product_id, 1 FROM unnest($2::int[]) AS product_id
	ON CONFLICT (user_id, product_id) DO UPDATE SET quantity = cart_items.quantity + 1`;
const ITEMS = `SELECT product_id AS "productId", quantity FROM cart_items WHERE user_id = $1 ORDER BY product_id LIMIT 20`;
const PRICE = `SELECT price_cents AS "priceCents" FROM price_history WHERE product_id = $1 ORDER BY valid_from DESC LIMIT 1`;
const CLEAR = `DELETE FROM cart_items WHERE user_id = $1`;

const maxItems = 20;

const database = openDatabase();
const app = createApp();

app.post('/carts/:userId/items', async (request, response) => {
	const { productIds }: { productIds: number[] } = request.body;
	// A statement can't change the same row twice.
	const distinctIds = [...new Set(productIds)].slice(0, maxItems);
	await database.query(ADD, [request.params.userId, distinctIds]);
	response.status(201).json({ added: distinctIds.length });
});

app.get('/carts/:userId', async (request, response) => {
	const found = await database.query<{ productId: number; quantity: number }>(ITEMS, [request.params.userId]);
	const items: CartItem[] = [];
	for (const item of found.rows) {
		const price = await database.query<{ priceCents: number }>(PRICE, [item.productId]);
		items.push({ ...item, priceCents: price.rows[0]?.priceCents ?? 0 });
	}
	const totalCents = items.reduce((sum, item) => sum + item.quantity * item.priceCents, 0);
	response.json({ items, totalCents });
});

app.post('/carts/:userId/clear', async (request, response) => {
	await database.query(CLEAR, [request.params.userId]);
	response.json({ cleared: true });
});

serve(app, () => database.end());

/** Products, out of a database of its own. */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hands a rejection to the error handler */
import { createApp, HttpError, openDatabase, serve } from '../service.ts';
import type { Product } from '../shop-types.ts';

const COLUMNS = `id, title, category, price_cents AS "priceCents"`;
const LIST = `SELECT ${COLUMNS} FROM products ORDER BY id LIMIT $1`;
const ONE = `SELECT ${COLUMNS} FROM products WHERE id = $1`;
const SEARCH = `SELECT ${COLUMNS} FROM products WHERE title ILIKE $1 ORDER BY price_cents LIMIT 20`;
const maxListed = 50;

const database = openDatabase();
const app = createApp();

app.get('/products', async (request, response) => {
	const limit = Math.min(Number(request.query['limit']) || maxListed, maxListed);
	response.json((await database.query<Product>(LIST, [limit])).rows);
});

app.get('/products/:id', async (request, response) => {
	const id = Number(request.params.id);
	const product = Number.isInteger(id) ? (await database.query<Product>(ONE, [id])).rows[0] : undefined;
	if (product === undefined) throw new HttpError(404, `there is no product ${request.params.id}`);
	response.json(product);
});

app.get('/search', async (request, response) => {
	const words = request.query['q'];
	if (typeof words !== 'string') throw new HttpError(400, 'q is missing: what is searched for');
	response.json((await database.query<Product>(SEARCH, [`%${words}%`])).rows);
});

serve(app, () => database.end());

/** The storefront: what a browser talks to. */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hands a rejection to the error handler */
import { trace } from '@opentelemetry/api';
import { call, createApp, HttpError, serve, setting } from '../service.ts';
import type { Cart, Product, Visitor } from '../shop-types.ts';

const app = createApp();
/** Products of the front page, off and on, and after how many seconds it is switched. */
const longFrontPage = { off: 12, on: 24, afterSeconds: 90 };

// Who asks is known here alone; on the span, every trace can be found by customer.
app.use((request, _response, next) => {
	const visitor = visitorOf(request.headers);
	trace.getActiveSpan()?.setAttributes({
		'user.id': visitor.userId,
		'session.id': visitor.sessionId,
		'customer.tier': visitor.tier,
	});
	next();
});

app.get('/', async (_request, response) => {
	const limit = longFrontPage[flag('long-front-page')];
	response.json(await call<Product[]>(`${setting('CATALOG_URL')}/products?limit=${limit}`));
});

/** Switched while the demo runs; the span says which variant it was given, as OpenFeature's hooks would. */
function flag(key: string): 'off' | 'on' {
	const variant = process.uptime() < longFrontPage.afterSeconds ? 'off' : 'on';
	const attributes = { 'feature_flag.key': key, 'feature_flag.result.variant': variant };
	trace.getActiveSpan()?.addEvent('feature_flag.evaluation', attributes);
	return variant;
}

app.get('/products/:id', async (request, response) => {
	const id = encodeURIComponent(request.params.id);
	const [product, stock] = await Promise.all([
		call<Product>(`${setting('CATALOG_URL')}/products/${id}`),
		call<{ available: number }>(`${setting('INVENTORY_URL')}/stock/${id}`),
	]);
	response.json({ ...product, available: stock.available });
});

app.get('/search', async (request, response) => {
	const words = request.query['q'];
	if (typeof words !== 'string') throw new HttpError(400, 'q is missing: what is searched for');
	response.json(await call<Product[]>(`${setting('CATALOG_URL')}/search?q=${encodeURIComponent(words)}`));
});

app.post('/cart/items', async (request, response) => {
	const { userId } = visitorOf(request.headers);
	response.json(await call(`${setting('CART_URL')}/carts/${userId}/items`, request.body));
});

app.get('/cart', async (request, response) => {
	const { userId } = visitorOf(request.headers);
	response.json(await call<Cart>(`${setting('CART_URL')}/carts/${userId}`));
});

app.post('/checkout', async (request, response) => {
	const visitor = visitorOf(request.headers);
	response.status(201).json(await call(`${setting('CHECKOUT_URL')}/orders`, visitor));
});

function visitorOf(headers: Record<string, string | string[] | undefined>): Visitor {
	const text = (name: string): string => String(headers[name] ?? 'unknown');
	return { userId: text('x-user-id'), sessionId: text('x-session-id'), tier: text('x-customer-tier') };
}

serve(app);

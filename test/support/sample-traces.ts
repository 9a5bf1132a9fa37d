import type { DrawnSpan } from './trace-spans.ts';

const MS = 1e6;
const HTTP = 1;
const DB = 2;
const RPC = 3;
const MESSAGING = 4;

/** A checkout that fails: nine services, an N+1, a retry, a slow clock, a lost parent. Times in milliseconds. */
export function checkoutTrace(): DrawnSpan[] {
	const spans: DrawnSpan[] = [];
	const add = (
		parent: bigint | undefined,
		service: string,
		name: string,
		from: number,
		to: number,
		more: Partial<DrawnSpan> = {},
	): bigint => {
		const id = (BigInt(spans.length + 1) * 0x1f3d_5b79_97a5_c3e1n) & 0xffff_ffff_ffff_ffffn;
		spans.push({
			id,
			...(parent !== undefined && { parent }),
			service,
			name,
			start: Math.round(from * MS),
			end: Math.round(to * MS),
			...more,
		});
		return id;
	};
	const root = add(undefined, 'shop/frontend', 'POST /checkout', 0, 1842.3, {
		kind: 'server',
		type: HTTP,
		httpStatus: 500,
		error: true,
		statusCode: 2,
		events: 1,
	});
	add(root, 'shop/frontend', 'middleware session', 1.2, 9.8);
	const call = add(root, 'shop/frontend', 'POST', 12, 1830, {
		kind: 'client',
		type: HTTP,
		httpStatus: 500,
		error: true,
	});
	const checkout = add(call, 'shop/checkout', 'POST /api/checkout', 14.1, 1828.4, {
		kind: 'server',
		type: HTTP,
		httpStatus: 500,
		error: true,
		links: 1,
	});
	const cart = add(checkout, 'shop/checkout', 'oteldemo.CartService/GetCart', 18, 61, { kind: 'client', type: RPC });
	const cartServer = add(cart, 'shop/cart', 'oteldemo.CartService/GetCart', 22, 58, { kind: 'server', type: RPC });
	add(cartServer, 'shop/cart', 'HGETALL cart:{id}', 25, 29.2, { kind: 'client', type: DB });
	const prices = add(cartServer, 'shop/cart', 'resolve prices', 30, 56);
	add(prices, 'shop/cart', 'SELECT products', 31, 54, { kind: 'client', type: DB });
	const reserve = add(checkout, 'shop/checkout', 'reserve stock', 64, 612);
	const inventory = add(reserve, 'shop/inventory', 'POST /reserve', 70, 604, {
		kind: 'server',
		type: HTTP,
		httpStatus: 200,
	});
	for (let item = 0; item < 24; item++) {
		add(inventory, 'shop/inventory', 'SELECT stock', 74 + item * 21.6, 74 + item * 21.6 + 17 + (item % 5), {
			kind: 'client',
			type: DB,
		});
	}
	const payment = add(checkout, 'shop/checkout', 'oteldemo.PaymentService/Charge', 618, 1790, {
		kind: 'client',
		type: RPC,
		error: true,
	});
	const charge = add(payment, 'shop/payment', 'oteldemo.PaymentService/Charge', 622, 1786, {
		kind: 'server',
		type: RPC,
		error: true,
		statusCode: 2,
		events: 2,
	});
	add(charge, 'shop/payment', 'validate card', 624, 641);
	add(charge, 'shop/payment', 'POST api.stripe.test', 645, 1146, {
		kind: 'client',
		type: HTTP,
		httpStatus: 504,
		error: true,
		events: 1,
	});
	add(charge, 'shop/payment', 'backoff', 1146, 1271);
	add(charge, 'shop/payment', 'POST api.stripe.test', 1272, 1776, {
		kind: 'client',
		type: HTTP,
		httpStatus: 504,
		error: true,
		events: 1,
	});
	const publish = add(checkout, 'shop/checkout', 'orders publish', 1794, 1801, { kind: 'producer', type: MESSAGING });
	const consume = add(publish, 'shop/mailer', 'orders process', 1840, 1985, { kind: 'consumer', type: MESSAGING });
	add(consume, 'shop/mailer', 'render template', 1846, 1902);
	add(consume, 'shop/mailer', 'POST smtp relay', 1904, 1980, { kind: 'client', type: HTTP, httpStatus: 202 });
	const recommend = add(checkout, 'shop/checkout', 'GET /recommendations', 66, 150, {
		kind: 'client',
		type: HTTP,
		httpStatus: 200,
	});
	const model = add(recommend, 'shop/recommender', 'GET /recommendations', 20, 98, {
		kind: 'server',
		type: HTTP,
		httpStatus: 200,
	});
	add(model, 'shop/recommender', 'chat gpt-4o-mini', 25, 92, { kind: 'client', type: 5 });
	add(0xdead_beefn, 'shop/fraud', 'score order', 300, 342, { kind: 'server', type: RPC });
	return spans;
}

/** `count` spans over services and depths, the same ones every time. */
export function largeTrace(count: number): DrawnSpan[] {
	let seed = 42;
	const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
	const spans: DrawnSpan[] = [
		{ id: 1n, start: 0, end: 60_000 * MS, service: 'batch', name: 'nightly import', kind: 'server' },
	];
	for (let index = 1; index < count; index++) {
		const parentIndex = Math.max(0, index - 1 - Math.floor(random() * Math.min(index, 40)));
		const parent = spans[parentIndex];
		if (parent === undefined) break;
		const room = parent.end - parent.start;
		const start = Math.floor(parent.start + room * random() * 0.7);
		const end = Math.floor(start + (parent.end - start) * (0.2 + random() * 0.7));
		const service = `service-${Math.floor(random() * 18)}`;
		const isQuery = random() < 0.2;
		spans.push({
			id: BigInt(index + 1),
			parent: parent.id,
			start,
			end,
			service,
			name: isQuery ? 'SELECT rows' : `step ${index % 97}`,
			...(isQuery && { type: DB, kind: 'client' as const }),
			error: random() < 0.01,
		});
	}
	return spans;
}

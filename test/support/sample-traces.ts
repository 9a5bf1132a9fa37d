import type { DrawnSpan } from './trace-spans.ts';

const MS = 1e6;
const HTTP = 1;
const DB = 2;
const RPC = 3;
const MESSAGING = 4;
const GENAI = 5;

type Add = (
	parent: bigint | undefined,
	service: string,
	name: string,
	fromMs: number,
	toMs: number,
	more?: Partial<DrawnSpan>,
) => bigint;

/** A checkout that fails: nine services, an N+1, a retry, a slow clock, a lost parent. */
export function checkoutTrace(): DrawnSpan[] {
	const spans: DrawnSpan[] = [];
	const add: Add = (parent, service, name, fromMs, toMs, more) => {
		// An odd factor gives every span a different id that looks like one.
		const id = (BigInt(spans.length + 1) * 0x1f3d_5b79_97a5_c3e1n) & 0xffff_ffff_ffff_ffffn;
		const times = { start: Math.round(fromMs * MS), end: Math.round(toMs * MS) };
		spans.push({ id, ...(parent !== undefined && { parent }), service: `shop/${service}`, name, ...times, ...more });
		return id;
	};
	const failed = { type: HTTP, httpStatus: 500, error: true };
	const root = add(undefined, 'frontend', 'POST /checkout', 0, 1842.3, {
		...failed,
		kind: 'server',
		statusCode: 2,
		events: 1,
	});
	add(root, 'frontend', 'middleware session', 1.2, 9.8);
	const call = add(root, 'frontend', 'POST', 12, 1830, { ...failed, kind: 'client' });
	const checkout = add(call, 'checkout', 'POST /api/checkout', 14.1, 1828.4, { ...failed, kind: 'server', links: 1 });
	drawCart(add, checkout);
	drawStock(add, checkout);
	drawPayment(add, checkout);
	drawMail(add, checkout);
	drawRecommendations(add, checkout);
	add(0xdead_beefn, 'fraud', 'score order', 300, 342, { kind: 'server', type: RPC });
	return spans;
}

function drawCart(add: Add, checkout: bigint): void {
	const call = add(checkout, 'checkout', 'oteldemo.CartService/GetCart', 18, 61, { kind: 'client', type: RPC });
	const cart = add(call, 'cart', 'oteldemo.CartService/GetCart', 22, 58, { kind: 'server', type: RPC });
	add(cart, 'cart', 'HGETALL cart:{id}', 25, 29.2, { kind: 'client', type: DB });
	const prices = add(cart, 'cart', 'resolve prices', 30, 56);
	add(prices, 'cart', 'SELECT products', 31, 54, { kind: 'client', type: DB });
}

function drawStock(add: Add, checkout: bigint): void {
	const reserve = add(checkout, 'checkout', 'reserve stock', 64, 612);
	const server = add(reserve, 'inventory', 'POST /reserve', 70, 604, { kind: 'server', type: HTTP, httpStatus: 200 });
	for (let item = 0; item < 24; item++) {
		const from = 74 + item * 21.6;
		add(server, 'inventory', 'SELECT stock', from, from + 17 + (item % 5), { kind: 'client', type: DB });
	}
}

function drawPayment(add: Add, checkout: bigint): void {
	const name = 'oteldemo.PaymentService/Charge';
	const call = add(checkout, 'checkout', name, 618, 1790, { kind: 'client', type: RPC, error: true });
	const server = { kind: 'server', type: RPC, error: true, statusCode: 2, events: 2 } as const;
	const charge = add(call, 'payment', name, 622, 1786, server);
	const timeout = { kind: 'client', type: HTTP, httpStatus: 504, error: true, events: 1 } as const;
	add(charge, 'payment', 'validate card', 624, 641);
	add(charge, 'payment', 'POST api.stripe.test', 645, 1146, timeout);
	add(charge, 'payment', 'backoff', 1146, 1271);
	add(charge, 'payment', 'POST api.stripe.test', 1272, 1776, timeout);
}

function drawMail(add: Add, checkout: bigint): void {
	const publish = add(checkout, 'checkout', 'orders publish', 1794, 1801, { kind: 'producer', type: MESSAGING });
	const consume = add(publish, 'mailer', 'orders process', 1840, 1985, { kind: 'consumer', type: MESSAGING });
	add(consume, 'mailer', 'render template', 1846, 1902);
	add(consume, 'mailer', 'POST smtp relay', 1904, 1980, { kind: 'client', type: HTTP, httpStatus: 202 });
}

/** The recommender's clock is 46 ms behind. */
function drawRecommendations(add: Add, checkout: bigint): void {
	const answered = { type: HTTP, httpStatus: 200 };
	const call = add(checkout, 'checkout', 'GET /recommendations', 66, 150, { ...answered, kind: 'client' });
	const server = add(call, 'recommender', 'GET /recommendations', 20, 98, { ...answered, kind: 'server' });
	add(server, 'recommender', 'chat gpt-4o-mini', 25, 92, { kind: 'client', type: GENAI });
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

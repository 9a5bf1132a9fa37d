/** Deterministic traffic of a shop of 40 services: the shapes, names and lengths that instrumentation libraries send. */

/** mulberry32: small, fast and the same everywhere. */
export function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b_79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

export type Value = string | number | boolean;

export interface TrafficSpan {
	trace: number;
	/** Place in its request: what its id is made from. */
	id: number;
	parent: number | undefined;
	service: number;
	name: string;
	kind: number;
	/** Nanoseconds before the request is sent. */
	startBefore: number;
	endBefore: number;
	attributes: Record<string, Value>;
	failed: boolean;
}

const DOMAINS = [
	'cart',
	'checkout',
	'payment',
	'catalog',
	'search',
	'shipping',
	'account',
	'pricing',
	'review',
	'stock',
];
const ROLES = ['api', 'worker', 'gateway', 'store'];

interface TrafficService {
	name: string;
	attributes: Record<string, Value>;
	/** Half of the services run older instrumentation. */
	usesOldNames: boolean;
}

export const SERVICES: readonly TrafficService[] = DOMAINS.flatMap((domain, i) =>
	ROLES.map((role, j) => ({
		name: `${domain}-${role}`,
		usesOldNames: (i + j) % 2 === 1,
		attributes: {
			'service.name': `${domain}-${role}`,
			'service.namespace': 'shop',
			'service.version': `1.${i}.${j}`,
			'service.instance.id': `${domain}-${role}-7d9f8b6c5-x${i}${j}`,
			'deployment.environment.name': 'production',
			'k8s.pod.name': `${domain}-${role}-7d9f8b6c5-x${i}${j}`,
			'telemetry.sdk.language': 'nodejs',
			'telemetry.sdk.name': 'opentelemetry',
			'telemetry.sdk.version': '2.6.0',
		},
	})),
);

type Shape = (
	service: TrafficService,
	pick: (count: number) => number,
) => Pick<TrafficSpan, 'name' | 'kind' | 'attributes'>;

const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT'];
const RESOURCES = ['orders', 'products', 'users', 'carts', 'payments', 'shipments'];
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0', 'okhttp/4.12.0', 'axios/1.12.2'];

const httpServer: Shape = ({ usesOldNames, name }, pick) => {
	const method = METHODS[pick(METHODS.length)] ?? 'GET';
	const resource = RESOURCES[pick(RESOURCES.length)] ?? 'orders';
	const route = `/api/v1/${resource}/:id`;
	const path = `/api/v1/${resource}/${pick(1_000_000)}`;
	const agent = AGENTS[pick(AGENTS.length)] ?? '';
	const host = `${name}.shop.svc`;
	const attributes: Record<string, Value> = usesOldNames
		? {
				'http.method': method,
				'http.target': path,
				'http.route': route,
				'http.status_code': 200,
				'net.host.name': host,
				'net.host.port': 8080,
				'http.scheme': 'http',
				'http.user_agent': agent,
			}
		: {
				'http.request.method': method,
				'url.path': path,
				'http.route': route,
				'http.response.status_code': 200,
				'server.address': host,
				'server.port': 8080,
				'url.scheme': 'http',
				'user_agent.original': agent,
			};
	return { name: `${method} ${route}`, kind: 2, attributes };
};

const httpClient: Shape = ({ usesOldNames }, pick) => {
	const method = METHODS[pick(METHODS.length)] ?? 'GET';
	const host = `${SERVICES[pick(SERVICES.length)]?.name ?? ''}.shop.svc`;
	const url = `http://${host}:8080/api/v1/${RESOURCES[pick(RESOURCES.length)] ?? ''}/${pick(1_000_000)}`;
	const attributes: Record<string, Value> = usesOldNames
		? { 'http.method': method, 'http.url': url, 'http.status_code': 200, 'net.peer.name': host, 'net.peer.port': 8080 }
		: {
				'http.request.method': method,
				'url.full': url,
				'http.response.status_code': 200,
				'server.address': host,
				'server.port': 8080,
			};
	return { name: method, kind: 3, attributes };
};

const TABLES = ['orders', 'order_items', 'products', 'customers', 'payments', 'stock_levels'];

const database: Shape = ({ usesOldNames, name }, pick) => {
	const table = TABLES[pick(TABLES.length)] ?? 'orders';
	const sql = `SELECT id, status, total FROM ${table} WHERE customer_id = $1 AND status = $2 LIMIT 50`;
	const host = `${name}-pg.shop.svc`;
	const attributes: Record<string, Value> = usesOldNames
		? {
				'db.system': 'postgresql',
				'db.name': 'shop',
				'db.operation': 'SELECT',
				'db.sql.table': table,
				'db.statement': sql,
				'net.peer.name': host,
				'net.peer.port': 5432,
			}
		: {
				'db.system.name': 'postgresql',
				'db.namespace': 'shop',
				'db.operation.name': 'SELECT',
				'db.collection.name': table,
				'db.query.text': sql,
				'server.address': host,
				'server.port': 5432,
			};
	return { name: `SELECT ${table}`, kind: 3, attributes };
};

const cache: Shape = (_, pick) => ({
	name: 'GET',
	kind: 3,
	attributes: {
		'db.system.name': 'redis',
		'db.operation.name': 'GET',
		'db.query.text': `GET session:${pick(100_000)}`,
		'server.address': 'redis.shop.svc',
		'server.port': 6379,
	},
});

const RPC_METHODS = ['GetPrice', 'ListPrices', 'Reserve', 'Release'];

const rpc: Shape = ({ usesOldNames }, pick) => {
	const method = RPC_METHODS[pick(RPC_METHODS.length)] ?? '';
	const attributes: Record<string, Value> = usesOldNames
		? {
				'rpc.system': 'grpc',
				'rpc.service': 'shop.pricing.v1.Prices',
				'rpc.method': method,
				'rpc.grpc.status_code': 0,
				'net.peer.name': 'pricing-api.shop.svc',
			}
		: {
				'rpc.system.name': 'grpc',
				'rpc.method': `shop.pricing.v1.Prices/${method}`,
				'rpc.response.status_code': 'OK',
				'server.address': 'pricing-api.shop.svc',
			};
	return { name: `shop.pricing.v1.Prices/${method}`, kind: 3, attributes };
};

const messaging: Shape = ({ usesOldNames }, pick) => {
	const topic = `shop.${RESOURCES[pick(RESOURCES.length)] ?? ''}.events`;
	const attributes: Record<string, Value> = usesOldNames
		? {
				'messaging.system': 'kafka',
				'messaging.operation': 'publish',
				'messaging.destination': topic,
				'messaging.kafka.partition': pick(12),
			}
		: {
				'messaging.system': 'kafka',
				'messaging.operation.type': 'send',
				'messaging.operation.name': 'send',
				'messaging.destination.name': topic,
				'messaging.destination.partition.id': String(pick(12)),
			};
	return { name: `send ${topic}`, kind: 4, attributes };
};

const internal: Shape = (_, pick) => ({
	name: `OrderService.${['validate', 'applyDiscounts', 'reserveStock', 'render'][pick(4)] ?? ''}`,
	kind: 1,
	attributes: {
		'thread.id': pick(64),
		'thread.name': `worker-${pick(64)}`,
		'code.function.name': 'com.shop.order.OrderService.validate',
		'app.customer.tier': ['basic', 'silver', 'gold'][pick(3)] ?? '',
		'app.discount.ratio': pick(100) / 100,
		'app.cache.hit': pick(2) === 1,
	},
});

/** How often each shape comes, in parts of 20. */
const MIX: readonly Shape[] = [
	...Array.from({ length: 6 }, () => httpServer),
	...Array.from({ length: 4 }, () => httpClient),
	...Array.from({ length: 4 }, () => database),
	...Array.from({ length: 2 }, () => cache),
	rpc,
	messaging,
	...Array.from({ length: 2 }, () => internal),
];

/** Spans of whole traces of 8 to 60 spans (the last one may be cut), with parents before their children. */
export function makeTraffic(spanCount: number, random: () => number): TrafficSpan[] {
	const pick = (count: number): number => Math.floor(random() * count);
	const spans: TrafficSpan[] = [];
	for (let trace = 0; spans.length < spanCount; trace++) {
		const first = spans.length;
		const size = Math.min(8 + pick(53), spanCount - first);
		for (let i = 0; i < size; i++) spans.push(makeSpan(spans, first, trace, pick));
	}
	return spans;
}

function makeSpan(
	spans: readonly TrafficSpan[],
	first: number,
	trace: number,
	pick: (count: number) => number,
): TrafficSpan {
	const id = spans.length;
	const parent = id === first ? undefined : spans[first + pick(id - first)];
	const service = parent === undefined || pick(3) === 0 ? pick(SERVICES.length) : parent.service;
	const shape = parent === undefined ? httpServer : (MIX[pick(MIX.length)] ?? internal);
	const owner = SERVICES[service] ?? { name: '', attributes: {}, usesOldNames: false };
	const { name, kind, attributes } = shape(owner, pick);
	const startBefore = parent === undefined ? 200_000_000 + pick(800_000_000) : parent.startBefore - pick(1000);
	const room = parent === undefined ? startBefore : startBefore - parent.endBefore;
	const endBefore = startBefore - Math.max(1, Math.floor(room * (0.2 + pick(700) / 1000)));
	return {
		trace,
		id,
		parent: parent?.id,
		service,
		name,
		kind,
		startBefore,
		endBefore,
		attributes,
		failed: pick(50) === 0,
	};
}

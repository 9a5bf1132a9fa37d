import type { Filled } from './fill.ts';

/** One thing that is asked of the API. `turn` is another number each time, for questions whose answer must not be a cached one. */
export interface Question {
	name: string;
	targetMs?: number;
	ask: (filled: Filled, turn: number) => { path: string; body?: unknown };
	/** Throws when the answer isn't one: a fast nothing would be no figure. */
	check?: (answer: Readonly<Record<string, unknown>>) => void;
}

const hourMs = 3_600_000;
const service = 'shop/cart-api';

const last = ({ toMs }: Filled, hours: number): string => `from=${toMs - hours * hourMs}&to=${toMs}`;
const get = (path: string, filled: Filled, hours: number, parameters: Record<string, string> = {}) => ({
	path: `${path}?${last(filled, hours)}&${new URLSearchParams(parameters).toString()}`,
});
const traces = (q: string, hours: number, sort = '-end'): Question['ask'] => (filled) =>
	get('/traces', filled, hours, { q, sort, limit: '20' }); // prettier-ignore

const seriesBy = (key: string): Question['ask'] => ({ toMs }) => ({
	path: '/series',
	body: { query: '', spans: 'all', measure: 'p95', by: [key], from: Math.ceil(toMs - 24 * hourMs), to: toMs },
}); // prettier-ignore

const slowAgainstRest = ({ toMs }: Filled, hours: number) => ({
	path: '/difference',
	body: { query: '', selection: { minNano: 100_000_000 }, from: Math.ceil(toMs - hours * hourMs), to: toMs },
});

function some(list: string): NonNullable<Question['check']> {
	return (answer) => {
		const found = answer[list];
		if (!Array.isArray(found) || found.length === 0) throw new Error(`there is nothing in ${list}`);
	};
}

/** Those that the page asks for without being told otherwise. */
const usualFacets = 'service,error,operation,http.response.status_code,kind,status,db.system.name,env,version';
const ofCart = 'service:shop/cart-api';
const cartOperation = `${ofCart} operation:"GET /api/v1/orders/:id" duration>20ms`;

/** The questions of a developer on call, and how long each may take with ten million spans. Add yours. */
export const QUESTIONS: readonly Question[] = [
	{
		name: 'trace by id, no time given',
		targetMs: 15,
		ask: ({ traceIds }, turn) => ({ path: `/traces/${traceIds[turn % traceIds.length] ?? ''}` }),
	},
	{ name: 'newest 20 traces, 1 h', targetMs: 25, ask: traces('', 1), check: some('traces') },
	{
		name: 'service, operation, duration, 1 h',
		targetMs: 25,
		ask: traces(cartOperation, 1),
		check: some('traces'),
	},
	{ name: 'newest 20 traces, 24 h', targetMs: 60, ask: traces('', 24), check: some('traces') },
	{
		name: 'service, operation, duration, 24 h',
		targetMs: 60,
		ask: traces(cartOperation, 24),
		check: some('traces'),
	},
	{
		name: 'slowest 20 traces of a service, 24 h',
		targetMs: 60,
		ask: traces(ofCart, 24, '-duration'),
		check: some('traces'),
	},
	{
		name: 'slowest 20 spans of a service, 24 h',
		targetMs: 60,
		ask: (filled) => get('/spans', filled, 24, { q: ofCart, sort: '-duration', limit: '20' }),
		check: some('spans'),
	},
	{
		name: 'attribute = rare value, 24 h',
		targetMs: 50,
		ask: (filled) => get('/spans', filled, 24, { q: `app.order.id:${filled.rareValue}`, limit: '20' }),
		check: some('spans'),
	},
	{
		name: 'promoted attribute > number, 24 h',
		targetMs: 50,
		ask: (filled) => get('/spans', filled, 24, { q: `${ofCart} http.response.status_code>=200`, limit: '20' }),
		check: some('spans'),
	},
	{
		name: 'any other attribute > number, 24 h',
		targetMs: 300,
		ask: (filled) => get('/spans', filled, 24, { q: 'app.discount.ratio>0.98', limit: '20' }),
		check: some('spans'),
	},
	{
		name: 'free text, 24 h',
		targetMs: 300,
		ask: (filled) => get('/spans', filled, 24, { q: filled.rareValue, limit: '20' }),
		check: some('spans'),
	},
	{ name: 'services, 24 h', targetMs: 50, ask: (filled) => get('/services', filled, 24), check: some('services') },
	{ name: 'services, 1 h', targetMs: 50, ask: (filled) => get('/services', filled, 1), check: some('services') },
	{
		name: 'operations of a service, 24 h',
		targetMs: 50,
		ask: (filled) => get('/operations', filled, 24, { service }),
		check: some('operations'),
	},
	{
		name: 'red of a service, 24 h',
		targetMs: 50,
		ask: (filled) => get('/red', filled, 24, { service }),
		check: some('points'),
	},
	{
		name: 'red of a service, 7 days',
		targetMs: 50,
		ask: (filled) => get('/red', filled, 7 * 24, { service }),
		check: some('points'),
	},
	{
		name: 'heatmap of everything, 24 h',
		targetMs: 150,
		ask: (filled) => get('/latency-histogram', filled, 24),
		check: some('points'),
	},
	{
		name: 'heatmap of a service that fails, 24 h',
		targetMs: 150,
		ask: (filled) => get('/latency-histogram', filled, 24, { q: `${ofCart} error:true` }),
		check: some('points'),
	},
	{
		name: 'heatmap of a promoted attribute, 24 h',
		targetMs: 150,
		ask: (filled) => get('/latency-histogram', filled, 24, { q: 'db.system.name:postgresql' }),
		check: some('points'),
	},
	{
		name: 'heatmap of any other attribute, 24 h',
		targetMs: 500,
		ask: (filled) => get('/latency-histogram', filled, 24, { q: 'app.customer.tier:gold' }),
		check: some('points'),
	},
	{
		name: 'p95 by service, 24 h',
		ask: seriesBy('service'),
		check: some('series'),
	},
	{
		name: 'p95 by operation, 24 h',
		ask: seriesBy('operation'),
		check: some('series'),
	},
	{
		name: 'p95 by a promoted attribute, 24 h',
		ask: seriesBy('http.route'),
		check: some('series'),
	},
	{
		name: 'p95 by any other attribute, 24 h',
		ask: seriesBy('app.customer.tier'),
		check: some('series'),
	},
	{
		name: 'structural search, 1 h',
		targetMs: 300,
		ask: traces('{service:shop/cart-api} >> {type:db duration>100ms}', 1),
		check: some('traces'),
	},
	{
		name: 'structural search, 24 h',
		targetMs: 1_500,
		ask: traces('{service:shop/cart-api} >> {type:db duration>100ms}', 24),
		check: some('traces'),
	},
	{
		name: 'facets beside a search, 1 h',
		targetMs: 50,
		ask: (filled) => get('/attributes/facets', filled, 1, { q: ofCart, keys: usualFacets }),
		check: some('facets'),
	},
	{
		name: 'facets beside a search, 24 h',
		ask: (filled) => get('/attributes/facets', filled, 24, { q: ofCart, keys: usualFacets }),
		check: some('facets'),
	},
	{ name: 'service map, 24 h', ask: (filled) => get('/service-map', filled, 24), check: some('edges') },
	{
		name: 'completion of keys, 24 h',
		targetMs: 50,
		ask: (filled) => get('/attributes/keys', filled, 24, { prefix: 'http' }),
		check: some('keys'),
	},
	{
		name: 'completion of values, 24 h',
		targetMs: 50,
		ask: (filled) => get('/attributes/http.route/values', filled, 24, { prefix: '/api' }),
		check: some('values'),
	},
	{
		name: 'what is different about what is slow, a million spans',
		targetMs: 1_000,
		ask: (filled) => slowAgainstRest(filled, (24 * 1_000_000) / Math.max(filled.spans, 1_000_000)),
		check: some('attributes'),
	},
	{
		name: 'what is different about what is slow, all spans of 24 h',
		ask: (filled) => slowAgainstRest(filled, 24),
		check: some('attributes'),
	},
	{
		name: 'critical path over many traces, 24 h',
		targetMs: 1_000,
		ask: (filled) => get('/operations/critical-path', filled, 24, { service, operation: 'GET /api/v1/orders/:id' }),
	},
	{ name: 'instances of a service, 24 h', ask: (filled) => get('/instances', filled, 24, { service }) },
	{
		name: 'first and last sight of operations, all that is kept',
		ask: (filled) => get('/operations/seen', filled, 24, { service }),
		check: some('operations'),
	},
];

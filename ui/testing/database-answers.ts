import { mapWindow } from './map-answers.ts';
import { queryGroup } from './query-group.ts';
import type { QueriesAnswer, QueryAnswer } from '../../schema/api-database.ts';

const quantiles = { p50Nano: 2e6, p95Nano: 9e6, p99Nano: 40e6 };
const MS = 1e6;
const repeats = { parents: 120, calls: 25_680, mostRepeats: 214, busyNano: 96e9 };

export const queriesAnswer = (facts: Partial<QueriesAnswer> = {}): QueriesAnswer => ({
	window: mapWindow,
	stepMs: 120_000,
	totalNano: 1e12,
	systems: ['postgresql', 'redis'],
	queries: [
		queryGroup('SELECT stock', { text: 'SELECT qty FROM stock WHERE sku = ?', repeats }),
		queryGroup('UPDATE cart', {
			fingerprint: '00000000000000b2',
			calls: 900,
			errors: 45,
			totalNano: 200e9,
			shareRatio: 0.2,
			services: ['shop/cart', 'shop/checkout'],
			servicesOf: 2,
			rows: { calls: 30, returned: 450, most: 40 },
		}),
		queryGroup('GET', {
			fingerprint: '00000000000000c3',
			text: '',
			system: 'redis',
			namespace: '',
			totalNano: 9e9,
			shareRatio: 0.009,
			services: ['shop/cart'],
			servicesOf: 1,
			rows: null,
		}),
	],
	...facts,
});

const trace = { traceId: 'a'.repeat(32), service: 'shop/inventory', endMs: mapWindow.toMs - 1000 };

const samples: QueryAnswer['samples'] = [
	{ ...trace, why: 'slowest', spanId: '1'.repeat(16), durationNano: 3.4e9 },
	{ ...trace, why: 'median', spanId: '2'.repeat(16), durationNano: 2 * MS },
	{ ...trace, why: 'failed', spanId: '3'.repeat(16), durationNano: 90 * MS },
];

const repeated: QueryAnswer['repeated'] = [
	{
		...trace,
		parentSpanId: '4'.repeat(16),
		operation: 'POST /reserve',
		repeats: 214,
		busyNano: 800 * MS,
		totalNano: 800 * MS,
		pattern: 'sequential',
	},
	{
		...trace,
		parentSpanId: '5'.repeat(16),
		operation: 'handler',
		repeats: 12,
		busyNano: 90 * MS,
		totalNano: 700 * MS,
		pattern: 'parallel',
	},
	{
		...trace,
		parentSpanId: '6'.repeat(16),
		operation: 'handler',
		repeats: 9,
		busyNano: 80 * MS,
		totalNano: 80 * MS,
		pattern: 'interleaved',
	},
];

const numbers = (calls: number, totalNano: number) => ({ calls, errors: 6, totalNano, ...quantiles });

export const callers: QueryAnswer['callers'] = [
	{
		service: 'shop/inventory',
		...numbers(36_000, 380e9),
		operations: [
			{
				operation: 'POST /reserve',
				...numbers(30_000, 360e9),
				functions: [
					{ function: 'repo.findStock', file: 'src/repo.ts', line: 88, ...numbers(20_000, 300e9) },
					{ function: 'repo.findStock', file: 'src/repo.ts', line: 97, ...numbers(9000, 50e9) },
				],
				of: 3,
			},
			{ operation: '', ...numbers(6000, 20e9), functions: [], of: 0 },
		],
		of: 6,
	},
	{
		service: 'shop/cart',
		...numbers(900, 20e9),
		operations: [{ operation: 'GET /cart/{id}', ...numbers(900, 20e9), functions: [], of: 0 }],
		of: 1,
	},
];

const together: QueryAnswer['together'] = [
	queryGroup('SELECT product', { fingerprint: '00000000000000d4' }),
	queryGroup('GET', { fingerprint: '00000000000000c3', text: '', system: 'redis', namespace: '' }),
].map(({ fingerprint, system, namespace, summary, text, query }, index) => {
	const group = { fingerprint, system, namespace, summary, text, query };
	return { ...group, traces: 4812 - 2000 * index, besideTraces: 1200, calls: 9000 + index };
});

const requestRepeats: QueryAnswer['requestRepeats'] = [
	{
		service: 'shop/inventory',
		operation: 'POST /reserve',
		requests: 120,
		p50Repeats: 180,
		p95Repeats: 214,
		mostRepeats: 214,
		p50SavedNano: 800 * MS,
	},
];

export function queryAnswer(facts: Partial<QueryAnswer> = {}): QueryAnswer {
	const {
		points: _,
		shareRatio: __,
		before: ___,
		...query
	} = queryGroup('SELECT stock', {
		text: 'SELECT s.qty, p.name FROM stock AS s JOIN product AS p ON p.id = s.product WHERE s.sku = $1 AND p.live ORDER BY s.qty LIMIT ?',
		errors: 36,
		repeats,
	});
	return {
		window: mapWindow,
		stepMs: 60_000,
		query,
		points: Array.from({ length: 60 }, (_, i) => ({
			tMs: mapWindow.fromMs + i * 60_000,
			requests: 600 + i,
			errors: i % 3,
			...quantiles,
		})),
		traces: 4812,
		callers,
		callersOf: 2,
		names: [
			{ attribute: 'db.query.text', isOld: false, calls: 35_600, services: ['shop/inventory'], of: 1 },
			{ attribute: 'db.statement', isOld: true, calls: 400, services: ['shop/legacy'], of: 1 },
			{ attribute: 'db.system.name', isOld: false, calls: 36_000, services: ['shop/inventory', 'shop/legacy'], of: 2 },
		],
		together,
		togetherOf: 14,
		requestRepeats,
		samples,
		repeated,
		...facts,
	};
}

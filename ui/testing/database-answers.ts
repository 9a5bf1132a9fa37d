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
		}),
		queryGroup('GET', {
			fingerprint: '00000000000000c3',
			text: '',
			system: 'redis',
			namespace: '',
			totalNano: 9e9,
			shareRatio: 0.009,
			services: ['shop/cart'],
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

export function queryAnswer(facts: Partial<QueryAnswer> = {}): QueryAnswer {
	const {
		points: _,
		shareRatio: __,
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
		rows: { spans: 20_000, averageRows: 1.4, mostRows: 90 },
		callers: [
			{
				service: 'shop/inventory',
				operation: 'POST /reserve',
				calls: 30_000,
				errors: 30,
				totalNano: 360e9,
				...quantiles,
			},
			{ service: 'shop/inventory', operation: '', calls: 6000, errors: 6, totalNano: 40e9, ...quantiles },
		],
		samples,
		repeated,
		...facts,
	};
}

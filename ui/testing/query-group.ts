import type { QueryGroup } from '../../schema/api-database.ts';

const MS = 1e6;
const quantiles = { p50Nano: 2 * MS, p95Nano: 9 * MS, p99Nano: 40 * MS };

export const queryGroup = (summary: string, facts: Partial<QueryGroup> = {}): QueryGroup => ({
	fingerprint: '00c0ffee00c0ffee',
	system: 'postgresql',
	namespace: 'shop',
	summary,
	text: `${summary} WHERE id = ?`,
	calls: 36_000,
	errors: 0,
	totalNano: 400e9,
	...quantiles,
	before: { calls: 30_000, errors: 0, p50Nano: 2 * MS, p95Nano: 9 * MS, p99Nano: 25 * MS },
	shareRatio: 0.4,
	services: ['shop/inventory'],
	servicesOf: 1,
	rows: { calls: 20_000, returned: 28_000, most: 90 },
	repeats: null,
	points: Array.from({ length: 30 }, (_, i) => (10 + (i % 7)) * 1e9),
	query: 'type:db db.query.fingerprint:"00c0ffee00c0ffee"',
	...facts,
});

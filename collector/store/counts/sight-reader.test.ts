import { expect, test } from 'vitest';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { createSightReader } from './sight-reader.ts';

const window = { fromMs: 0, toMs: 10_000 };
const scope = { project: 'default', window };

/** Environments by table, and what was asked: whether spans were read. */
async function asked(mark: Partial<DerivedMark>, column: 'environment' | 'service_namespace' = 'environment') {
	const reads: string[] = [];
	const clickhouse = {
		rows: (sql: string) => {
			const readsSpans = /FROM spans/.test(sql);
			reads.push(readsSpans ? 'all' : 'seen');
			return Promise.resolve((readsSpans ? ['production', 'staging'] : ['production']).map((value) => ({ value })));
		},
	} as unknown as ClickHouse;
	const whole = { writer: '', derivedTo: 1, waitingFromMs: 5_000, environmentsWaiting: () => undefined, ...mark };
	const sight = createSightReader(clickhouse, () => whole as unknown as DerivedMark);
	return { values: await sight.values(scope, column), reads };
}

test.each<[string, Partial<DerivedMark>, string[], string[]]>([
	['nothing waits', { waitingFromMs: Infinity }, ['production'], ['seen']],
	['what waits ended behind the window', { waitingFromMs: 10_000 }, ['production'], ['seen']],
	['what waits has no other', { environmentsWaiting: () => new Set(['production']) }, ['production'], ['seen']],
	[
		'what waits may have another',
		{ environmentsWaiting: () => new Set(['production', 'staging']) },
		['production', 'staging'],
		['seen', 'all'],
	],
	['of what waits nothing is known', {}, ['production', 'staging'], ['all']],
])('spans are read for environments only where they may tell a new one: %s', async (_, mark, values, reads) => {
	expect(await asked(mark)).toEqual({ values, reads });
});

test('of namespaces nothing is known beforehand', async () => {
	const { reads } = await asked({ environmentsWaiting: () => new Set(['production']) }, 'service_namespace');
	expect(reads).toEqual(['all']);
});

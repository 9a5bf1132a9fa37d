/** What is read of a long window, whose whole partitions are told by their parts, is what plain loops count in it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFacets } from '../../../collector/analysis/facet-plan.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { wholePartitions } from '../../../collector/store/whole-partitions.ts';
import { readKeyList } from '../../../schema/query-edit.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import type { Query } from '../../../schema/query-syntax.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, serviceOf, tracesOf, within } from './oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 16, 20);
const random = randomNumbers(63);
const spans = randomSpans({ seed: 61, count: 2_500, endMs, withinMs: 13 * hourMs });

/** Some as they come, and some that begin or end where partitions do. */
const windows = [
	{ fromMs: endMs - 12 * hourMs, toMs: endMs - 600_000 },
	{ fromMs: Date.UTC(2026, 10, 20, 6), toMs: Date.UTC(2026, 10, 20, 15) },
	{ fromMs: Date.UTC(2026, 10, 20, 6, 0, 0, 1), toMs: Date.UTC(2026, 10, 20, 14, 59, 59, 999) },
	...Array.from({ length: 3 }, () => {
		const fromMs = endMs - Math.floor((7 + 5 * random()) * hourMs);
		return { fromMs, toMs: fromMs + Math.floor((6 + random()) * hourMs) };
	}),
];
const scopes = windows.flatMap((window): WindowScope[] => [
	{ project: 'default', window },
	{ project: 'default', window, environment: 'production' },
]);

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	for (let from = 0; from < spans.length; from += 500) await store.writer.append(spanBlock(spans.slice(from, from + 500)));
	// What others have in the same partitions of time is in none of these figures.
	await store.writer.append(spanBlock(randomSpans({ seed: 62, count: 400, endMs, withinMs: 13 * hourMs }), 'other'));
}); // prettier-ignore
afterAll(() => store[Symbol.asyncDispose]());

const inScope = ({ window, environment }: WindowScope): PlainSpan[] =>
	spans.filter(
		(span) => within(window, span) && (environment === undefined || span.resource?.environment === environment),
	);

function parsed(text: string): Query {
	const query = parseQuery(text);
	if (query.kind === 'error') throw new Error(query.message);
	return query.query;
}
function compiled(text: string, prefix?: string): CompiledQuery {
	const query = compileQuery(parsed(text), prefix);
	if ('kind' in query) throw new Error(query.message);
	return query;
}
const countedBy = (of: readonly PlainSpan[], value: (span: PlainSpan) => string): Record<string, number> =>
	Object.fromEntries([...Map.groupBy(of, value)].map(([name, some]) => [name, some.length]));

test('the case is one: each window has whole partitions, and spans of them as well as around them', () => {
	for (const window of windows) {
		const whole = wholePartitions(window);
		expect(spans.filter((span) => whole !== undefined && within(whole, span)).length).toBeGreaterThan(200);
	}
	const whole = wholePartitions(windows[0]!)!;
	expect(spans.filter((span) => within(windows[0]!, span) && !within(whole, span)).length).toBeGreaterThan(200);
});

test('facets', async () => {
	for (const scope of scopes) {
		const plan = planFacets(parsed('error:true'), readKeyList('service') ?? []);
		if (plan.kind !== 'plan') throw new Error(plan.kind);
		const [facet] = (await store.facets.facets(scope, plan.groups, 100, '')).facets;
		const expected = countedBy(
			inScope(scope).filter((span) => span.error === true),
			serviceOf,
		);
		expect(Object.fromEntries(facet?.values.map(({ value, spans }) => [value, spans]) ?? [])).toEqual(expected);
	}
});

test('what is different', async () => {
	for (const scope of scopes) {
		const query = compiled('kind!=internal');
		const found = await store.difference.compare(scope, query, { query: compiled('error:true', 's'), minNano: 1_000 });
		const all = inScope(scope).filter(({ kind }) => kind !== 1);
		const selected = all.filter((span) => span.error === true && durationOf(span) >= 1_000);
		expect([found.matching, found.selected, found.rest]).toEqual([
			all.length,
			selected.length,
			all.length - selected.length,
		]);
		const services = found.keys.find(({ key }) => key === 'service')?.values ?? [];
		expect(Object.fromEntries(services.map((one) => [one.value, one.selected + one.rest]))).toEqual(
			countedBy(all, serviceOf),
		);
	}
});

test('spans that critical paths begin with', async () => {
	for (const scope of scopes) {
		const all = inScope(scope).filter(
			(span) => span.resource?.service === 'cart' && span.operation === 'GET /a' && durationOf(span) > 0,
		);
		const band = { fromNano: 1, toNano: 1e15 };
		const [found] = await store.operationPaths.choose(scope, { service: 'cart' }, 'GET /a', [band], 1_000);
		expect(found?.of).toBe(all.length);
		expect(found?.chosen.map(({ spanId }) => spanId).sort()).toEqual(all.map(({ spanId }) => spanId).sort());
		const { slow } = await store.operationPaths.bounds(scope, { service: 'cart' }, 'GET /a');
		expect(slow.toNano).toBe(Math.max(...all.map(durationOf)));
	}
});

test('the slowest and the earliest traces, page by page, with their figures', async () => {
	for (const scope of scopes) {
		const matching = new Set(
			inScope(scope)
				.filter((span) => span.resource?.service === 'cart')
				.map(({ traceId }) => traceId),
		);
		const around = { fromMs: scope.window.fromMs - hourMs, toMs: scope.window.toMs + hourMs };
		const seen = spans.filter((span) => matching.has(span.traceId) && within(around, span));
		const bounds = tracesOf(seen).map(({ traceId, spans }) => {
			const start = spans.reduce((least, { startUnixNano }) => (startUnixNano < least ? startUnixNano : least), 2n ** 64n);
			const end = spans.reduce((most, span) => {
				const ended = span.startUnixNano + BigInt(durationOf(span));
				return ended > most ? ended : most;
			}, 0n);
			return { traceId, start, nano: end - start };
		}); // prettier-ignore
		const sorted = {
			'-duration': bounds.toSorted((a, b) => (a.nano === b.nano ? (a.traceId < b.traceId ? 1 : -1) : a.nano < b.nano ? 1 : -1)),
			start: bounds.toSorted((a, b) => (a.start === b.start ? (a.traceId < b.traceId ? -1 : 1) : a.start < b.start ? -1 : 1)),
		}; // prettier-ignore
		for (const sort of ['-duration', 'start'] as const) {
			const shown: string[] = [];
			let cursor: string | undefined;
			do {
				const page = { sort, limit: 100, ...(cursor === undefined ? {} : { cursor }) };
				const found = await store.search.traces(scope, compiled('service:cart'), page);
				shown.push(...found.traces.map(({ traceId }) => traceId));
				cursor = found.nextCursor;
			} while (cursor !== undefined);
			expect(shown).toEqual(sorted[sort].map(({ traceId }) => traceId));
		}
		const { traces } = await store.search.traces(scope, compiled('service:cart'), { sort: '-duration', limit: 100 });
		expect(traces.map(({ durationNano }) => durationNano)).toEqual(
			sorted['-duration'].slice(0, 100).map(({ nano }) => Number(nano)),
		);
	}
});

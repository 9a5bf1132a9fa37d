/** Queries that look at other spans of a trace are read in slices, too, and find what plain loops find, page by page. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import { ReadBudget } from '../../../collector/store/read-budget.ts';
import type { SearchReader, WindowScope } from '../../../collector/store/reader-types.ts';
import { createSearchReader } from '../../../collector/store/search/search-reader.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { timeMs, within } from '../store/oracle.ts';
import { search } from './search-oracle.ts';
import type { SearchedSpan } from './search-oracle.ts';
import { openSearchStore } from './search-store.ts';
import type { SearchStore } from './search-store.ts';

const minuteMs = 60_000;
const endMs = Date.UTC(2026, 10, 20, 15, 2, 0, 500);
const window = { fromMs: endMs - 600 * minuteMs, toMs: endMs };
const scope: WindowScope = { project: 'default', window };
const around = { fromMs: window.fromMs - 60 * minuteMs, toMs: window.toMs + 60 * minuteMs };

/** Some spans of a trace ended long before or after the others, in other slices and beyond the window. */
const random = randomNumbers(72);
const made = randomSpans({ seed: 71, count: 1_600, endMs: endMs + 30 * minuteMs, withinMs: 720 * minuteMs });
const plain = made.map((span): PlainSpan => {
	if (random() < 0.7 || span.endUnixNano <= span.startUnixNano || span.timeUnixMs === undefined) return span;
	const byMs = Math.floor((random() - 0.5) * 100 * minuteMs);
	const byNano = BigInt(byMs) * 1_000_000n;
	const { startUnixNano, endUnixNano, timeUnixMs } = span;
	return { ...span, startUnixNano: startUnixNano + byNano, endUnixNano: endUnixNano + byNano, timeUnixMs: timeUnixMs + byMs };
}); // prettier-ignore

const queries = [
	'{service:cart} >> {kind:client}',
	'{error:true} >> {service:shop/cart OR service:payment}',
	'{service:cart} << {kind:server}',
	'{kind:server} > {service:cart}',
	'{kind:server} !>> {service:cart}',
	'{kind:server} !> {service:cart}',
	'{service:cart} < {error:true}',
	'{service:cart} !< {error:true}',
	'{service:cart} ~ {kind:client}',
	'{service:cart} && {error:true} && {kind:client}',
	'({service:cart} > {error:true}) || ({service:payment} >> {kind:client})',
	'{service:cart} | count() > 2',
	'service:cart trace.spans>6',
	'trace.errors>3',
	'kind:client -trace.spans>4',
	'(error:true OR trace.spans>10) service:cart',
];

let store: SearchStore;
let reader: SearchReader;
let spans: SearchedSpan[];
beforeAll(async () => {
	store = await openSearchStore(16);
	for (let from = 0; from < plain.length; from += 400) await store.insert(plain.slice(from, from + 400));
	spans = await store.asStored(plain);
	reader = createSearchReader(store.clickhouse, new ReadBudget(store.clickhouse));
}, 60_000);
afterAll(() => store.close());
afterEach(() => vi.restoreAllMocks());

function parsed(text: string) {
	const query = parseQuery(text);
	if (query.kind === 'error') throw new Error(`${text}: ${query.message}`);
	return query.query;
}
function compiled(text: string) {
	const query = compileQuery(parsed(text));
	if ('kind' in query) throw new Error(query.message);
	return query;
}

/** Spans that match, the newest first. */
function matches(text: string, { environment }: WindowScope = scope): SearchedSpan[] {
	const ids = new Set(
		search(
			parsed(text),
			spans.filter((span) => within(around, span)),
		),
	);
	return spans
		.filter(
			(span) =>
				ids.has(span.spanId) &&
				within(window, span) &&
				(environment === undefined || span.resource?.environment === environment),
		)
		.toSorted((a, b) => timeMs(b) - timeMs(a) || (a.traceId + a.spanId < b.traceId + b.spanId ? 1 : -1));
}
/** Traces by their newest span that matches. */
function matchingTraces(text: string, of?: WindowScope): string[] {
	const newest = [...Map.groupBy(matches(text, of), ({ traceId }) => traceId)].map(([traceId, [first]]) => ({
		traceId,
		atMs: timeMs(first!),
	}));
	return newest.toSorted((a, b) => b.atMs - a.atMs || (a.traceId < b.traceId ? 1 : -1)).map(({ traceId }) => traceId);
}

async function pages(what: 'traces' | 'spans', text: string, limit: number, of: WindowScope = scope) {
	const shown: string[] = [];
	let cursor: string | undefined;
	do {
		const page = { sort: '-end', limit, ...(cursor === undefined ? {} : { cursor }) } as const;
		if (what === 'traces') {
			const found = await reader.traces(of, compiled(text), page);
			shown.push(...found.traces.map(({ traceId }) => traceId));
			cursor = found.nextCursor;
		} else {
			const found = await reader.spans(of, compiled(text), page);
			shown.push(...found.spans.map(({ spanId }) => spanId));
			cursor = found.nextCursor;
		}
	} while (cursor !== undefined);
	return shown;
}

const sliceOf = (parameters: unknown) => (parameters as { sliceFromMs?: number }).sliceFromMs;

test('the case is one: each query matches some spans of some traces, in many slices', () => {
	for (const text of queries) {
		const found = matches(text);
		expect(found.length, text).toBeGreaterThan(20);
		expect(found.length, text).toBeLessThan(spans.length / 2);
		expect(timeMs(found[0]!) - timeMs(found.at(-1)!), text).toBeGreaterThan(300 * minuteMs);
	}
});

test.each(queries)('pages of "%s" join, by traces and by spans', { timeout: 60_000 }, async (text) => {
	expect(await pages('traces', text, 60)).toEqual(matchingTraces(text));
	expect(await pages('spans', text, 130)).toEqual(matches(text).map(({ spanId }) => spanId));
});

test('an environment is kept to, though other spans of a trace may have run elsewhere', async () => {
	const of = { ...scope, environment: 'production' };
	const text = '{service:cart} >> {kind:client}';
	expect(await pages('traces', text, 13, of)).toEqual(matchingTraces(text, of));
});

test('a page of what is frequent reads the newest part of the window, and of traces that can match', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const text = '{kind:server} !>> {service:cart}';
	const found = await reader.traces(scope, compiled(text), { sort: '-end', limit: 10 });
	expect(found.traces.map(({ traceId }) => traceId)).toEqual(matchingTraces(text).slice(0, 10));
	const asked = rows.mock.calls.filter(([, parameters]) => sliceOf(parameters) !== undefined);
	expect(asked.length).toBeGreaterThan(0);
	for (const [sql, parameters] of asked) {
		expect(sliceOf(parameters)).toBeGreaterThan(window.fromMs + 240 * minuteMs);
		expect(sql).toContain('AND trace_id IN (SELECT trace_id FROM spans WHERE');
	}
});

test('links may lead to any trace: of them all of the window is read', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	await reader.spans(scope, compiled('{service:cart} -> {kind:client}'), { sort: '-end', limit: 10 });
	expect(rows.mock.calls.map(([, parameters]) => sliceOf(parameters)).filter((from) => from !== undefined)).toEqual([
		window.fromMs,
	]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import { SearchTraces } from '../../../collector/jobs/search-traces.ts';
import { silentLog } from '../../../collector/log.ts';
import { openIssueSearch } from '../../../collector/open-issue-search.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { shuffled, timeMs, within } from '../store/oracle.ts';
import { compiled, openIssueStore } from './issue-store.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 1, 30);
const stepMs = 300_000;
let store: Awaited<ReturnType<typeof openIssueStore>>;
const issueSearch = openIssueSearch(silentLog);
beforeAll(async () => {
	store = await openIssueStore();
});
afterAll(async () => {
	await issueSearch.close();
	await store.close();
});

const [SERVER, CLIENT] = [SPAN_KINDS.indexOf('server'), SPAN_KINDS.indexOf('client')];
const random = randomNumbers(11);
const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');

interface Call {
	atMs: number;
	takesMs: number;
	query?: string;
	url?: string;
	error?: boolean;
}

/** A request of a service that makes calls, and takes as long as said. */
function request(
	service: string,
	operation: string,
	startMs: number,
	takesMs: number,
	calls: readonly Call[],
): PlainSpan[] {
	const traceId = hex(32);
	const root = hex(16);
	const nano = (ms: number) => BigInt(startMs) * 1_000_000n + BigInt(Math.round(ms * 1e6));
	const resource = { service, namespace: 'shop', environment: 'prod', version: 'v1' };
	return [
		{ traceId, spanId: root, startUnixNano: nano(0), endUnixNano: nano(takesMs), kind: SERVER, operation, resource },
		...calls.map(({ atMs, takesMs: long, query, url, error }): PlainSpan => ({
			traceId,
			spanId: hex(16),
			parentSpanId: root,
			startUnixNano: nano(atMs),
			endUnixNano: nano(atMs + long),
			kind: CLIENT,
			resource,
			...(error === undefined ? {} : { error }),
			...(query === undefined
				? {
						type: SPAN_TYPES.indexOf('http'),
						operation: 'GET prices',
						promoted: { 'http.request.method': 'GET', 'server.address': 'prices', 'url.path': new URL(url!).pathname },
						attributes: [['url.full', { stringValue: url! }]],
					}
				: {
						type: SPAN_TYPES.indexOf('db'),
						operation: query.split(' ')[0]!,
						promoted: { 'db.query.text': query, 'db.system.name': 'postgresql' },
						query: { text: query.replaceAll(/\$?\d+/g, '?'), fingerprint: 1n },
					}),
		})),
	];
}

const series = (count: number, of: (index: number) => Call): Call[] => Array.from({ length: count }, (_, i) => of(i));
const select = (index: number): Call => ({
	atMs: index * 20,
	takesMs: 20,
	query: `SELECT * FROM item WHERE id = $${index}`,
});

async function found(project: string, window = { fromMs: endMs - 3 * hourMs, toMs: endMs + hourMs }) {
	const { groups } = await store.issues.issues({ project, window }, stepMs);
	return groups.map(({ kind, operation, title, count, traces, wastedNano, samples }) => ({
		kind,
		operation,
		title,
		count,
		traces,
		wastedMs: wastedNano / 1e6,
		spans: samples.map(({ spans }) => spans),
	}));
}

/** A search whose time is in the test's hands. */
function searchAt(nowMs: () => number): SearchTraces {
	return new SearchTraces({ table: store.findingTable, search: issueSearch, clock: nowMs });
}
async function searchAll(search: SearchTraces): Promise<void> {
	while (await search.step()) continue;
}

test('counts, traces and wasted time equal a count by hand, however the spans came', async () => {
	const requests = Array.from({ length: 120 }, (_, index) => {
		const startMs = endMs - Math.floor(random() * 2 * hourMs) - 60_000;
		const calls = 5 + (index % 9);
		const kind = index % 4;
		const spans = [
			() => request('cart', 'GET /cart', startMs, calls * 20, series(calls, select)),
			() => request('cart', 'GET /cart', startMs, 80, series(4, select)),
			() =>
				request(
					'cart',
					'POST /order',
					startMs,
					400,
					series(3, (i) => ({ atMs: i * 130, takesMs: 100, url: 'http://prices/rates/eur' })),
				),
			() => request('web', 'GET /', startMs, 1_000, [{ atMs: 5, takesMs: 20, query: 'SELECT 1' }]),
		][kind]!();
		return { spans, kind, calls, rootMs: timeMs(spans[0]!) };
	});
	const pieces = shuffled(
		requests.flatMap(({ spans }) => [...spans, ...spans.slice(0, 2)]),
		random,
	);
	for (let at = 0; at < pieces.length; at += 250) await store.write('counted', pieces.slice(at, at + 250));
	await store.derive();
	let nowMs = endMs;
	const search = searchAt(() => nowMs);
	await searchAll(search);
	expect(await found('counted')).toEqual([]);
	expect(search.state()).toEqual({ tracesAnalysed: 0, tracesSkipped: 0, tracesWaiting: 120 });
	nowMs += 30_000;
	await searchAll(search);
	expect(search.state()).toEqual({ tracesAnalysed: 120, tracesSkipped: 0, tracesWaiting: 0 });
	const windows = [
		{ fromMs: endMs - 3 * hourMs, toMs: endMs + hourMs },
		{ fromMs: endMs - hourMs, toMs: endMs - 600_000 },
	];
	for (const window of windows) {
		const inWindow = (kind: number) => requests.filter((one) => one.kind === kind && within(window, one.spans[0]!));
		const sums = (kind: number, wastedMs: (calls: number) => number) => ({
			count: inWindow(kind).length,
			traces: inWindow(kind).length,
			wastedMs: inWindow(kind).reduce((total, { calls }) => total + wastedMs(calls), 0),
		});
		const newest = inWindow(0).sort((a, b) => b.rootMs - a.rootMs);
		expect((await found('counted', window)).sort((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
			{ kind: 'gap', operation: 'GET /', title: 'between SELECT and the end', ...sums(3, () => 975), spans: [0, 0, 0] },
			{
				kind: 'n-plus-one',
				operation: 'GET /cart',
				title: 'SELECT * FROM item WHERE id = ?',
				...sums(0, (calls) => (calls - 1) * 20),
				spans: newest.slice(0, 3).map(({ calls }) => calls),
			},
			{
				kind: 'repeated-calls',
				operation: 'POST /order',
				title: 'GET prices/rates/eur',
				...sums(2, () => 200),
				spans: [3, 3, 3],
			},
		]);
	}
});

test('what is different: the spans of an operation in the traces of an issue, and those in others', async () => {
	const fast = Array.from({ length: 30 }, (_, i) => request('cart', 'GET /basket', endMs - i * 1_000, 60, [select(0)]));
	const slow = Array.from({ length: 12 }, (_, i) =>
		request('cart', 'GET /basket', endMs - i * 1_000, 200, series(7 + (i % 2), select)),
	);
	const gaps = [request('cart', 'GET /gap', endMs, 1_000, [{ atMs: 5, takesMs: 20, query: 'SELECT 1' }])];
	await store.write('told apart', [...fast, ...slow, ...gaps].flat());
	// A trace of that id in another project has nothing to do with it.
	await store.write('beside it', [slow[0]![0]!]);
	await store.derive();
	let nowMs = endMs + hourMs;
	const search = searchAt(() => nowMs);
	await searchAll(search);
	nowMs += 30_000;
	await searchAll(search);
	const scope = { project: 'told apart', window: { fromMs: endMs - hourMs, toMs: endMs + hourMs } };
	const { groups } = await store.issues.issues(scope, stepMs);
	const idOf = (kind: string) => groups.find((group) => group.kind === kind)!.issueId;
	const [loop, gap] = [idOf('n-plus-one'), idOf('gap')];
	const idsOf = (traces: PlainSpan[][]) => traces.map(([root]) => root!.traceId).sort();
	expect(await store.tracesOf(scope, `trace.issue:${loop}`)).toEqual(idsOf(slow));
	expect(await store.tracesOf(scope, `trace.issue:(${loop} OR ${gap})`)).toEqual(idsOf([...slow, ...gaps]));
	expect(await store.tracesOf(scope, `-trace.issue:${loop}`)).toEqual(idsOf([...fast, ...gaps]));
	expect(await store.tracesOf(scope, `trace.issue!=${loop}`)).toEqual(idsOf(gaps));
	expect(await store.tracesOf(scope, `has:trace.issue trace.spans>8`)).toEqual(
		idsOf(slow.filter((spans) => spans.length > 8)),
	);
	expect(await store.tracesOf(scope, `{service:cart} trace.issue:${gap.slice(0, 15)}*`)).toEqual(idsOf(gaps));
	expect(await store.tracesOf({ ...scope, project: 'beside it' }, '')).toEqual(idsOf([slow[0]!]));
	expect(await store.tracesOf({ ...scope, project: 'beside it' }, `trace.issue:${loop}`)).toEqual([]);
	const { selected, rest, keys } = await store.difference.compare(scope, compiled('operation:"GET /basket"'), {
		query: compiled(`trace.issue:${loop}`, 's'),
	});
	expect({ selected, rest }).toEqual({ selected: slow.length, rest: fast.length });
	expect(keys.find(({ key }) => key === 'duration')).toBeDefined();
});

test('late spans: a trace is searched again as a whole, what is no longer so is gone, and doing it twice changes nothing', async () => {
	const loop = request('cart', 'GET /late', endMs, 200, series(7, select));
	const gap = request('web', 'GET /gap', endMs, 1_000, [
		{ atMs: 5, takesMs: 20, query: 'SELECT 1' },
		{ atMs: 30, takesMs: 960, query: 'INSERT INTO a VALUES (1)' },
	]);
	let nowMs = endMs + hourMs;
	const search = searchAt(() => nowMs);
	await store.write('late', [...loop.slice(0, 5), ...gap.slice(0, 2)]);
	await store.derive();
	await searchAll(search);
	nowMs += 30_000;
	await searchAll(search);
	expect(await found('late')).toMatchObject([{ kind: 'gap' }]);
	// The rest comes, long afterwards.
	await store.write('late', [...loop.slice(5), ...gap.slice(2)]);
	await store.derive();
	nowMs += 3 * hourMs;
	await searchAll(search);
	nowMs += 30_000;
	await searchAll(search);
	const expected = [{ kind: 'n-plus-one', operation: 'GET /late', count: 1, traces: 1, wastedMs: 120, spans: [7] }];
	expect(await found('late')).toMatchObject(expected);
	const scope = { project: 'late', window: { fromMs: endMs - hourMs, toMs: endMs + hourMs } };
	expect(await store.tracesOf(scope, 'has:trace.issue')).toEqual([loop[0]!.traceId]);

	// A process that starts anew, and one that begins from the first commit as after a crash before anything was noted.
	const again = new SearchTraces({
		table: { ...store.findingTable, progress: async () => 0 },
		search: issueSearch,
		clock: () => nowMs,
	});
	await searchAll(again);
	nowMs += 30_000;
	await searchAll(again);
	expect(again.state().tracesAnalysed).toBeGreaterThan(2);
	expect(await found('late')).toMatchObject(expected);
	await store.clickhouse.command('OPTIMIZE TABLE spanhouse.performance_findings FINAL');
	expect(await found('late')).toMatchObject(expected);
	const noted = await store.findingTable.progress();
	expect(noted).toBe(store.findingTable.storedTo());
	const next = searchAt(() => nowMs);
	await searchAll(next);
	expect(next.state()).toEqual({ tracesAnalysed: 0, tracesSkipped: 0, tracesWaiting: 0 });
});

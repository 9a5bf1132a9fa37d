import { afterAll, beforeAll, expect, test } from 'vitest';
import { SearchTraces } from '../../../collector/jobs/search-traces.ts';
import type { SearchJob } from '../../../collector/jobs/search-traces.ts';
import { silentLog } from '../../../collector/log.ts';
import { openIssueSearch } from '../../../collector/open-issue-search.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openIssueStore } from './issue-store.ts';

const endMs = Date.UTC(2026, 10, 20, 1, 30);
const inPlace = openIssueSearch(silentLog, Infinity);
const inThread = openIssueSearch(silentLog, 0);
let store: Awaited<ReturnType<typeof openIssueStore>>;
beforeAll(async () => {
	store = await openIssueStore();
});
afterAll(async () => {
	await Promise.all([inPlace.close(), inThread.close()]);
	await store.close();
});

const traceIds = Array.from({ length: 40 }, (_, at) => (at + 1).toString(16).padStart(32, '0'));
const nano = (ms: number) => BigInt(endMs - 10_000 + ms) * 1_000_000n;
/** A request whose query is repeated `calls` times. */
const request = (traceId: string, calls: number): PlainSpan[] => [
	{
		traceId,
		spanId: '1'.padStart(16, '0'),
		startUnixNano: nano(0),
		endUnixNano: nano(calls * 20),
		operation: 'GET /cart',
	},
	...Array.from({ length: calls }, (_, at): PlainSpan => ({
		traceId,
		spanId: (at + 2).toString(16).padStart(16, '0'),
		parentSpanId: '1'.padStart(16, '0'),
		startUnixNano: nano(at * 20),
		endUnixNano: nano(at * 20 + 15),
		kind: SPAN_KINDS.indexOf('client'),
		type: SPAN_TYPES.indexOf('db'),
		operation: 'SELECT items',
		query: { text: 'SELECT * FROM items WHERE id = ?', fingerprint: 1n },
	})),
];
const read = (limit: number) =>
	store.findingTable.read(
		'searched',
		traceIds.map((traceId) => ({
			project: 'searched',
			traceId,
			fromMs: endMs - 10_000,
			toMs: endMs,
			spans: 1,
			firstCommit: 1,
		})),
		limit,
	);

test('a thread finds what is found in place, and is told when spans are too many', async () => {
	const calls = traceIds.map((_, at) => 2 + (at % 9));
	await store.write(
		'searched',
		traceIds.flatMap((traceId, at) => request(traceId, calls[at] ?? 0)),
	);
	const job = { limit: 1_000, analysedMs: endMs };
	const [placed, threaded] = await Promise.all([
		inPlace.run({ ...job, spans: await read(1_000) }),
		inThread.run({ ...job, spans: await read(1_000) }),
	]);
	expect(placed?.traces).toBe(40);
	// Five calls of one query are the least that is told of.
	const repeated = traceIds.filter((_, at) => (calls[at] ?? 0) >= 5);
	expect(placed?.found.map(({ traceId, kind }) => [traceId, kind])).toEqual(repeated.map((id) => [id, 'n-plus-one']));
	expect(threaded).toEqual(placed);
	for (const search of [inPlace, inThread])
		expect(await search.run({ ...job, limit: 100, spans: await read(100) })).toBeUndefined();
});

test('traces whose search was lost are searched again', async () => {
	await store.write('lost', request('f'.repeat(32), 6));
	await store.derive();
	let nowMs = endMs;
	let isLost = true;
	const lossy = {
		run: (job: SearchJob) => (isLost ? Promise.reject(new Error('the thread ended')) : inThread.run(job)),
	};
	const search = new SearchTraces({ table: store.findingTable, search: lossy, clock: () => nowMs });
	const searchAll = async () => {
		while (await search.step()) continue;
	};
	await searchAll();
	nowMs += 60_000;
	await expect(searchAll()).rejects.toThrow('the thread ended');
	expect(await store.findingTable.stored('lost', ['f'.repeat(32)])).toEqual([]);
	isLost = false;
	await searchAll();
	expect(await store.findingTable.stored('lost', ['f'.repeat(32)])).toMatchObject([{ kind: 'n-plus-one', spans: 6 }]);
	expect(search.state().tracesWaiting).toBe(0);
});

test('a step says whether there was more than it took, of whichever project', async () => {
	await store.findingTable.note(store.findingTable.storedTo());
	await store.write('first', request('a'.repeat(32), 5));
	await store.write('second', request('b'.repeat(32), 5));
	await store.derive();
	let nowMs = endMs;
	const search = new SearchTraces({ table: store.findingTable, search: inPlace, clock: () => nowMs });
	// Seen, and not quiet for long enough.
	expect([await search.step(), search.state().tracesWaiting]).toEqual([false, 2]);
	nowMs += 60_000;
	expect(await search.step()).toBe(true);
	expect(search.state()).toMatchObject({ tracesAnalysed: 1, tracesWaiting: 1 });
	expect(await search.step()).toBe(false);
	expect(search.state()).toMatchObject({ tracesAnalysed: 2, tracesWaiting: 0 });
	for (const [project, id] of [
		['first', 'a'],
		['second', 'b'],
	] as const)
		expect(await store.findingTable.stored(project, [id.repeat(32)])).toMatchObject([{ spans: 5 }]);
});

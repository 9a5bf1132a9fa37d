import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TimeWindow } from '../../../schema/api.ts';
import type { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { rowsOfInsert } from '../../../collector/store/derived/insert-rows.ts';
import { throwAwayStore, throwAwayTables } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { shuffled, timeMs } from '../store/oracle.ts';
import { check, openCollector } from './counting-collector.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
let tables: Awaited<ReturnType<typeof throwAwayTables>>;
let clickhouse: ClickHouse;
beforeAll(async () => {
	tables = await throwAwayTables();
	({ clickhouse } = tables);
});
afterAll(() => tables.close());

const nowMs = Date.UTC(2026, 10, 20, 12, 34, 40, 250);
const thisMinuteMs = Math.floor(nowMs / minuteMs) * minuteMs;
const windows: readonly TimeWindow[] = [
	{ fromMs: nowMs - 15 * minuteMs, toMs: nowMs },
	{ fromMs: nowMs - 10 * minuteMs - 1_234, toMs: nowMs - 20_000 },
	{ fromMs: nowMs - 3 * hourMs, toMs: nowMs },
	{ fromMs: thisMinuteMs - 12 * minuteMs, toMs: thisMinuteMs },
	{ fromMs: thisMinuteMs + 5_000, toMs: nowMs },
	{ fromMs: nowMs - 11 * minuteMs, toMs: nowMs + 5 * minuteMs },
];

/** In the order of their ends mostly, some late, some of clocks that are ahead. */
function traffic(seed: number, count: number): PlainSpan[] {
	const random = randomNumbers(seed);
	const spans = randomSpans({ seed, count, endMs: nowMs, withinMs: 40 * minuteMs });
	const ahead = randomSpans({ seed: seed + 1, count: count / 20, endMs: nowMs + 4 * minuteMs, withinMs: 5 * minuteMs });
	const sorted = [...spans, ...ahead].sort((a, b) => timeMs(a) - timeMs(b));
	return sorted
		.map((span) => ({ span, at: timeMs(span) + (random() < 0.1 ? random() * 20 * minuteMs : 0) }))
		.sort((a, b) => a.at - b.at)
		.map(({ span }) => span);
}

test('services are those of all spans, whatever of them is derived, in memory, or neither', async () => {
	const collector = await openCollector(clickhouse, { nowMs });
	const other = await openCollector(clickhouse, { nowMs });
	const projects = ['shop', 'bank'].map((project, at) => ({
		project,
		spans: traffic(50 + at, 800),
		sent: [] as PlainSpan[],
	}));
	let inMemory = 0;
	for (let from = 0; from < 800; from += 100) {
		for (const { project, spans, sent } of projects) {
			const some = spans.slice(from, from + 100);
			const by = from === 300 ? other : collector;
			for (const half of [some.slice(0, 30), some.slice(30)]) await by.append(half, project);
			sent.push(...some);
		}
		if (from === 200 || from === 500) await collector.deriver.settle(20_000);
		// Until then its spans are in whole minutes of nobody's answer.
		if (from === 300) await other.deriver.settle(20_000);
		if (from === 600) await collector.counts.deleting(() => Promise.resolve());
		for (const { project, sent } of projects) {
			for (const window of project === 'shop' ? windows : windows.slice(0, 1))
				await check(collector, { project, window }, sent);
			await check(collector, { project, window: windows[0]!, environment: 'staging' }, sent);
			inMemory += collector.waiting(project).whole.inMemory.length;
		}
	}
	expect(inMemory).toBeGreaterThan(300);
}, 240_000);

test('what is in memory is not counted from spans', async () => {
	const project = 'in memory';
	const collector = await openCollector(clickhouse, { nowMs });
	const window = { fromMs: nowMs - 15 * minuteMs, toMs: nowMs };
	const spans = randomSpans({ seed: 71, count: 600, endMs: nowMs, withinMs: 10 * minuteMs });
	await collector.append(spans.slice(0, 200), project);
	await check(collector, { project, window }, spans.slice(0, 200));
	await collector.append(spans.slice(200, 500), project);
	// Behind everybody's back.
	await clickhouse.mutate('spans', `DELETE WHERE project = '${project}' AND _commit > 1`);
	const total = async () =>
		(await collector.red.services({ project, window }, { stepMs: minuteMs, spans: 'all' })).reduce(
			(sum, row) => sum + row.spans,
			0,
		);
	expect(await total()).toBe(500);
	// As deletions are told.
	await collector.counts.deleting(() => Promise.resolve());
	expect(await total()).toBe(200);
	await collector.append(spans.slice(500), project);
	expect(await total()).toBe(300);
});

test('while inserts and derivations come and go, an answer has each insert of its moment once', async () => {
	const project = 'meanwhile';
	const collector = await openCollector(clickhouse, { nowMs });
	const random = randomNumbers(81);
	const window = { fromMs: nowMs - 15 * minuteMs, toMs: nowMs };
	const spans = randomSpans({ seed: 82, count: 500, endMs: nowMs, withinMs: 4 * minuteMs });
	/** Numbers of spans after each insert: an answer is one of them. */
	const sums = [0];
	let [begun, stored] = [0, 0];
	const state = { isOver: false };
	const appending = async () => {
		for (let from = 0; from < spans.length; begun += 1) {
			const count = 20 + Math.floor(random() * 60);
			const some = spans.slice(from, from + count);
			from += count;
			sums.push(sums.at(-1)! + some.length);
			begun = sums.length - 1;
			await collector.append(some, project);
			stored = begun;
		}
		state.isOver = true;
	};
	const deriving = async () => {
		// A turn in which nothing waits ends at once.
		for (; !state.isOver; await turn()) await collector.deriver.settle(10_000);
	};
	const asked = { inMemory: 0, partly: 0, answers: 0 };
	const asking = async () => {
		while (!state.isOver) {
			const { inMemory, inSpans } = collector.waiting(project).whole;
			asked.inMemory += inMemory.length;
			asked.partly += Number(inMemory.length > 0 && inSpans !== undefined);
			const [least] = [stored];
			const services = await collector.red.services({ project, window }, { stepMs: minuteMs, spans: 'all' });
			const found = services.reduce((sum, row) => sum + row.spans, 0);
			expect(sums.slice(least, begun + 1), `${found} spans`).toContain(found);
			asked.answers += 1;
		}
	};
	await Promise.all([appending(), deriving(), asking(), asking()]);
	expect(asked.answers).toBeGreaterThan(10);
	expect(asked.inMemory).toBeGreaterThan(0);
	await check(collector, { project, window }, spans);
}, 120_000);

test('after a restart, what waited is counted from spans, and what comes is kept', async () => {
	const project = 'restarted';
	const spans = traffic(91, 600);
	const first = await openCollector(clickhouse, { nowMs, isAlone: true });
	await first.append(spans.slice(0, 150), project);
	expect(await first.deriver.settle(20_000)).toBe(true);
	await first.append(spans.slice(150, 300), project);
	await first.deriver.stop();
	const second = await openCollector(clickhouse, { nowMs, writer: first.writer, isAlone: true });
	for (const from of [300, 400, 500]) {
		for (const window of windows) await check(second, { project, window }, spans.slice(0, from));
		await second.append(spans.slice(from, from + 100), project);
		if (from === 400) await second.deriver.settle(20_000);
	}
	for (const window of windows) await check(second, { project, window }, spans.slice(0, 600));
	expect(second.waiting(project).whole.inMemory.length).toBeGreaterThan(0);
});

test('rows of an insert are those that the store makes of its spans', async () => {
	const project = 'as the store';
	const collector = await openCollector(clickhouse, { nowMs });
	const spans = shuffled(
		randomSpans({ seed: 95, count: 3_000, endMs: nowMs, withinMs: 5 * minuteMs }),
		randomNumbers(3),
	);
	await collector.append(spans, project);
	expect(await collector.deriver.settle(20_000)).toBe(true);
	const stored = await clickhouse.rows<Record<string, unknown>>(
		`SELECT service_namespace, service, environment, version, toUnixTimestamp(minute) * 1000 AS minuteMs, entry, error, status_class,
			requests, spans, total_nano, toUnixTimestamp64Milli(first_time) AS firstMs, toUnixTimestamp64Milli(last_time) AS lastMs, buckets, bucket_requests
		FROM service_minutes WHERE project = {project:String}`,
		{ project },
	);
	const rows = (rowsOfInsert([spanBlock(spans, project)]) ?? []).map(({ names, histograms, from, to, ...row }) => ({
		service_namespace: names.namespace,
		service: names.service,
		environment: names.environment,
		version: names.version,
		minuteMs: row.minuteMs,
		entry: row.entry,
		error: row.error,
		status_class: row.statusClass,
		requests: row.requests,
		spans: row.spans,
		total_nano: row.totalNano,
		firstMs: row.firstMs,
		lastMs: row.lastMs,
		buckets: [...histograms.buckets.subarray(from, to)],
		bucket_requests: [...histograms.bucketRequests.subarray(from, to)],
	}));
	const sorted = (of: readonly Record<string, unknown>[]) =>
		of
			.map((row) => ({ ...row, total_nano: Number((row['total_nano'] as number).toPrecision(12)) }))
			.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
	expect(stored.length).toBeGreaterThan(1_000);
	expect(sorted(rows)).toEqual(sorted(stored));
});

test('traces that are deleted, projects and stretches of time that are dropped are gone from what is in memory', async () => {
	await using store = await throwAwayStore({ derive: { intervalMs: 1e9 } });
	const { deletion, projects, partitions } = store.keeping;
	const toMs = Date.now();
	const window = { fromMs: toMs - 15 * minuteMs, toMs };
	const spans = randomSpans({ seed: 99, count: 300, endMs: toMs, withinMs: 5 * minuteMs, traceSpans: 3 });
	const total = async () => {
		const services = await store.red.services({ project: 'default', window }, { stepMs: minuteMs, spans: 'all' });
		return services.reduce((sum, row) => sum + row.spans, 0);
	};
	const append = (from: number, to: number) => store.writer.append(spanBlock(spans.slice(from, to)));
	expect(await total()).toBe(0);
	await append(0, 100);
	expect(await total()).toBe(100);
	const { traceId } = spans[0]!;
	const id = randomUUID();
	await deletion.choose('default', id, { traceIds: [traceId] });
	await deletion.erase('default', id);
	const ofTrace = spans.filter((span) => span.traceId === traceId).length;
	expect(await total()).toBe(100 - ofTrace);
	await append(100, 200);
	expect(await total()).toBe(200 - ofTrace);
	await projects.drop('default');
	expect(await total()).toBe(0);
	await append(200, 300);
	expect(await total()).toBe(100);
	for (const stretch of await partitions.stretches()) await partitions.drop(stretch);
	expect(await total()).toBe(0);
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import {
	derivedParameters,
	derivedRows,
	derivedRowsByHour,
	readWindow,
} from '../../../collector/store/derived/derived-rows.ts';
import type { DerivedTable } from '../../../collector/store/derived/derived-table.ts';
import { Deriver } from '../../../collector/store/derived/deriver.ts';
import type { DerivedMark } from '../../../collector/store/derived/derived-mark.ts';
import type { DeriverOptions } from '../../../collector/store/derived/deriver.ts';
import { EXCEPTIONS } from '../../../collector/store/derived/exceptions.ts';
import { QUERY_MINUTES } from '../../../collector/store/derived/query-minutes.ts';
import { RED_HOURS, RED_MINUTES } from '../../../collector/store/derived/red-minutes.ts';
import { SERVICE_HOURS, SERVICE_MINUTES } from '../../../collector/store/derived/service-minutes.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { migrate, readMigrations } from '../../../collector/store/engine/migrations.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { entrySpans, shuffled, timeMs, weightOf, within } from '../store/oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 2, 34, 56, 789);
const folder = temporaryFolder();
let server: EmbeddedServer;
let clickhouse: ClickHouse;
beforeAll(async () => {
	server = await EmbeddedServer.start(folder.path, silentLog);
	clickhouse = newClient('spanhouse');
	await migrate(clickhouse, readMigrations(), 'test', silentLog);
});
afterAll(async () => {
	await clickhouse.close();
	await server.stop();
	folder.remove();
});

const newClient = (database: string): ClickHouse =>
	new ClickHouse(server.address, { username: 'default', password: '' }, database);

/** Does nothing by itself: `settle` is what makes it derive. */
const openDeriver = (options: Partial<DeriverOptions> = {}): Promise<Deriver> =>
	Deriver.open({
		clickhouse,
		writer: randomUUID(),
		tables: [RED_MINUTES],
		log: silentLog,
		intervalMs: 1e9,
		maxSpans: 200,
		...options,
	});
const writerOf = ({ commits }: Deriver): SpanWriter =>
	new SpanWriter({ clickhouse, untilReady: () => Promise.resolve(), commits });

/** Requests by minute, as readers have them. */
async function requestsByMinute(deriver: Deriver, project: string, window: { fromMs: number; toMs: number }) {
	const mark = deriver.mark('red_minutes');
	const scope = { project, window };
	const rows = derivedRows(RED_MINUTES, 'entry = 1', readWindow(scope, mark, mark));
	const sql = `SELECT toUnixTimestamp(minute) * 1000 AS minuteMs, sum(requests) AS requests, sum(spans) AS spans
		FROM (${rows}) GROUP BY minute ORDER BY minute`;
	return clickhouse.rows(sql, derivedParameters(scope, mark));
}

function expectedByMinute(spans: readonly PlainSpan[], window: { fromMs: number; toMs: number }) {
	const minutes = Map.groupBy(
		entrySpans(spans).filter((span) => within(window, span)),
		(span) => Math.floor(timeMs(span) / 60_000) * 60_000,
	);
	return [...minutes]
		.map(([minuteMs, of]) => ({ minuteMs, requests: weightOf(of), spans: of.length }))
		.sort((a, b) => a.minuteMs - b.minuteMs);
}

const storedRows = async (table: string, project: string): Promise<number> => {
	const [row] = await clickhouse.rows<{ n: number }>(
		`SELECT count() AS n FROM ${table} WHERE project = {project:String}`,
		{ project },
	);
	return row?.n ?? 0;
};

/** Three inserts, of which the first alone is of the first project. */
async function appendOfTwoProjects(deriver: Deriver, projects: readonly [string, string]): Promise<void> {
	const writer = writerOf(deriver);
	const [first, second] = projects;
	for (const [seed, project] of [first, second, second].entries())
		await writer.append(spanBlock(randomSpans({ seed, count: 30, endMs, withinMs: 60_000 }), project));
}
const MINUTES_AT_ONCE = { ...RED_MINUTES, maxSpans: 1_000 };
const HOURS_IN_RANGES = { ...RED_HOURS, maxSpans: 0 };

async function spansByHour(projects: readonly string[]): Promise<unknown[]> {
	const sql = `SELECT project, sum(spans) AS n FROM red_hours WHERE project IN {projects:Array(String)}
		GROUP BY project ORDER BY project`;
	return clickhouse.rows(sql, { projects });
}

test('a table that is made of another ends its ranges where the other does', async () => {
	const marks: number[] = [];
	const crash = async () => void marks.push(deriver.mark('red_hours').derivedTo);
	const deriver = await openDeriver({ tables: [MINUTES_AT_ONCE, HOURS_IN_RANGES], maxSpans: 60, crash });
	await appendOfTwoProjects(deriver, ['a-ends', 'b-ends']);
	expect(await deriver.settle(10_000)).toBe(true);
	expect(new Set(marks)).toEqual(new Set([0]));
	expect(await spansByHour(['a-ends', 'b-ends'])).toEqual([
		{ project: 'a-ends', n: 30 },
		{ project: 'b-ends', n: 60 },
	]);
});

test('a table that is added later has all rows of the one that it is made of, wherever their ranges end', async () => {
	const writer = randomUUID();
	const before = await openDeriver({ writer, tables: [MINUTES_AT_ONCE], maxSpans: 60 });
	await appendOfTwoProjects(before, ['a-later', 'b-later']);
	expect(await before.settle(10_000)).toBe(true);
	await before.stop();
	const after = await openDeriver({ writer, tables: [MINUTES_AT_ONCE, HOURS_IN_RANGES], maxSpans: 60 });
	expect(await after.settle(10_000)).toBe(true);
	expect(await spansByHour(['a-later', 'b-later'])).toEqual([
		{ project: 'a-later', n: 30 },
		{ project: 'b-later', n: 60 },
	]);
	await after.stop();
});

/** Blocks of so many spans each, as they are inserted one by one. */
async function append(writer: SpanWriter, project: string, counts: readonly number[]): Promise<void> {
	for (const [seed, count] of counts.entries())
		await writer.append(spanBlock(randomSpans({ seed, count, endMs, withinMs: 60_000 }), project));
}

test('what is made of another table’s ranges does not wait for a second one, though none is as long as it may be', async () => {
	const deriver = await openDeriver({ tables: [RED_MINUTES, SERVICE_MINUTES] });
	deriver.start();
	await append(writerOf(deriver), 'not-full', [65, 65, 65, 65]);
	await expect.poll(() => deriver.mark('red_minutes').derivedTo).toBe(3);
	await expect.poll(() => deriver.mark('service_minutes').derivedTo).toBe(3);
	await deriver.stop();
});

test('what readers count from spans goes between tables that they don’t', async () => {
	const writer = randomUUID();
	const derived: string[] = [];
	const noting = newClient('spanhouse');
	const derive = noting.derive.bind(noting);
	noting.derive = (sql, parameters, queryId, options) => {
		derived.push(/-derive-(\w+)-/.exec(queryId)?.[1] ?? queryId);
		return derive(sql, parameters, queryId, options);
	};
	const tables = [QUERY_MINUTES, EXCEPTIONS, RED_MINUTES];
	const deriver = await openDeriver({ clickhouse: noting, writer, tables });
	await append(writerOf(deriver), 'between', [200, 200]);
	deriver.start();
	await expect.poll(() => derived).toHaveLength(6);
	expect(derived.slice(0, 4)).toEqual(['query_minutes', 'red_minutes', 'exceptions', 'red_minutes']);
	await deriver.stop();
	await noting.close();
});

test('a window has each span once, however much of it is derived, late spans and cut minutes included', async () => {
	const project = 'halfway';
	const deriver = await openDeriver();
	const writer = writerOf(deriver);
	const spans = randomSpans({ seed: 5, count: 1_500, endMs, withinMs: 4 * hourMs });
	const late = shuffled(spans, randomNumbers(9));
	const windows = [
		{ fromMs: endMs - 4 * hourMs, toMs: endMs },
		{ fromMs: endMs - 90_000, toMs: endMs - 11_000 },
		{ fromMs: endMs - 50_000, toMs: endMs - 20_000 },
		{ fromMs: Date.UTC(2026, 10, 20, 0), toMs: Date.UTC(2026, 10, 20, 1) },
	];
	const sent: PlainSpan[] = [];
	for (let from = 0; from < late.length; from += 250) {
		const some = late.slice(from, from + 250);
		await writer.append(spanBlock(some, project));
		sent.push(...some);
		// Now nothing of it is derived, now all.
		for (const settle of [false, true]) {
			expect(await (settle && from % 500 === 0 ? deriver.settle(10_000) : true)).toBe(true);
			for (const window of windows) {
				expect(await requestsByMinute(deriver, project, window)).toEqual(expectedByMinute(sent, window));
			}
		}
	}
	expect(deriver.state()).toMatchObject({ spansWaiting: 250, failure: null });
	await deriver.settle(10_000);
	expect(deriver.state()).toEqual({ spansWaiting: 0, lagMs: 0, failure: null });
	expect(await storedRows('red_minutes', project)).toBeGreaterThan(100);
});

test('minutes that lie by hour are found by it, in whatever place of a statement', async () => {
	const project = 'found';
	const deriver = await openDeriver({ tables: [RED_MINUTES, SERVICE_MINUTES, SERVICE_HOURS, QUERY_MINUTES] });
	await writerOf(deriver).append(spanBlock(randomSpans({ seed: 8, count: 100, endMs, withinMs: 3 * hourMs }), project));
	await deriver.settle(20_000);
	const scope = { project, window: { fromMs: endMs - 3 * hourMs, toMs: endMs } };
	const [minutes, hours] = [deriver.mark(SERVICE_MINUTES.name), deriver.mark(SERVICE_HOURS.name)];
	const read = readWindow(scope, minutes, hours);
	const sources = [
		[QUERY_MINUTES, derivedRows(QUERY_MINUTES, '1', read)],
		[SERVICE_MINUTES, derivedRows(SERVICE_MINUTES, '1', read)],
		[SERVICE_MINUTES, derivedRowsByHour(SERVICE_HOURS, SERVICE_MINUTES, '1', read)],
	] as const;
	for (const [{ name }, rows] of sources) {
		const plan = await clickhouse.rows<{ explain: string }>(
			`EXPLAIN indexes = 1 SELECT * FROM (${rows})`,
			derivedParameters(scope, minutes, hours),
		);
		const places = plan.map(({ explain }) => explain).join('\n').split('ReadFromMergeTree'); // prettier-ignore
		// Of a place that nothing can be in, no key is asked.
		const asked = places.filter((place) => place.includes(`.${name})`) && place.includes('PrimaryKey'));
		const conditions = asked.map((place) => /Condition: .*/g.exec(place.slice(place.indexOf('PrimaryKey')))?.[0]); // prettier-ignore
		expect(conditions.length).toBeGreaterThan(0);
		for (const condition of conditions) expect(condition).toContain('toStartOfHour(minute) in');
	}
});

test('of the minute in which a window ends, rows up to the first range with a span behind its end count as derived', async () => {
	const project = 'running';
	const deriver = await openDeriver({ maxSpans: 60 });
	const other = await openDeriver();
	const minuteMs = Math.floor(endMs / 60_000) * 60_000;
	// In the order of their ends, but for one whose clock is ahead, in the sixth of ten ranges.
	const spans = randomSpans({ seed: 31, count: 600, endMs, withinMs: endMs - minuteMs }).sort(
		(a, b) => timeMs(a) - timeMs(b),
	);
	spans.splice(330, 0, ...spans.splice(599, 1));
	for (let from = 0; from < 600; from += 60) {
		await writerOf(deriver).append(spanBlock(spans.slice(from, from + 60), project));
	}
	const ofOther = randomSpans({ seed: 32, count: 40, endMs, withinMs: endMs - minuteMs });
	await writerOf(other).append(spanBlock(ofOther, project));
	const ends = [minuteMs, timeMs(spans[45]!), timeMs(spans[400]!), timeMs(spans[599]!), endMs + 1].map((toMs) => ({
		fromMs: endMs - 90_000,
		toMs,
	}));
	const sent = [...spans, ...ofOther];
	for (const isDerived of [false, true]) {
		expect(await (isDerived ? deriver.settle(20_000) : true)).toBe(true);
		for (const window of ends) {
			expect(await requestsByMinute(deriver, project, window)).toEqual(expectedByMinute(sent, window));
		}
	}
	// Rows that only the derived table has show what is counted from it.
	const everySpan = async (window: { fromMs: number; toMs: number }) => {
		const [scope, mark] = [{ project, window }, deriver.mark('red_minutes')];
		const [row] = await clickhouse.rows<{ spans: number }>(
			`SELECT sum(spans) AS spans FROM (${derivedRows(RED_MINUTES, '1', readWindow(scope, mark))})`,
			derivedParameters(scope, mark),
		);
		return row?.spans;
	};
	const before = await Promise.all(ends.map(everySpan));
	await clickhouse.command(
		`INSERT INTO spanhouse.red_minutes SELECT * FROM spanhouse.red_minutes WHERE project = '${project}'`,
	);
	const added = (await Promise.all(ends.map(everySpan))).map((after, at) => (after ?? 0) - (before[at] ?? 0));
	expect(added).toEqual([0, 0, 300, 300, 600]);
});

test('the running minute has each span once after a restart too, of this collector and of others', async () => {
	const project = 'running restarted';
	const writer = randomUUID();
	const minuteMs = 60_000;
	const spans = randomSpans({ seed: 33, count: 400, endMs: endMs + 20_000, withinMs: 50_000 });
	const byEnd = spans.toSorted((a, b) => timeMs(a) - timeMs(b));
	const clock = () => endMs;
	const first = await openDeriver({ writer, clock, isAlone: true, maxSpans: 50 });
	const other = await openDeriver();
	const sent: PlainSpan[] = [];
	const check = async (deriver: Deriver) => {
		for (const toMs of [timeMs(byEnd[99]!), timeMs(byEnd[250]!), endMs + minuteMs]) {
			const window = { fromMs: endMs - 3 * minuteMs, toMs };
			expect(await requestsByMinute(deriver, project, window)).toEqual(expectedByMinute(sent, window));
		}
	};
	const append = async (deriver: Deriver, from: number, to: number) => {
		for (let at = from; at < to; at += 50) {
			await writerOf(deriver).append(spanBlock(byEnd.slice(at, at + 50), project));
			sent.push(...byEnd.slice(at, at + 50));
		}
	};
	await append(first, 0, 150);
	expect(await first.settle(10_000)).toBe(true);
	await append(first, 150, 200);
	await check(first);
	await append(other, 200, 250);
	expect(await other.settle(10_000)).toBe(true);
	await first.stop();
	const second = await openDeriver({ writer, clock, isAlone: true, maxSpans: 50 });
	await check(second);
	expect(await second.settle(10_000)).toBe(true);
	await append(second, 250, 400);
	await check(second);
	expect(await second.settle(10_000)).toBe(true);
	await check(second);
	// Not for nothing: the last minute is taken from ranges where they are known.
	expect(second.mark('red_minutes').lastBefore(endMs + minuteMs)).toBeGreaterThan(3);
	expect(second.mark('red_minutes').lastBefore(endMs - 86_400_000)).toBe(0);
});

test('while what one project stored cannot be derived, the others are counted whole', async () => {
	const good = 'counted meanwhile';
	const bad = 'not derived';
	const client = newClient('spanhouse');
	const derive = client.derive.bind(client);
	client.derive = async (sql, parameters, id) => {
		if (parameters['project'] === bad) throw new Error('memory limit exceeded');
		await derive(sql, parameters, id);
	};
	const deriver = await openDeriver({ clickhouse: client });
	const spans = randomSpans({ seed: 34, count: 200, endMs, withinMs: hourMs });
	for (let from = 0; from < 200; from += 50) {
		await writerOf(deriver).append(spanBlock(spans.slice(from, from + 50), from % 100 === 0 ? good : bad));
	}
	expect(await deriver.settle(1_500)).toBe(false);
	const ofGood = [...spans.slice(0, 50), ...spans.slice(100, 150)];
	const ofBad = [...spans.slice(50, 100), ...spans.slice(150)];
	const window = { fromMs: endMs - 2 * hourMs, toMs: endMs };
	expect(await requestsByMinute(deriver, good, window)).toEqual(expectedByMinute(ofGood, window));
	expect(await requestsByMinute(deriver, bad, window)).toEqual(expectedByMinute(ofBad, window));
	await client.close();
});

test('what an earlier process stored waits since this one began, and no longer once it is derived', async () => {
	const writer = randomUUID();
	const first = await openDeriver({ writer });
	await writerOf(first).append(spanBlock(randomSpans({ seed: 8, count: 50, endMs, withinMs: hourMs }), 'restarted'));
	await first.stop();
	const second = await openDeriver({ writer });
	await expect.poll(() => second.state().lagMs).toBeGreaterThan(0);
	await second.settle(10_000);
	expect(second.state()).toEqual({ spansWaiting: 0, lagMs: 0, failure: null });
});

const hourly = [
	{ of: 'operations', minutes: RED_MINUTES, hours: RED_HOURS },
	{ of: 'services', minutes: SERVICE_MINUTES, hours: SERVICE_HOURS },
];

test('by hour a window has each span once too, whatever of it is derived by minute or by hour', async () => {
	const project = 'hourly';
	const tables = [RED_MINUTES, RED_HOURS, SERVICE_MINUTES, SERVICE_HOURS].map((table) => ({ ...table, maxSpans: 0 }));
	const writer = randomUUID();
	const deriver = await openDeriver({ tables, writer });
	const other = await openDeriver({ tables });
	const spans = shuffled(randomSpans({ seed: 21, count: 1_200, endMs, withinMs: 8 * hourMs }), randomNumbers(2));
	const windows = [
		{ fromMs: endMs - 6 * hourMs, toMs: endMs },
		{ fromMs: endMs - 40 * 60_000, toMs: endMs - 11_000 },
		{ fromMs: Date.UTC(2026, 10, 19, 20), toMs: Date.UTC(2026, 10, 20, 1) },
	];
	const sent: PlainSpan[] = [];
	const check = async (reader: Deriver, window: (typeof windows)[number]) => {
		const expected = Map.groupBy(
			entrySpans(sent).filter((span) => within(window, span)),
			(span) => Math.floor(timeMs(span) / hourMs) * hourMs,
		);
		for (const { of, minutes, hours } of hourly) {
			const marks = [minutes, hours].map(({ name }) => reader.mark(name)) as [DerivedMark, DerivedMark];
			const read = readWindow({ project, window }, ...marks);
			const sql = `SELECT toUnixTimestamp(toStartOfHour(hour)) * 1000 AS hourMs, sum(spans) AS spans
				FROM (${derivedRowsByHour(hours, minutes, 'entry = 1', read)}) GROUP BY hourMs ORDER BY hourMs`;
			expect(await clickhouse.rows(sql, derivedParameters({ project, window }, ...marks)), of).toEqual(
				[...expected].map(([hourMs, found]) => ({ hourMs, spans: found.length })).sort((a, b) => a.hourMs - b.hourMs),
			);
		}
	};
	for (let from = 0; from < spans.length; from += 200) {
		const some = spans.slice(from, from + 200);
		await writerOf(from === 400 ? other : deriver).append(spanBlock(some, project));
		sent.push(...some);
		if (from === 400) await other.settle(10_000);
		if (from === 200) await deriver.settle(10_000);
		for (const window of windows) await check(deriver, window);
	}
	// Opened again by one that has the store to itself, which knows until when others derived.
	await deriver.settle(10_000);
	await deriver.stop();
	const alone = await openDeriver({ tables, writer, isAlone: true, clock: () => endMs });
	for (const window of windows) await check(alone, window);
	const marks: [DerivedMark, DerivedMark] = [alone.mark('service_minutes'), alone.mark('service_hours')];
	const later = { fromMs: endMs + 48 * hourMs, toMs: endMs + 72 * hourMs };
	expect(windows.map((window) => readWindow({ project, window }, ...marks).places.othersInHours)).toEqual([
		true,
		false,
		true,
	]);
	expect(readWindow({ project, window: later }, ...marks).places.othersInHours).toBe(false);
});

test.each([
	[SERVICE_MINUTES, SERVICE_HOURS, 3],
	// So many that a day of all services is several granules.
	[RED_MINUTES, RED_HOURS, 30],
])(
	'a week of one service out of $name and hours is read in the order of services, and says the same',
	async (minutes, hours, versions) => {
		const deriver = await openDeriver({ tables: [minutes, hours] });
		const marks: [DerivedMark, DerivedMark] = [deriver.mark(minutes.name), deriver.mark(hours.name)];
		const { writer } = marks[0];
		const scope = { project: 'a week', window: { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 8) } };
		const services = 40;
		// Every hour of every service in so many versions: its number of spans says which of them it is.
		await clickhouse.derive(
			`INSERT INTO ${hours.name} (project, hour, service, version, entry, requests, spans, _day, _writer, _commit)
			SELECT 'a week', toDateTime({fromMs:Int64} / 1000, 'UTC') + INTERVAL intDiv(number, ${versions * services}) HOUR AS hour,
				concat('service ', toString(number % ${services})), toString(intDiv(number, ${services}) % ${versions}), 1, number, number, toDate(hour), {writer:UUID}, 0
			FROM numbers(${7 * 24 * versions * services})`,
			{ fromMs: scope.window.fromMs, writer },
			`a-week-${hours.name}`,
			{ settings: { max_partitions_per_insert_block: '0' } },
		);
		const read = readWindow(scope, ...marks);
		const rows = derivedRowsByHour(hours, minutes, "service = 'service 7' AND entry = 1", read);
		const sql = `SELECT count() AS n, sum(spans) AS spans FROM (${rows})`;
		const parameters = derivedParameters(scope, ...marks);
		const numbers = Array.from({ length: 7 * 24 * versions * services }, (_, number) => number);
		const ofService = numbers.filter((number) => number % services === 7);
		const expected = [{ n: ofService.length, spans: ofService.reduce((sum, number) => sum + number, 0) }];
		expect(await clickhouse.rows(sql, parameters)).toEqual(expected);
		expect(await clickhouse.rows(sql, parameters, undefined, { optimize_use_projections: 0 })).toEqual(expected);
		const plan = await clickhouse.rows<{ explain: string }>(`EXPLAIN ${sql}`, parameters);
		expect(plan.map(({ explain }) => explain).join('\n')).toContain('ReadFromMergeTree (by_service)');
	},
);

test('an insert is one part for a project and a day, which is what makes it whole or not there', async () => {
	const project = 'parts';
	const deriver = await openDeriver({ maxSpans: 1e6 });
	const writer = writerOf(deriver);
	const spans = randomSpans({ seed: 6, count: 900, endMs, withinMs: 4 * hourMs });
	for (let from = 0; from < 900; from += 90) await writer.append(spanBlock(spans.slice(from, from + 90), project));
	await deriver.settle(10_000);
	const parts = await clickhouse.rows<{ level: number }>(
		`SELECT partition, level FROM system.parts WHERE table = 'red_minutes' AND active AND startsWith(partition, '(\\'parts\\'')`,
		{},
	);
	expect(parts).toHaveLength(2);
	expect(parts.map(({ level }) => level)).toEqual([0, 0]);
});

test('answers that get lost before or after the rows are there double nothing and lose nothing', async () => {
	const project = 'lost';
	let inserts = 0;
	const forgetful = newClient('spanhouse');
	const derive = forgetful.derive.bind(forgetful);
	forgetful.derive = async (...query) => {
		inserts += 1;
		if (inserts % 3 === 1) throw new Error('read ECONNRESET, before');
		await derive(...query);
		if (inserts % 3 === 2) throw new Error('read ECONNRESET, after');
	};
	const deriver = await openDeriver({ clickhouse: forgetful });
	const writer = writerOf(deriver);
	const spans = randomSpans({ seed: 7, count: 800, endMs, withinMs: 4 * hourMs });
	for (let from = 0; from < 800; from += 100) await writer.append(spanBlock(spans.slice(from, from + 100), project));
	expect(await deriver.settle(30_000)).toBe(true);
	expect(inserts).toBeGreaterThan(10);
	const window = { fromMs: endMs - 40 * hourMs, toMs: endMs };
	expect(await requestsByMinute(deriver, project, window)).toEqual(expectedByMinute(spans, window));
	const differences = await clickhouse.rows<{ derived: number }>(
		'SELECT sum(spans) AS derived FROM red_minutes WHERE project = {project:String}',
		{ project },
	);
	expect(differences).toEqual([{ derived: 800 }]);
	await forgetful.close();
});

test('spans whose insert had no answer are derived when they are stored, and those behind them wait for it', async () => {
	const project = 'unsure';
	const deriver = await openDeriver();
	const { commits } = deriver;
	const writer = writerOf(deriver);
	const never = commits.begin({ project, day: 20_000 }, 10, {
		earliestMs: 20_000 * 86_400_000,
		latestMs: 20_000 * 86_400_000,
	});
	commits.settle(never, 'unknown');
	const spans = randomSpans({ seed: 8, count: 50, endMs, withinMs: hourMs });
	await writer.append(spanBlock(spans, project));
	const running = commits.begin({ project, day: 20_000 }, 10, {
		earliestMs: 20_000 * 86_400_000,
		latestMs: 20_000 * 86_400_000,
	});
	expect(commits.storedAfter(0, 1e6).units).toEqual([]);
	expect(await deriver.settle(500)).toBe(false);
	expect(deriver.mark('red_minutes').derivedTo).toBe(running.number - 1);
	commits.settle(running, 'absent');
	expect(await deriver.settle(10_000)).toBe(true);
	const window = { fromMs: endMs - 2 * hourMs, toMs: endMs };
	expect(await requestsByMinute(deriver, project, window)).toEqual(expectedByMinute(spans, window));
});

test('a table that is added later is made from the oldest span on, while answers stay whole', async () => {
	const project = 'later';
	const writerId = randomUUID();
	const first = await openDeriver({ writer: writerId, tables: [] });
	const spans = randomSpans({ seed: 10, count: 1_000, endMs, withinMs: 4 * hourMs });
	for (let from = 0; from < 900; from += 100) {
		await writerOf(first).append(spanBlock(spans.slice(from, from + 100), project));
	}
	await first.stop();
	const calls: DerivedTable = { ...RED_MINUTES, name: 'red_later' };
	await clickhouse.command('CREATE TABLE spanhouse.red_later AS spanhouse.red_minutes');
	const second = await openDeriver({ writer: writerId, tables: [calls] });
	const scope = { project, window: { fromMs: endMs - 40 * hourMs, toMs: endMs } };
	const spansNow = () => {
		const mark = second.mark('red_later');
		const sql = `SELECT sum(spans) AS spans FROM (${derivedRows(calls, '1', readWindow(scope, mark))})`;
		return clickhouse.rows(sql, derivedParameters(scope, mark));
	};
	expect(await spansNow()).toEqual([{ spans: 900 }]);
	await writerOf(second).append(spanBlock(spans.slice(900), project));
	expect(await spansNow()).toEqual([{ spans: 1_000 }]);
	expect(await second.settle(20_000)).toBe(true);
	expect(await spansNow()).toEqual([{ spans: 1_000 }]);
	expect(await clickhouse.rows('SELECT sum(spans) AS spans FROM red_later', {})).toEqual([{ spans: 1_000 }]);
	await second.stop();
	// Nothing is left to do for the next one, and numbers go on where they ended.
	const third = await openDeriver({ writer: writerId, tables: [calls] });
	expect(third.mark('red_later').derivedTo).toBe(second.commits.last);
	expect(third.commits.last).toBe(second.commits.last);
});

test('what another collector derived is counted too', async () => {
	const project = 'two';
	const spans = randomSpans({ seed: 11, count: 400, endMs, withinMs: hourMs });
	const other = await openDeriver();
	await writerOf(other).append(spanBlock(spans.slice(0, 200), project));
	await other.settle(10_000);
	const ours = await openDeriver();
	await writerOf(ours).append(spanBlock(spans.slice(200), project));
	const window = { fromMs: Date.UTC(2026, 10, 20, 1), toMs: Date.UTC(2026, 10, 20, 3) };
	expect(await requestsByMinute(ours, project, window)).toEqual(expectedByMinute(spans, window));
	await ours.settle(10_000);
	expect(await requestsByMinute(ours, project, window)).toEqual(expectedByMinute(spans, window));
});

test('a table that can not be made says why, again and again, and holds up no other', async () => {
	const project = 'broken';
	const broken: DerivedTable = { ...RED_MINUTES, name: 'red_broken', everyMs: 0 };
	const minutes = { ...RED_MINUTES, everyMs: 0 };
	const deriver = await openDeriver({ tables: [minutes], intervalMs: 20 });
	const failing = await Deriver.open({
		clickhouse: withoutTable(broken.name),
		writer: deriver.commits.writer,
		tables: [broken, minutes],
		log: silentLog,
		intervalMs: 20,
	});
	await writerOf(failing).append(spanBlock(randomSpans({ seed: 12, count: 10, endMs }), project));
	failing.start();
	await expect.poll(() => failing.state().failure, { timeout: 10_000 }).toContain('red_broken');
	await expect.poll(() => failing.mark('red_minutes').derivedTo, { timeout: 10_000 }).toBe(failing.commits.last);
	expect(failing.state().spansWaiting).toBe(10);
	await failing.stop();
	await deriver.stop();
});

/** Answers that there is nothing in a table that does not exist, so that only deriving it fails. */
function withoutTable(name: string): ClickHouse {
	const client = newClient('spanhouse');
	const rows = client.rows.bind(client);
	client.rows = async (sql, ...rest) => (sql.includes(`FROM ${name}`) ? [] : rows(sql, ...rest));
	return client;
}

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlertWorld } from '../../../test/support/alert-world.ts';
import { MemoryObjectiveTable } from '../../../test/support/memory-objective-table.ts';
import { nezhaSpans } from '../../../test/support/nezha.ts';
import { documentSchema } from '../../../schema/desired-state.ts';
import type { DocumentOf, ObjectiveSpec, WrittenDocument } from '../../../schema/desired-state.ts';
import type { ObjectiveMinute } from '../../store/alerts/objective-table.ts';
import { replay } from '../evaluate/backtest.ts';
import { writeChange } from '../evaluate/read-cases.ts';
import { measureObjectives, recordedObjective } from '../measure-objectives.ts';
import { watchObjective } from '../watched.ts';
import type { Watched } from '../watched.ts';
import { measureObjectivePast } from './measure-past.ts';
import { MinuteCounts } from './minute-counts.ts';
import { PastCounts } from './past-counts.ts';
import { ObjectiveRecorder } from './recorder.ts';

const minuteMs = 60_000;
const begin = Date.UTC(2026, 0, 5);

function watchedObjective(spec: Partial<ObjectiveSpec>): Watched {
	const document = documentSchema.parse({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'SLO',
		metadata: { name: 'rule' },
		spec: { total: 'service:shop', good: '-error:true', targetPercent: 99, window: { duration: '1d' }, ...spec },
	} satisfies WrittenDocument) as DocumentOf<'SLO'>;
	const owner = { source: null };
	const read = watchObjective('default', { document, version: 1, author: 'ann', changedMs: 0, owner });
	if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
	return read.watched;
}

interface Lived {
	told: string[];
	fromMs: number;
	toMs: number;
}

/** Minutes of traffic that are over before the scheduler begins. */
const earlier = 160;

/** What a scheduler does on these events, looking `strides` minutes apart, and starting anew at the longest stride. */
async function live(
	watched: Watched,
	table: MemoryObjectiveTable,
	minutes: number,
	strides: readonly number[],
): Promise<Lived> {
	const world = new AlertWorld();
	const newRecorder = () => new ObjectiveRecorder({ table, clock: () => world.nowMs });
	let recorder = newRecorder();
	world.measure = (batch, range) => measureObjectives(recorder)(batch, range);
	world.watched = [watched];
	const fromMs = begin + earlier * minuteMs;
	const toMs = begin + minutes * minuteMs;
	const { recorded } = recordedObjective('default', watched.declared as Parameters<typeof recordedObjective>[1]);
	await recorder.upTo(recorded, fromMs);
	while (await recorder.backfill(recorded));
	world.reach(fromMs);
	let scheduler = await world.open();
	for (let tMs = fromMs, turn = 0; tMs <= toMs; turn += 1) {
		world.reach(tMs);
		await scheduler.step();
		const stride = strides[turn % strides.length] ?? 1;
		if (stride === 9) {
			recorder = newRecorder();
			scheduler = await world.open();
		}
		tMs = tMs === toMs ? toMs + 1 : Math.min(toMs, tMs + stride * minuteMs);
	}
	return { told: world.history().map(inMinutes).sort(), fromMs, toMs };
}

const inMinutes = (line: string): string => line.replace(/^\d+/, (time) => String((Number(time) - begin) / minuteMs));

async function tried(
	watched: Watched,
	table: MemoryObjectiveTable,
	range: { fromMs: number; toMs: number },
): Promise<string[]> {
	const measured = (await measureObjectivePast(table)([watched], range)).get(watched) ?? [];
	return replay(watched.rule, measured)
		.changes.map((change) => inMinutes(writeChange(change).replace(/^-?[\d.]+/, String(change.tMs))))
		.sort();
}

const stretch = fc.record({
	minutes: fc.integer({ min: 5, max: 90 }),
	perMinute: fc.constantFrom(0, 3, 40, 400),
	badRatio: fc.constantFrom(0, 0, 0.005, 0.05, 0.3, 1),
});
const eventsOf = (stretches: readonly { minutes: number; perMinute: number; badRatio: number }[]): ObjectiveMinute[] =>
	stretches
		.flatMap(({ minutes, ...rest }) => Array.from({ length: minutes }, () => rest))
		.map(({ perMinute, badRatio }, minute) => ({
			tMs: begin + minute * minuteMs,
			total: perMinute,
			good: perMinute - Math.round(perMinute * badRatio),
		}));

test('the back-test of an objective says exactly what the scheduler does, whenever it looks and however often it dies', async () => {
	let fired = 0;
	await fc.assert(
		fc.asyncProperty(
			fc.array(stretch, { minLength: 3, maxLength: 8 }),
			fc.record({
				targetPercent: fc.constantFrom(90, 99, 99.9),
				minBadEvents: fc.constantFrom(0, 10),
				timeSlice: fc.option(fc.constant({ window: '5m', targetPercent: 95 }), { nil: undefined }),
			}),
			fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 40 }),
			async (stretches, { timeSlice, ...spec }, strides) => {
				const events = eventsOf([{ minutes: earlier, perMinute: 40, badRatio: 0 }, ...stretches]);
				const watched = watchedObjective(timeSlice === undefined ? spec : { ...spec, timeSlice });
				const { told, ...range } = await live(watched, new MemoryObjectiveTable(events), events.length, strides);
				expect(await tried(watched, new MemoryObjectiveTable(events), range)).toEqual(told);
				fired += told.filter((line) => line.includes(' fired ')).length;
			},
		),
		{ numRuns: 40 },
	);
	expect(fired).toBeGreaterThan(20);
});

test('on recorded traffic, too: requests of a real system, by their latency', async () => {
	const spans = nezhaSpans(begin + 24 * 3_600_000).filter(({ kind }) => kind === 2);
	const times = spans.map(({ endTimeUnixNano }) => Number(BigInt(endTimeUnixNano) / 1_000_000n));
	const first = Math.min(...times);
	// A minute was recorded: each of its seconds stands for a minute here.
	const events = Array.from({ length: 400 }, (_, minute): ObjectiveMinute => {
		const second = minute < earlier ? 0 : (minute - earlier) % 60;
		const inSecond = spans.filter((_span, index) => Math.floor(((times[index] ?? 0) - first) / 1_000) === second);
		const isGood = ({ startTimeUnixNano, endTimeUnixNano }: (typeof spans)[number]) =>
			BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano) < 10_000_000n;
		return { tMs: begin + minute * minuteMs, total: inSecond.length, good: inSecond.filter(isGood).length };
	});
	const watched = watchedObjective({ targetPercent: 95, minBadEvents: 0 });
	const { told, ...range } = await live(watched, new MemoryObjectiveTable(events), events.length, [1, 3, 9]);
	expect(told.filter((line) => line.includes(' fired ')).length).toBeGreaterThan(0);
	expect(await tried(watched, new MemoryObjectiveTable(events), range)).toEqual(told);
});

test('where spans are gone, what was recorded of them counts', async () => {
	const events = eventsOf([
		{ minutes: 200, perMinute: 40, badRatio: 0 },
		{ minutes: 30, perMinute: 40, badRatio: 0.5 },
		{ minutes: 60, perMinute: 40, badRatio: 0 },
	]);
	const watched = watchedObjective({});
	const table = new MemoryObjectiveTable(events);
	const { told, ...range } = await live(watched, table, events.length, [1]);
	expect(told.length).toBeGreaterThan(0);
	table.keptFromMs = begin + 260 * minuteMs;
	expect(await tried(watched, table, range)).toEqual(told);
});

test('sums over a long past are those of the minutes one by one', () => {
	fc.assert(
		fc.property(
			fc.array(fc.option(fc.tuple(fc.nat(50), fc.nat(50)), { nil: undefined }), { minLength: 1, maxLength: 120 }),
			fc.array(fc.tuple(fc.integer({ min: -5, max: 130 }), fc.integer({ min: -5, max: 130 })), { minLength: 1 }),
			(minutes, stretches) => {
				const rows = minutes.flatMap((one, index) =>
					one === undefined ? [] : [{ tMs: begin + index * minuteMs, good: one[0], total: one[0] + one[1] }],
				);
				const ring = new MinuteCounts(200 * minuteMs);
				for (const row of rows) ring.set(row);
				const past = new PastCounts({ fromMs: begin, toMs: begin + minutes.length * minuteMs }, rows);
				for (const [from, to] of stretches) {
					const [fromMs, toMs] = [begin + from * minuteMs, begin + to * minuteMs];
					expect(past.sum(fromMs, toMs)).toEqual(ring.sum(fromMs, toMs));
					const slice = { ms: 5 * minuteMs, targetRatio: 0.9 };
					expect(past.slices(fromMs, toMs, slice)).toEqual(ring.slices(fromMs, toMs, slice));
				}
			},
		),
	);
});

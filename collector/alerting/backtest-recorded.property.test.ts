import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentSchema } from '../../schema/desired-state.ts';
import type { AlertSpec, DocumentOf } from '../../schema/desired-state.ts';
import { AlertWorld, watchedRule } from '../../test/support/alert-world.ts';
import { MemoryAlertTable } from '../../test/support/memory-alert-table.ts';
import { nezhaSpans } from '../../test/support/nezha.ts';
import type { AlertSample, AlertValueReader } from '../store/alerts/alert-types.ts';
import { replay } from './evaluate/backtest.ts';
import { writeChange } from './evaluate/read-cases.ts';
import { measureAlerts } from './measure-alerts.ts';
import { valuesOfRule } from './rule-values.ts';

const minuteMs = 60_000;
const begin = Date.UTC(2026, 0, 5);
const minutes = 150;
/** Of the recording before the scheduler begins, for comparisons with earlier. */
const earlier = 30;

interface Request {
	service: string;
	nano: number;
	isError: boolean;
}

/** A minute of a real system was recorded: each of its seconds stands for a minute here, over and over. */
function recordedMinutes(): Request[][] {
	const spans = nezhaSpans(begin).filter(({ kind }) => kind === 2);
	const endMs = (one: (typeof spans)[number]) => Number(BigInt(one.endTimeUnixNano) / 1_000_000n);
	const first = Math.min(...spans.map(endMs));
	const seconds = Map.groupBy(spans, (one) => Math.floor((endMs(one) - first) / 1_000));
	return Array.from({ length: 60 }, (_, second) =>
		(seconds.get(second) ?? []).map(({ service, startTimeUnixNano, endTimeUnixNano, status }) => ({
			service,
			nano: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)),
			isError: 'code' in (status ?? {}),
		})),
	);
}
const recording = recordedMinutes();

function sampleOf(requests: readonly Request[], measures: readonly string[], windowMs: number): AlertSample {
	const sorted = requests.map(({ nano }) => nano).sort((a, b) => a - b);
	const values = measures.map((measure) => {
		if (measure === 'count') return requests.length;
		if (measure === 'requestsPerSecond') return requests.length / (windowMs / 1_000);
		if (requests.length === 0) return null;
		if (measure === 'errorPercent') return (100 * requests.filter(({ isError }) => isError).length) / requests.length;
		return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? null;
	});
	return { values, requests: requests.length };
}

/** Reads the recording as the store reads spans. */
const reader: AlertValueReader = {
	isRolledUp: () => true,
	async values(_scope, { by, windowMs, everyMs, measures }, { fromMs, toMs }) {
		const ticks = [];
		for (let tMs = fromMs; tMs <= toMs; tMs += everyMs) {
			const inWindow: Request[] = [];
			for (let ms = tMs - windowMs; ms < tMs; ms += minuteMs)
				inWindow.push(...(recording[(Math.floor((ms - begin) / minuteMs) + 600) % 60] ?? []));
			const grouped =
				by.keys.length === 0
					? new Map([['[]', inWindow]])
					: Map.groupBy(inWindow, ({ service }) => JSON.stringify([service]));
			ticks.push({
				tMs,
				groups: new Map([...grouped].map(([key, requests]) => [key, sampleOf(requests, measures, windowMs)])),
			});
		}
		return { kind: 'values', ticks };
	},
};

const bounds = {
	p95: ['1ms', '5ms', '20ms', '80ms', '300ms'],
	errorPercent: ['2%', '5%', '10%', '25%'],
	count: [5, 20, 100, 400],
	requestsPerSecond: [0.1, 0.5, 2],
} as const;

const rules = fc.constantFrom('p95', 'errorPercent', 'count', 'requestsPerSecond').chain((measure) =>
	fc.record({
		measure: fc.constant(measure),
		window: fc.constantFrom('1m', '5m'),
		groupBy: fc.constantFrom([], ['service']),
		noData: fc.constantFrom('keep', 'ok', 'fire'),
		minRequests: fc.constantFrom(0, 20),
		conditions: fc.array(
			fc.record({
				severity: fc.constantFrom('page', 'ticket'),
				bound: fc.oneof(
					fc.constantFrom(...bounds[measure]).map((above) => ({ above })),
					fc.constantFrom(...bounds[measure]).map((below) => ({ below })),
					fc.constantFrom('+20%', '-20%', '+100%').map((changedBy) => ({ changedBy, against: '10m' })),
				),
				for: fc.constantFrom('1 of 1', '2 of 3', '5 of 6', '3m', '10m'),
			}),
			{ minLength: 1, maxLength: 3 },
		),
	}),
);

function specOf({ conditions, ...rest }: typeof rules extends fc.Arbitrary<infer Rule> ? Rule : never): AlertSpec {
	const document = {
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Alert',
		metadata: { name: 'rule' },
		spec: {
			query: '',
			every: '1m',
			...rest,
			conditions: conditions.map(({ bound, ...one }) => ({ ...one, ...bound })),
		},
	};
	return (documentSchema.parse(document) as DocumentOf<'Alert'>).spec;
}

test('the back-test of a rule over recorded traffic says exactly what the scheduler did, with its values stored or without', async () => {
	let fired = 0;
	await fc.assert(
		fc.asyncProperty(
			rules,
			fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 40 }),
			async (written, strides) => {
				const watched = watchedRule(specOf(written));
				const world = new AlertWorld();
				const measure = measureAlerts(reader);
				world.measure = measure;
				world.watched = [watched];
				const range = { fromMs: begin + earlier * minuteMs, toMs: begin + minutes * minuteMs };
				world.reach(range.fromMs);
				let scheduler = await world.open();
				for (let tMs = range.fromMs, turn = 0; tMs <= range.toMs; turn += 1) {
					world.reach(tMs);
					await scheduler.step();
					const stride = strides[turn % strides.length] ?? 1;
					if (stride === 9) scheduler = await world.open();
					tMs = tMs === range.toMs ? tMs + 1 : Math.min(range.toMs, tMs + stride * minuteMs);
				}
				const told = world
					.history()
					.map((line) => line.replace(/^\d+/, (time) => String((Number(time) - begin) / minuteMs)))
					.sort();
				for (const table of [world.table, new MemoryAlertTable()]) {
					const { measured, revised } = await valuesOfRule({ table, measure }, watched, range);
					expect([...revised]).toEqual([]);
					expect(measured).toHaveLength(minutes - earlier + 1);
					const tried = replay(watched.rule, measured).changes;
					expect(
						tried
							.map((change) => writeChange(change).replace(/^-?[\d.]+/, String((change.tMs - begin) / minuteMs)))
							.sort(),
					).toEqual(told);
				}
				fired += told.filter((line) => line.includes(' fired ')).length;
			},
		),
		{ numRuns: 60 },
	);
	expect(fired).toBeGreaterThan(30);
});

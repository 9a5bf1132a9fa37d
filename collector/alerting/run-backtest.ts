import { setImmediate } from 'node:timers/promises';
import type { BacktestAnswer, Tally } from '../../schema/api-alerts.ts';
import { replay, sumTallies, tallyOf } from './evaluate/backtest.ts';
import type { Replayed } from './evaluate/backtest.ts';
import type { Measured } from './evaluate/evaluate.ts';
import { groupOf } from './evaluate/rule.ts';
import type { Rule } from './evaluate/rule.ts';
import { isQuiet, seenMs, thresholdCandidates } from './evaluate/suggest-threshold.ts';
import { warningsOf } from './evaluate/warnings.ts';
import type { RuleValues } from './rule-values.ts';

/** Points of all groups together; beyond, those in between are left out of each, never the outermost. */
const mostPoints = 30_000;
const mostGroups = 100;

/** Everything about a rule that its values tell; `current` is the tally of the rule as it is now, `warnings` what is known besides. */
export async function backtestOf(
	rule: Rule,
	{ measured, revised }: RuleValues,
	current: Tally | null,
	warnings: readonly string[] = [],
): Promise<Omit<BacktestAnswer, 'window'>> {
	const replayed = replay(rule, measured);
	const tallies = talliesOf(measured, replayed);
	const tally = sumTallies([...tallies.values()]);
	const shown = [...tallies]
		.sort(([, a], [, b]) => b.firings - a.firings || b.totalMs - a.totalMs)
		.slice(0, mostGroups);
	const every = Math.max(1, Math.ceil((measured.length * shown.length) / mostPoints));
	return {
		everyMs: rule.everyMs,
		unit: rule.unit,
		series: shown.map(([groupKey, tallyOfGroup]) => ({
			group: groupOf(rule.groupBy, groupKey),
			points: thinned(pointsOf(measured, revised, groupKey), every),
			bands: (replayed.bands.get(groupKey) ?? []).map(({ severity, fromMs, toMs }) => ({ severity, fromMs, toMs })),
			tally: tallyOfGroup,
		})),
		tally,
		current,
		suggested: await suggested(rule, measured),
		seenMs: seenMs(rule, measured),
		warnings: [
			...warningsOf(rule, measured, tally.firings),
			...(tallies.size > shown.length
				? [`Of ${tallies.size} groups the ${shown.length} that fire most are drawn.`]
				: []),
			...warnings,
		],
	};
}

/** Of a rule over values, all groups together. */
export const tallyOfRule = (rule: Rule, measured: readonly Measured[]): Tally =>
	sumTallies([...talliesOf(measured, replay(rule, measured)).values()]);

function talliesOf(measured: readonly Measured[], { bands }: Replayed): Map<string, Tally> {
	const withData = new Map<string, number>();
	for (const one of measured) {
		if (one.kind !== 'values') continue;
		for (const [key, { value }] of one.groups) withData.set(key, (withData.get(key) ?? 0) + (value === null ? 0 : 1));
	}
	return new Map(
		[...withData].map(([key, seen]) => [key, tallyOf(bands.get(key) ?? [], measured.length, measured.length - seen)]),
	);
}

type Point = BacktestAnswer['series'][number]['points'][number];

/** A point for each window; null where the group was not there. */
export function pointsOf(measured: readonly Measured[], revised: ReadonlySet<number>, groupKey: string): Point[] {
	return measured.map((one) => {
		const sample = one.kind === 'values' ? one.groups.get(groupKey) : undefined;
		return {
			tMs: one.tMs,
			value: sample?.value ?? null,
			requests: sample?.requests ?? 0,
			revised: revised.has(one.tMs),
		};
	});
}

/** Of every so many points the highest and the lowest. */
export function thinned(points: readonly Point[], every: number): Point[] {
	if (every <= 1) return [...points];
	const kept: Point[] = [];
	for (let from = 0; from < points.length; from += 2 * every) {
		const some = points.slice(from, from + 2 * every).filter(({ value }) => value !== null);
		const sorted = some.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0));
		const outermost = [sorted[0], sorted.at(-1)].filter((point) => point !== undefined);
		kept.push(...[...new Set(outermost)].sort((a, b) => a.tMs - b.tMs));
	}
	return kept;
}

async function suggested(rule: Rule, measured: readonly Measured[]): Promise<number | null> {
	for (const candidate of thresholdCandidates(rule, measured)) {
		if (isQuiet(rule, candidate, measured)) return candidate;
		await setImmediate();
	}
	return null;
}

import type { AlertTable } from '../store/alerts/alert-types.ts';
import type { Measured } from './evaluate/evaluate.ts';
import { fromRow } from './stored-evaluation.ts';
import type { MeasureBatch, TickRange, Watched } from './watched.ts';

export interface RuleValues {
	/** What was evaluated where something was, and else what is measured now. */
	measured: Measured[];
	/** Ends of windows that hold something else now than when they were evaluated. */
	revised: ReadonlySet<number>;
	/** The first window that was evaluated; null where none was. */
	recordedSinceMs: number | null;
}

interface ValueSources {
	table: AlertTable;
	measure: MeasureBatch;
}

const mostTicks = 100_000;

/** Ends of windows in a stretch of time, in the beat of the rule: at most `mostTicks`, the newest. */
export function ticksIn({ rule: { everyMs } }: Watched, { fromMs, toMs }: TickRange): TickRange | undefined {
	const last = Math.floor(toMs / everyMs) * everyMs;
	const first = Math.max(Math.ceil(fromMs / everyMs) * everyMs, last - (mostTicks - 1) * everyMs);
	return first <= last ? { fromMs: first, toMs: last } : undefined;
}

/** Every value of a rule over a stretch of time. Throws as reads of the store do. */
export async function valuesOfRule(
	{ table, measure }: ValueSources,
	watched: Watched,
	stretch: TickRange,
): Promise<RuleValues> {
	const range = ticksIn(watched, stretch);
	if (range === undefined) return { measured: [], revised: new Set(), recordedSinceMs: null };
	const { project, key: rule, question } = watched;
	const [rows, found] = await Promise.all([
		table.evaluations({ project, rule, question }, { afterMs: range.fromMs - 1, toMs: range.toMs, limit: mostTicks }),
		measure([watched], range),
	]);
	const stored = new Map(rows.map((row) => [row.tMs, fromRow(row)]));
	const revised = new Set<number>();
	const measured = (found.get(watched) ?? []).map((now) => {
		const then = stored.get(now.tMs);
		// What could not be measured then is measured now.
		if (then === undefined || then.kind !== 'values') return now;
		if (now.kind === 'values' && !isSame(then, now)) revised.add(now.tMs);
		return then;
	});
	return { measured, revised, recordedSinceMs: rows[0]?.tMs ?? null };
}

type Values = Extract<Measured, { kind: 'values' }>;

function isSame(then: Values, now: Values): boolean {
	if (then.groups.size !== now.groups.size) return false;
	for (const [key, { value, requests }] of then.groups) {
		const other = now.groups.get(key);
		if (other === undefined || other.value !== value || other.requests !== requests) return false;
	}
	return true;
}

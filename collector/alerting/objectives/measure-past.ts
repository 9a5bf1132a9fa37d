import { setImmediate } from 'node:timers/promises';
import type { DeclaredDocument } from '../../desired/documents.ts';
import type { ObjectiveMinute, ObjectiveTable } from '../../store/alerts/objective-table.ts';
import type { Measured } from '../evaluate/evaluate.ts';
import { recordedObjective } from '../measure-objectives.ts';
import type { MeasureBatch, TickRange, Watched } from '../watched.ts';
import { burnSample } from './budget.ts';
import { PastCounts } from './past-counts.ts';
import { queriesOf } from './recorder.ts';
import type { RecordedObjective } from './recorder.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** What one statement counts. */
const chunkMs = 24 * hourMs;
/** So many ticks are worked out before others get their turn. */
const ticksAtOnce = 2_000;

type Table = Pick<ObjectiveTable, 'count' | 'recorded' | 'oldestSpanMs'>;

/** Burn rates of objectives that nobody need have declared: counted from spans as far as there are any, recorded before. */
export function measureObjectivePast(table: Table): MeasureBatch {
	return async (batch, range) => {
		const measured = new Map<Watched, Measured[]>();
		for (const watched of batch) measured.set(watched, await measurePast(table, watched, range));
		return measured;
	};
}

async function measurePast(table: Table, watched: Watched, { fromMs, toMs }: TickRange): Promise<Measured[]> {
	const { objective, recorded } = recordedObjective(watched.project, watched.declared as DeclaredDocument<'SLO'>);
	const longestMs = Math.max(hourMs, ...objective.burnRates.map(({ longMs }) => longMs));
	const window = { fromMs: fromMs - longestMs, toMs };
	const counts = new PastCounts(window, await countPast(table, recorded, window));
	const ticks: Measured[] = [];
	for (let tMs = fromMs; tMs <= toMs; tMs += watched.rule.everyMs) {
		ticks.push({ kind: 'values', tMs, groups: new Map([['[]', burnSample(objective, counts, tMs)]]) });
		if (ticks.length % ticksAtOnce === 0) await setImmediate();
	}
	return ticks;
}

async function countPast(
	table: Table,
	{ project, id, spec }: RecordedObjective,
	{ fromMs, toMs }: TickRange,
): Promise<ObjectiveMinute[]> {
	const rows = await table.recorded(project, id, fromMs);
	const oldestMs = await table.oldestSpanMs(project);
	if (oldestMs === null) return rows;
	const [total, good] = queriesOf(spec);
	const wholeMs = Math.floor(toMs / minuteMs) * minuteMs;
	for (let from = Math.floor(Math.max(fromMs, oldestMs) / minuteMs) * minuteMs; from < wholeMs; from += chunkMs) {
		const window = { fromMs: from, toMs: Math.min(from + chunkMs, wholeMs) };
		const found = await table.count({ project, window }, total, good);
		const byMinute = new Map(found.map((minute) => [minute.tMs, minute]));
		for (let tMs = window.fromMs; tMs < window.toMs; tMs += minuteMs)
			rows.push(byMinute.get(tMs) ?? { tMs, good: 0, total: 0 });
	}
	return rows;
}

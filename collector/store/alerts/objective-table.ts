import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { IN_WINDOW, scopeParameters } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';

/** Events of a minute, weighted by sampling. */
export interface ObjectiveMinute {
	/** Its beginning. */
	tMs: number;
	good: number;
	total: number;
}

export interface ObjectiveTable {
	/** Counts spans exactly; minutes without events are not there. `good` is compiled with another prefix than `total`. */
	count(scope: WindowScope, total: CompiledQuery, good: CompiledQuery): Promise<ObjectiveMinute[]>;
	/** Resolves when they are on disk. Minutes that were counted before hold what is counted last. */
	record(project: string, objective: string, minutes: readonly ObjectiveMinute[]): Promise<void>;
	/** In order of time. */
	recorded(project: string, objective: string, fromMs: number): Promise<ObjectiveMinute[]>;
	/** End of the oldest span that is still there; null without spans. */
	oldestSpanMs(project: string): Promise<number | null>;
}

/** As in alert-value-reader.ts. */
const alertSettings = { max_threads: 1, priority: '1' } as const;

const COUNT = (total: CompiledQuery, good: CompiledQuery): string => `
	SELECT intDiv(toUnixTimestamp64Milli(time), 60000) * 60000 AS tMs, sumIf(weight, ${good.where}) AS good, sum(weight) AS total
	FROM spans WHERE ${IN_WINDOW} AND (${total.where})
	GROUP BY tMs ORDER BY tMs`;

const RECORDED = `
	SELECT toInt64(toUnixTimestamp(minute)) * 1000 AS tMs, argMax(m.good, m.counted) AS good, argMax(m.total, m.counted) AS total
	FROM objective_minutes AS m
	WHERE project = {project:String} AND objective = {objective:String}
		AND minute >= toDateTime(intDiv({fromMs:Int64}, 1000), 'UTC')
	GROUP BY minute ORDER BY minute`;

const OLDEST = `
	SELECT count() AS spans, toUnixTimestamp64Milli(min(time)) AS oldestMs FROM spans WHERE project = {project:String}`;

/** `untilReady` resolves when the store takes inserts. */
export function createObjectiveTable(clickhouse: ClickHouse, untilReady: () => Promise<void>): ObjectiveTable {
	return {
		async count(scope, total, good) {
			const parameters = { ...total.parameters, ...good.parameters, ...scopeParameters(scope) };
			const table = await clickhouse.columns(COUNT(total, good), parameters, scope.signal, alertSettings);
			const [times, goods, totals] = [
				table.numbers('tMs', 'int64'),
				table.numbers('good', 'float64'),
				table.numbers('total', 'float64'),
			];
			return Array.from(times, (tMs, row) => ({ tMs: Number(tMs), good: goods[row] ?? 0, total: totals[row] ?? 0 }));
		},
		async record(project, objective, minutes) {
			if (minutes.length === 0) return;
			await untilReady();
			const counted = (Date.now() / 1_000).toFixed(3);
			const lines = minutes.map(({ tMs, good, total }) =>
				JSON.stringify({ project, objective, minute: tMs / 1_000, good, total, counted }),
			);
			await clickhouse.insert('objective_minutes (project, objective, minute, good, total, counted)', 'JSONEachRow', [
				Buffer.from(lines.join('\n')),
			]);
		},
		recorded: (project, objective, fromMs) =>
			clickhouse.rows<ObjectiveMinute>(RECORDED, { project, objective, fromMs }),
		async oldestSpanMs(project) {
			const [row] = await clickhouse.rows<{ spans: number; oldestMs: number }>(OLDEST, { project });
			return row === undefined || row.spans === 0 ? null : row.oldestMs;
		},
	};
}

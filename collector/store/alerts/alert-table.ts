import type { AlertEventRow, AlertTable, EvaluationRow, FiringFilter, StateRow } from './alert-types.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';

const EVALUATION_COLUMNS = `
	project, rule, toString(question) AS question, toInt64(toUnixTimestamp(time)) * 1000 AS tMs, epoch, error, groups, values,
	requests, before`;

const EVALUATIONS = `
	SELECT * FROM (
		SELECT ${EVALUATION_COLUMNS} FROM alert_evaluations
		WHERE project = {project:String} AND rule = {rule:String} AND question = {question:String}
			AND time > toDateTime(intDiv({afterMs:Int64}, 1000), 'UTC') AND time <= toDateTime(intDiv({toMs:Int64}, 1000), 'UTC')
		ORDER BY time DESC, epoch DESC LIMIT 1 BY time
		LIMIT {limit:UInt32})
	ORDER BY tMs`;

const FIRST_EVALUATION = `
	SELECT count() AS evaluations, toInt64(toUnixTimestamp(min(time))) * 1000 AS firstMs FROM alert_evaluations
	WHERE project = {project:String} AND rule = {rule:String} AND question = {question:String}`;

const EVALUATIONS_SINCE = `
	SELECT ${EVALUATION_COLUMNS} FROM alert_evaluations
	WHERE epoch > 0 AND time > toDateTime(intDiv({sinceMs:Int64}, 1000), 'UTC')
	ORDER BY project, rule, question, time, epoch DESC LIMIT 1 BY project, rule, question, time
	LIMIT {limit:UInt32}`;

const STATES = `
	SELECT * FROM (
		SELECT project, rule, toString(question) AS question, epoch, sequence, deleted, state FROM alert_states
		ORDER BY project, rule, version DESC LIMIT 1 BY project, rule)
	WHERE deleted = 0`;

const EVENT_COLUMNS = `
	project, rule, firing_id AS firingId, kind, toUnixTimestamp64Milli(time) AS tMs, group_key AS groupKey,
	condition_key AS conditionKey, author, text, document`;
const ONCE = 'LIMIT 1 BY project, rule, firing_id, kind, time, group_key, condition_key, text';

const EVENTS_OF = `
	WITH fired AS (
		SELECT rule, group_key, condition_key, time FROM alert_events
		WHERE project = {project:String} AND firing_id = {firingId:String} AND kind = 'fired' LIMIT 1)
	SELECT ${EVENT_COLUMNS} FROM alert_events
	WHERE project = {project:String} AND rule IN (SELECT rule FROM fired) AND (firing_id = {firingId:String}
		OR (kind = 'pending' AND (group_key, condition_key) IN (SELECT group_key, condition_key FROM fired)
			AND time <= (SELECT max(time) FROM fired) AND time > (SELECT max(time) FROM fired) - INTERVAL 1 HOUR))
	ORDER BY tMs, kind ${ONCE}`;

/** Where there are more: that it fired, what was found and that it ended, the first to look after it, and then the newest. */
const MOST_EVENTS = 1_000;
const SOME_EVENTS_OF = `
	SELECT *, count() OVER () AS of FROM (${EVENTS_OF})
	ORDER BY multiIf(kind IN ('fired', 'evidence', 'resolved'), 0, kind = 'acknowledged', 1, 2), if(kind = 'acknowledged', tMs, -tMs)
	LIMIT ${MOST_EVENTS}`;

/** A firing is in the window when it began before its end, and didn't end before its beginning. */
const FIRINGS = ({ rule }: FiringFilter) => `
	SELECT ${EVENT_COLUMNS} FROM alert_events
	WHERE project = {project:String} AND kind IN ('fired', 'resolved', 'acknowledged') AND firing_id IN (
		SELECT firing_id FROM alert_events
		WHERE project = {project:String} AND kind IN ('fired', 'resolved') ${rule === undefined ? '' : 'AND rule = {rule:String}'}
		GROUP BY firing_id
		HAVING minIf(time, kind = 'fired') < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC') AND countIf(kind = 'fired') > 0
			AND (countIf(kind = 'resolved') = 0 OR maxIf(time, kind = 'resolved') >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC'))
		ORDER BY minIf(time, kind = 'fired') DESC, firing_id LIMIT {limit:UInt32})
	ORDER BY tMs, kind ${ONCE}`;

const OPEN_FIRINGS = `
	SELECT ${EVENT_COLUMNS} FROM alert_events
	WHERE kind = 'fired' AND (project, firing_id) NOT IN (SELECT project, firing_id FROM alert_events WHERE kind = 'resolved')
	ORDER BY tMs DESC ${ONCE} LIMIT {limit:UInt32}`;

const ENDED_FIRINGS = `
	SELECT ${EVENT_COLUMNS} FROM alert_events
	WHERE kind = 'resolved' AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
	ORDER BY tMs DESC ${ONCE} LIMIT {limit:UInt32}`;

/** `untilReady` resolves when the store takes inserts. */
export function createAlertTable({ home: clickhouse }: ClickHouse, untilReady: () => Promise<void>): AlertTable {
	const append = async (into: string, rows: readonly object[]): Promise<void> => {
		if (rows.length === 0) return;
		await untilReady();
		const lines = rows.map((row) => JSON.stringify(row)).join('\n');
		await clickhouse.insert(into, 'JSONEachRow', [Buffer.from(lines)]);
	};
	const events = (sql: string, parameters: Parameters) => clickhouse.rows<AlertEventRow>(sql, parameters);
	return {
		appendEvaluations: (rows) =>
			append(
				'alert_evaluations (project, rule, question, time, epoch, error, groups, values, requests, before)',
				rows.map(({ tMs, ...row }) => ({ ...row, time: tMs / 1_000 })),
			),
		evaluations: (of, range) => clickhouse.rows<EvaluationRow>(EVALUATIONS, { ...of, ...range }),
		async firstEvaluationMs(of) {
			const [row] = await clickhouse.rows<{ evaluations: number; firstMs: number }>(FIRST_EVALUATION, { ...of });
			return row === undefined || row.evaluations === 0 ? null : row.firstMs;
		},
		evaluationsSince: (sinceMs, limit) => clickhouse.rows<EvaluationRow>(EVALUATIONS_SINCE, { sinceMs, limit }),
		appendStates: (rows) => append('alert_states (project, rule, question, epoch, sequence, deleted, state)', rows),
		states: () => clickhouse.rows<StateRow>(STATES, {}),
		appendEvents: (rows) => append(EVENTS, rows.map(writtenEvent)),
		async eventsOf(project, firingId) {
			const sql = `SELECT * FROM (${SOME_EVENTS_OF}) ORDER BY tMs, kind`;
			const rows = await clickhouse.rows<AlertEventRow & { of: number }>(sql, { project, firingId });
			return { events: rows, of: rows[0]?.of ?? 0 };
		},
		firings: (project, filter) => events(FIRINGS(filter), { project, ...filter }),
		openFirings: (limit) => events(OPEN_FIRINGS, { limit }),
		endedFirings: (fromMs, limit) => events(ENDED_FIRINGS, { fromMs, limit }),
	};
}

const EVENTS = 'alert_events (project, rule, firing_id, kind, time, group_key, condition_key, author, text, document)';

const writtenEvent = ({ firingId, tMs, groupKey, conditionKey, ...row }: AlertEventRow) => ({
	...row,
	firing_id: firingId,
	time: (tMs / 1_000).toFixed(3),
	group_key: groupKey,
	condition_key: conditionKey,
});

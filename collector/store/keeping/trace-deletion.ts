import { randomUUID } from 'node:crypto';
import type { Found } from '../../../schema/api-keeping.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { BucketDeriver } from '../buckets/bucket-deriver.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { ATTRIBUTE_VALUES } from '../derived/attribute-values.ts';
import { FLAG_HOURS } from '../derived/flag-hours.ts';
import { OTHER } from '../derived/red-caps.ts';
import { logExceptions } from '../../analysis/exceptions/exception-sql.ts';
import { inScope, scopeParameters } from '../read-scope.ts';
import type { ReadScope, WindowScope } from '../reader-types.ts';
import { hexOf, nameOf } from './pinned-traces.ts';

/** Traces that are named, or whole traces with a span that matches in the window. */
export type ChosenTraces = { traceIds: readonly string[] } | { query: CompiledQuery; scope: WindowScope };

/** Deletes traces from every table that has rows of single traces. Each step may be repeated. */
export interface TraceDeletion {
	/** What there is of them now. */
	count(scope: ReadScope, chosen: ChosenTraces): Promise<Found>;
	/** Notes under the id of the deletion which traces are meant. */
	choose(project: string, deletion: string, chosen: ChosenTraces): Promise<void>;
	/** Of those noted, 32 hexadecimal digits each. */
	traceIds(deletion: string): Promise<string[]>;
	/** Resolves when no row of what was noted is left in any table. */
	erase(project: string, deletion: string): Promise<void>;
}

const UNHEX = '(SELECT toFixedString(unhex(arrayJoin({traceIds:Array(String)})), 16))';

function tracesOf(chosen: ChosenTraces): { traces: string; parameters: Parameters } {
	if ('traceIds' in chosen) return { traces: UNHEX, parameters: { traceIds: chosen.traceIds } };
	const { query, scope } = chosen;
	return {
		traces: `(SELECT trace_id FROM spans WHERE ${inScope(scope)} AND (${query.where}))`,
		parameters: { ...query.parameters, ...scopeParameters(scope) },
	};
}

const of = (traces: string): string => `project = {project:String} AND trace_id IN ${traces}`;

const COUNTS = (traces: string): string => `
	SELECT uniqExactIf(trace_id, what != 'finding') AS traces, uniqExactIf(one, what = 'span') AS spans, countIf(what = 'log') AS logs,
		uniqExactIf(one, what = 'exception') AS exceptions, uniqExactIf(trace_id, what = 'finding') AS findings,
		uniqExactIf(trace_id, isPinned) AS pins
	FROM (
		SELECT 'span' AS what, trace_id, cityHash64(trace_id, span_id, kind, service, start_nano) AS one, false AS isPinned
			FROM (SELECT trace_id, span_id, kind, service, start_nano FROM spans WHERE ${of(traces)})
		UNION ALL SELECT 'span' AS what, trace_id, cityHash64(trace_id, span_id, kind, service, start_nano) AS one, true AS isPinned
			FROM (SELECT trace_id, span_id, kind, service, start_nano FROM pinned_spans WHERE ${of(traces)})
		UNION ALL SELECT 'log' AS what, trace_id, toUInt64(0) AS one, false AS isPinned FROM logs WHERE ${of(traces)}
		UNION ALL SELECT 'exception' AS what, trace_id, occurrence AS one, false AS isPinned FROM exceptions WHERE ${of(traces)}
		UNION ALL SELECT 'finding' AS what, trace_id, toUInt64(0) AS one, false AS isPinned FROM performance_findings WHERE ${of(traces)}
		UNION ALL SELECT 'row' AS what, trace_id, toUInt64(0) AS one, false AS isPinned FROM slowest_traces WHERE ${of(traces)})`;

/** Tables with rows of single traces; what is made of spans comes after them. */
const TABLES = [
	'spans',
	'pinned_spans',
	'logs',
	'pinned_logs',
	'exceptions',
	'performance_findings',
	'slowest_traces',
] as const;

const NOTE = (kind: number, column: string, select: string): string => `
	INSERT INTO deletions (deletion, kind, ${column}) SELECT DISTINCT {deletion:UUID}, ${kind}, * FROM (${select})`;

const CHOSEN = '(SELECT trace_id FROM deletions WHERE deletion = {deletion:UUID} AND kind = 0)';

/** What hangs on the traces, noted while they are there. */
const HANGING = [
	NOTE(1, 'hour', `SELECT toStartOfHour(toDateTime(time, 'UTC')) FROM spans WHERE ${of(CHOSEN)}`),
	NOTE(2, 'hash', `SELECT variant FROM exceptions WHERE ${of(CHOSEN)}`),
	NOTE(2, 'hash', `SELECT variant FROM (${logExceptions('trace_id', of(CHOSEN))})`),
];

const SPANS_OF_HOURS = `project = {project:String} AND toUnixTimestamp(toStartOfHour(toDateTime(time, 'UTC'))) IN {hours:Array(UInt32)}
	AND time >= toDateTime64({firstHour:UInt32}, 3, 'UTC') AND time < toDateTime64({lastHour:UInt32} + 3600, 3, 'UTC')`;
const ROWS_OF_HOURS = `project = {project:String} AND toUnixTimestamp(hour) IN {hours:Array(UInt32)}
			AND hour BETWEEN toDateTime({firstHour:UInt32}, 'UTC') AND toDateTime({lastHour:UInt32}, 'UTC')`;

/**
 * Values, for completion, that no span of those hours has any more. One that is only too rare to be listed goes as well. Both sides are
 * read as one: shards refuse a subquery of spans in a condition.
 */
const ORPHANED_VALUES = NOTE(
	3,
	'hash',
	`SELECT max(hash) FROM (
		SELECT hour, scope, type, key, value, cityHash64(hour, scope, type, key, value) AS hash, false AS isThere FROM attribute_values
		WHERE value != '' AND ${ROWS_OF_HOURS}
		UNION ALL SELECT hour, scope, type, key, value, toUInt64(0) AS hash, true AS isThere
			FROM (${ATTRIBUTE_VALUES.select(SPANS_OF_HOURS)}) WHERE value != '')
	GROUP BY hour, scope, type, key, value HAVING NOT max(isThere)`,
);

const FLAG = 'hour, service_namespace, service, environment, flag, variant';
const FLAG_HASH = `cityHash64(${FLAG})`;

/** Flags and variants of those hours that no span says any more. */
const ORPHANED_FLAGS = NOTE(
	4,
	'hash',
	`SELECT max(hash) FROM (
		SELECT ${FLAG}, ${FLAG_HASH} AS hash, false AS isThere FROM flag_hours
		WHERE variant != '${OTHER}' AND ${ROWS_OF_HOURS}
		UNION ALL SELECT ${FLAG}, toUInt64(0) AS hash, true AS isThere FROM (${FLAG_HOURS.select(SPANS_OF_HOURS)}))
	GROUP BY ${FLAG} HAVING NOT max(isThere)`,
);

const NOTED_HOURS = `
	SELECT DISTINCT toUnixTimestamp(hour) AS seconds FROM deletions WHERE deletion = {deletion:UUID} AND kind = 1 ORDER BY seconds`;

/**
 * @param betweenDerivations runs what deletes rows that are made of buckets of spans: one that is being made meanwhile may be of spans
 * that are gone
 */
export function createTraceDeletion(
	clickhouse: ClickHouse,
	betweenDerivations: BucketDeriver['betweenTwo'] = (work) => work(),
): TraceDeletion {
	return {
		async count({ project, signal }, chosen) {
			const { traces, parameters } = tracesOf(chosen);
			const [found] = await clickhouse.rows<Found>(COUNTS(traces), { ...parameters, project }, signal);
			return found ?? { traces: 0, spans: 0, logs: 0, exceptions: 0, findings: 0, pins: 0 };
		},
		async choose(project, deletion, chosen) {
			const { traces, parameters } = tracesOf(chosen);
			const bound = { ...parameters, project, deletion };
			await clickhouse.derive(NOTE(0, 'trace_id', `SELECT * FROM ${traces}`), bound, randomUUID());
			for (const statement of HANGING) await clickhouse.derive(statement, bound, randomUUID());
		},
		async traceIds(deletion) {
			const sql = `SELECT DISTINCT lower(hex(trace_id)) AS id FROM ${CHOSEN}`;
			return (await clickhouse.rows<{ id: string }>(sql, { deletion })).map(({ id }) => id);
		},
		async erase(project, deletion) {
			// Each shard deletes its own rows, by what was noted on all.
			const notes = `\`${clickhouse.database}\`.deletions`;
			const noted = (kind: number, column: string): string =>
				`(SELECT ${column} FROM ${notes} WHERE deletion = '${uuidOf(deletion)}' AND kind = ${kind})`;
			const inProject = `DELETE WHERE project = '${nameOf(project)}' AND`;
			for (const table of TABLES) await clickhouse.mutate(table, `${inProject} trace_id IN ${noted(0, 'trace_id')}`);
			await clickhouse.mutate('alert_events', `${inProject} kind = 'evidence' AND ${namesOneOf(notes, deletion)}`);
			await clickhouse.mutate('exception_variants', `${inProject} variant IN ${noted(2, 'hash')}`);
			const hours = (await clickhouse.rows<{ seconds: number }>(NOTED_HOURS, { deletion })).map(
				({ seconds }) => seconds,
			);
			const [firstHour, lastHour] = [hours[0], hours.at(-1)];
			if (firstHour === undefined || lastHour === undefined) return;
			await betweenDerivations(() => clickhouse.mutate('slowest_traces', `${inProject} ${ofHoursOrNext(hours)}`));
			const bound = { project, deletion, hours, firstHour, lastHour };
			for (const orphaned of [ORPHANED_VALUES, ORPHANED_FLAGS]) await clickhouse.derive(orphaned, bound, randomUUID());
			const hash = 'cityHash64(hour, scope, type, key, value)';
			await clickhouse.mutate('attribute_values', `${inProject} value != '' AND ${hash} IN ${noted(3, 'hash')}`);
			await clickhouse.mutate('flag_hours', `${inProject} ${FLAG_HASH} IN ${noted(4, 'hash')}`);
		},
	};
}

/** Buckets of hours, and of those after, as traces are followed an hour back: all of them are derived anew. */
const ofHoursOrNext = (hours: readonly number[]): string =>
	`toUnixTimestamp(toStartOfHour(bucket)) IN (${[...new Set(hours.flatMap((hour) => [hour, hour + 3_600]))].join(', ')})`;

/** What was found when an alert fired names sample traces. */
const namesOneOf = (notes: string, deletion: string): string => `hasAny(
	extractAll(document, '[0-9a-f]{32}'),
	(SELECT groupArray(lower(hex(trace_id))) FROM ${notes} WHERE deletion = '${uuidOf(deletion)}' AND kind = 0))`;

/** As `hexOf`. */
const uuidOf = (text: string): string => text.split('-').map(hexOf).join('-');

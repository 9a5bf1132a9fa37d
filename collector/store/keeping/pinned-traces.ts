import { randomUUID } from 'node:crypto';
import type { TraceSummary } from '../../../schema/api.ts';
import type { TraceId } from '../../../schema/span.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { ReadScope } from '../reader-types.ts';
import { toSummary, traceSummaries } from '../search/trace-summaries.ts';
import type { SummaryRow } from '../search/trace-summaries.ts';

/** Traces whose spans, log records, resources and scopes are also in tables without a time to live. */
export interface PinnedTraces {
	/** As of the last `refresh`, `copy` or `remove`. */
	has(project: string, traceId: TraceId): boolean;
	/** Copies what is stored of the traces and is not among the copies yet. */
	copy(project: string, traceIds: readonly TraceId[]): Promise<void>;
	/** Whether there is a span of it, as a copy or not. */
	isStored(scope: ReadScope, traceId: TraceId): Promise<boolean>;
	/** Of the copies. Undefined when there are none. */
	summary(scope: ReadScope, traceId: TraceId): Promise<TraceSummary | undefined>;
	/** Resolves when the copies are gone. */
	remove(project: string, traceIds: readonly TraceId[]): Promise<void>;
	/** Learns of what other collectors pinned. */
	refresh(): Promise<void>;
}

const IDS = '(SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))';
const OF_TRACES = `project = {project:String} AND trace_id IN ${IDS}`;

const SPAN_KEY = 'trace_id, span_id, kind, service, start_nano';
/** Log records have no id: those that say the same are kept once. */
export const LOG_KEY =
	'trace_id, span_id, time_nano, observed_nano, severity, event_name, cityHash64(body, exception_message, attributes)';

const missing = (from: string, key: string, where: string): string => `
	INSERT INTO pinned_${from} SELECT * FROM ${from}
	WHERE ${where} AND (${key}) NOT IN (SELECT ${key} FROM pinned_${from} WHERE ${where})
	LIMIT 1 BY ${key}`;

const sources = (from: 'resources' | 'scopes', column: string): string =>
	missing(
		from,
		'id',
		`project = {project:String} AND id IN (
			SELECT ${column} FROM pinned_spans WHERE ${OF_TRACES} UNION DISTINCT SELECT ${column} FROM pinned_logs WHERE ${OF_TRACES})`,
	);

/** Spans come last: a trace counts as pinned once they are there. */
const COPIES = [missing('logs', LOG_KEY, OF_TRACES), missing('spans', SPAN_KEY, OF_TRACES)];
const SOURCE_COPIES = [sources('resources', 'resource_id'), sources('scopes', 'scope_id')];

const PINNED = 'SELECT DISTINCT project, lower(hex(trace_id)) AS traceId FROM pinned_spans';

const keyOf = (project: string, traceId: string): string => `${traceId} ${project}`;

/** What reads of one trace read from: `where` confines both tables, which have the same columns. */
export const fromTrace = (table: 'spans' | 'logs', where: string, isPinned: boolean): string =>
	isPinned
		? `(SELECT * FROM ${table} WHERE ${where} UNION ALL SELECT * FROM pinned_${table} WHERE ${where})`
		: `${table} WHERE ${where}`;

export async function openPinnedTraces(clickhouse: ClickHouse): Promise<PinnedTraces> {
	let known = new Set<string>();
	async function refresh(): Promise<void> {
		const rows = await clickhouse.rows<{ project: string; traceId: string }>(PINNED, {});
		known = new Set(rows.map(({ project, traceId }) => keyOf(project, traceId)));
	}
	await refresh();
	return {
		has: (project, traceId) => known.has(keyOf(project, traceId)),
		refresh,
		async copy(project, traceIds) {
			const parameters = { project, ids: traceIds };
			// Each shard copies what it has.
			for (const shard of clickhouse.shards) {
				for (const statement of [...COPIES, ...SOURCE_COPIES]) await shard.derive(statement, parameters, randomUUID());
			}
			await refresh();
		},
		async isStored({ project, signal }, traceId) {
			const sql = `SELECT 1 FROM ${fromTrace('spans', OF_TRACES, true)} LIMIT 1`;
			return (await clickhouse.rows(sql, { project, ids: [traceId] }, signal)).length > 0;
		},
		async summary({ project, signal }, traceId) {
			const sql = traceSummaries('pinned_spans', 'project = {project:String}');
			const [row] = await clickhouse.rows<SummaryRow>(sql, { project, ids: [traceId] }, signal);
			return row === undefined ? undefined : toSummary(row);
		},
		async remove(project, traceIds) {
			const ids = traceIds.map((traceId) => `unhex('${hexOf(traceId)}')`).join(', ');
			if (ids === '') return;
			for (const table of ['pinned_spans', 'pinned_logs'])
				await clickhouse.mutate(table, `DELETE WHERE project = '${nameOf(project)}' AND trace_id IN (${ids})`);
			// A source that is pinned between the two is copied again by the next round of `copy`.
			await clickhouse.mutate('pinned_resources', `DELETE WHERE ${UNUSED('resource_id')}`);
			await clickhouse.mutate('pinned_scopes', `DELETE WHERE ${UNUSED('scope_id')}`);
			await refresh();
		},
	};
}

const UNUSED = (column: string): string => `(project, id) NOT IN (
	SELECT project, ${column} FROM pinned_spans UNION DISTINCT SELECT project, ${column} FROM pinned_logs)`;

/** Nothing can be bound in a mutation: what is written into one is looked at first. */
export function hexOf(text: string): string {
	if (!/^[0-9a-f]+$/.test(text)) throw new Error(`${JSON.stringify(text)} is not hexadecimal`);
	return text;
}

export function nameOf(project: string): string {
	if (!/^[\w-]{1,64}$/.test(project)) throw new Error(`${JSON.stringify(project)} is not the name of a project`);
	return project;
}

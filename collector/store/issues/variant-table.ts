import type { ClickHouse } from '../engine/clickhouse.ts';
import { eventExceptions, logExceptions } from '../../analysis/exceptions/exception-sql.ts';
import type { NewVariant, VariantTable } from '../job-types.ts';

const UNKNOWN = `variant NOT IN (SELECT variant FROM exception_variants WHERE project = {project:String}
	AND assigned > now() - toIntervalSecond({refreshSeconds:UInt32}))`;

/** Projects with exceptions since some commit. */
const PROJECTS = `
	SELECT DISTINCT project FROM exceptions WHERE _writer != {writer:UUID} OR _commit > {after:UInt64}
	UNION DISTINCT SELECT DISTINCT project FROM logs WHERE exception_type != '' OR exception_message != ''`;

/** A place where each unknown variant can be read. */
const UNKNOWN_EVENTS = `
	SELECT toString(variant) AS variantText, lower(hex(argMax(trace_id, time))) AS traceId, toUnixTimestamp64Milli(max(time)) AS timeMs
	FROM exceptions WHERE project = {project:String} AND (_writer != {writer:UUID} OR _commit > {after:UInt64}) AND ${UNKNOWN}
	GROUP BY variant LIMIT {limit:UInt32}`;

const TEXTS = `
	toString(variant) AS variantText, any(exception_type) AS type, any(substring(exception_message, 1, 2000)) AS message,
	any(substring(exception_stack, 1, 32768)) AS stack, any(service_namespace) AS namespace, any(service) AS serviceName`;

const EVENT_TEXTS = `
	SELECT ${TEXTS} FROM (${eventExceptions(
		'service_namespace, service',
		`project = {project:String} AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
			AND time <= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
			AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traceIds:Array(String)})), 16))`,
	)})
	WHERE has({variants:Array(String)}, toString(variant)) GROUP BY variant`;

const LOG_TEXTS = `
	SELECT ${TEXTS} FROM (${logExceptions(
		'service_namespace, service',
		"project = {project:String} AND time >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')",
	)})
	WHERE ${UNKNOWN} GROUP BY variant LIMIT {limit:UInt32}`;

const COUNT = 'SELECT uniqExact(variant) AS variants FROM exception_variants WHERE project = {project:String}';

type TextRow = Omit<NewVariant, 'variant'> & { variantText: string };

const toVariant = ({ variantText, ...row }: TextRow): NewVariant => ({ ...row, variant: variantText });

/** A variant that goes on is written anew after half the time that its row lives. */
export function createVariantTable(clickhouse: ClickHouse, writer: string, retentionMs: number): VariantTable {
	const refreshSeconds = Math.round(Math.min(retentionMs / 2_000, 2 ** 31));
	return {
		async projects(after) {
			const rows = await clickhouse.rows<{ project: string }>(PROJECTS, { writer, after });
			return rows.map(({ project }) => project);
		},
		async ofEvents(project, after, limit) {
			const bound = { project, writer, after, limit, refreshSeconds };
			const places = await clickhouse.rows<{ variantText: string; traceId: string; timeMs: number }>(
				UNKNOWN_EVENTS,
				bound,
			);
			if (places.length === 0) return [];
			const rows = await clickhouse.rows<TextRow>(EVENT_TEXTS, {
				project,
				fromMs: Math.min(...places.map(({ timeMs }) => timeMs)),
				toMs: Math.max(...places.map(({ timeMs }) => timeMs)),
				traceIds: [...new Set(places.map(({ traceId }) => traceId))],
				variants: places.map(({ variantText }) => variantText),
			});
			return rows.map(toVariant);
		},
		async ofLogs(project, sinceMs, limit) {
			return (await clickhouse.rows<TextRow>(LOG_TEXTS, { project, sinceMs, limit, refreshSeconds })).map(toVariant);
		},
		async count(project) {
			return (await clickhouse.rows<{ variants: number }>(COUNT, { project }))[0]?.variants ?? 0;
		},
		async assign(project, rows) {
			if (rows.length === 0) return;
			const lines = rows.map((row) => JSON.stringify({ project, ...row })).join('\n');
			await clickhouse.insert(
				'exception_variants (project, variant, issue, type, title, culprit, message, stack)',
				'JSONEachRow',
				[Buffer.from(lines)],
			);
		},
	};
}

import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedRows } from '../derived/derived-rows.ts';
import { EXCEPTIONS } from '../derived/exceptions.ts';
import { logExceptions } from '../../analysis/exceptions/exception-sql.ts';
import { inEnvironment, inScope, SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';

/** A scope, and where exceptions in its window are read from. */
export type IssueScope = WindowScope & { read: ReadWindow };

/** More than anybody reads; the rest is said to be there. */
export const maxIssues = 1_000;
export const maxSamples = 25;
/** Values and messages of an issue. */
const maxShares = 20;
const maxVersions = 20;
/** Of a service. */
const maxDeploys = 50;
const inboxSamples = 3;

const PLACE = 'service_namespace, service, environment, version';
const hasTrace = "trace_id != toFixedString('', 16)";

/** To which issue a variant belongs. */
const VARIANTS = `
	SELECT variant, argMax(issue, assigned) AS issue, argMax(type, assigned) AS type, argMax(title, assigned) AS title,
		argMax(culprit, assigned) AS culprit
	FROM exception_variants WHERE project = {project:String} GROUP BY variant`;

/**
 * Exceptions of the window, each once: those in events of spans, and those in logs unless the span has the same one, as
 * SDKs send it that record both ways.
 */
const EXCEPTIONS_OF = (scope: IssueScope): string => {
	const events = derivedRows(EXCEPTIONS, inEnvironment(scope), scope.read);
	const columns = `${PLACE}, operation, trace_id, span_id, time, variant, occurrence`;
	return `
	SELECT ${columns} FROM (
		SELECT ${columns} FROM (${events})
		UNION ALL
		SELECT ${PLACE}, '' AS operation, trace_id, span_id, time, variant, occurrence
		FROM (${logExceptions(`${PLACE}, trace_id, span_id, time`, inScope(scope))})
		WHERE (trace_id, span_id, variant) NOT IN (SELECT trace_id, span_id, variant FROM (${events})))
	LIMIT 1 BY occurrence`;
};

/** With the texts of their issue; what was stored a moment ago may not have one yet. */
const EXCEPTION_ROWS = (scope: IssueScope): string => `
	SELECT issue, 'exception' AS kind, type, title, culprit, ${PLACE}, operation, trace_id, span_id, time,
		1 AS places, 0 AS spans, 0 AS wasted_nano
	FROM (${EXCEPTIONS_OF(scope)}) AS exceptions INNER JOIN (${VARIANTS}) AS variants USING (variant)`;

/** As they were analysed last. A trace that went on changes day now and then, so a day on either side is looked at. */
const FINDING_ROWS = (scope: WindowScope): string => `
	SELECT issue, kind, '' AS type, subject AS title, subject AS culprit, ${PLACE}, operation, trace_id, span_id, time,
		places, spans, wasted_nano
	FROM (
		SELECT * FROM performance_findings
		WHERE project = {project:String}
			AND day >= toDate(fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')) - 1
			AND day <= toDate(fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')) + 1
		ORDER BY analysed DESC LIMIT 1 BY trace_id, issue)
	WHERE gone = 0 AND ${inScope(scope)}`;

/** Negative time first, so that the least are the newest. */
const SAMPLE = `(-toUnixTimestamp64Milli(time), lower(hex(trace_id)), lower(hex(span_id)), environment, version, operation,
	toUInt64(wasted_nano), toUInt32(spans))`;

const ROWS = (scope: IssueScope): string => `
	SELECT * FROM (${EXCEPTION_ROWS(scope)}) UNION ALL SELECT * FROM (${FINDING_ROWS(scope)})`;

/** Ids that are bound, as they are stored. */
export const NUMBERS = (ids: string): string =>
	`arrayMap(id -> reinterpretAsUInt64(reverse(unhex(id))), {${ids}:Array(String)})`;

/** Which issue stands for the one of a row. */
export const ROOTS = {
	itself: 'issue',
	ofMerged: `transform(issue, ${NUMBERS('members')}, ${NUMBERS('roots')}, issue)`,
	theOne: 'reinterpretAsUInt64(reverse(unhex({issueId:String})))',
} as const;

/** An issue, and those that it stands for. */
export const OF_ISSUES = `has(${NUMBERS('issueIds')}, issue)`;

export const OF_VERSION =
	'service = {service:String} AND service_namespace = {serviceNamespace:String} AND version = {version:String}';

/** What is said of an issue is said of the one that stands for others, as long as that one occurred. */
const ofRoot = (column: string): string => `min((issue != root, ${column})).2`;

/** Sums of each issue, or of each that stands for others; `where` picks rows, `having` issues. */
export const ISSUES = (
	scope: IssueScope,
	root: string,
	{ where = '1', having = '1', samples = inboxSamples },
): string => `
	SELECT leftPad(lower(hex(root)), 16, '0') AS issueId, any(kind) AS kind, ${ofRoot('type')} AS type, ${ofRoot('title')} AS title,
		${ofRoot('culprit')} AS culprit,
		any(service_namespace) AS namespace, any(service) AS serviceName,
		toUInt64(sum(places)) AS count, uniqExactIf(trace_id, ${hasTrace}) AS traces, toFloat64(sum(wasted_nano)) AS wastedNano,
		toUnixTimestamp64Milli(max(time)) AS lastMs, toUnixTimestamp64Milli(min(time)) AS firstMs,
		sumMapIf([toString(operation)], [toUInt64(1)], operation != '') AS counted,
		arraySlice(arraySort((name, n) -> (-toInt64(n), name), counted.1, counted.2), 1, 1) AS operations, arraySort(groupUniqArrayIf(${maxVersions})(version, version != '')) AS versions,
		uniqExactIf(version, version != '') AS versionsOf,
		sumMap([toInt64(intDiv(toUnixTimestamp64Milli(time), {stepMs:Int64}))], [toUInt64(places)]) AS steps,
		groupArraySortedIf(${samples})(${SAMPLE}, ${hasTrace}) AS samples, count() OVER () AS total
	FROM (SELECT *, ${root} AS root FROM (${ROWS(scope)})) AS rows WHERE ${where}
	GROUP BY root HAVING ${having} ORDER BY count DESC, issueId LIMIT {limit:UInt32}`;

export const OF_TRACE = (scope: IssueScope): string => `
	SELECT leftPad(lower(hex(issue)), 16, '0') AS issueId, count() OVER () AS different
	FROM (${ROWS(scope)}) WHERE trace_id = toFixedString(unhex({traceId:String}), 16)
	GROUP BY issueId ORDER BY issueId LIMIT ${maxIssues}`;

export const SERVICES = (scope: IssueScope): string => `
	SELECT ${SERVICE_NAME} AS name, count() OVER () AS different FROM (${ROWS(scope)}) GROUP BY name ORDER BY name LIMIT ${maxIssues}`;

/** How often each of some issues occurred. */
export const MEMBERS = (scope: IssueScope): string => `
	SELECT leftPad(lower(hex(issue)), 16, '0') AS issueId, toUInt64(sum(places)) AS count, toUnixTimestamp64Milli(max(time)) AS lastMs
	FROM (${ROWS(scope)}) WHERE ${OF_ISSUES} GROUP BY issue`;

/** By version, over all that is kept. */
export const SEEN = `
	SELECT leftPad(lower(hex(issue)), 16, '0') AS issueId, version, toUnixTimestamp64Milli(min(time)) AS firstMs,
		toUnixTimestamp64Milli(max(time)) AS lastMs
	FROM (
		SELECT issue, version, time FROM (
			SELECT variant, version, time FROM exceptions WHERE project = {project:String}
			UNION ALL
			SELECT variant, version, time FROM (${logExceptions('version, time', 'project = {project:String}')})) AS exceptions
		INNER JOIN (${VARIANTS}) AS variants USING (variant)
		UNION ALL
		SELECT issue, version, time FROM (
			SELECT issue, version, time, gone FROM performance_findings WHERE project = {project:String}
			ORDER BY analysed DESC LIMIT 1 BY trace_id, issue)
		WHERE gone = 0)
	WHERE has({issueIds:Array(String)}, issueId)
	GROUP BY issue, version ORDER BY firstMs`;

/** How often each value of something stands in the window's rows of some issues. */
export const SHARES = (scope: IssueScope, column: 'operation' | 'environment' | 'version'): string => `
	SELECT ${column} AS value, toUInt64(sum(places)) AS count, toUnixTimestamp64Milli(min(time)) AS firstMs,
		toUnixTimestamp64Milli(max(time)) AS lastMs, countIf(value != '') OVER () AS different
	FROM (${ROWS(scope)}) WHERE ${OF_ISSUES}
	GROUP BY value ORDER BY value = '', count DESC, value LIMIT ${maxShares}`;

/** Variants of some issues with a sample each. */
export const MESSAGES = (scope: IssueScope): string => `
	SELECT message, stack, count, count() OVER () AS different FROM (
		SELECT variant, argMax(message, assigned) AS message, argMax(stack, assigned) AS stack
		FROM exception_variants WHERE project = {project:String} AND ${OF_ISSUES}
		GROUP BY variant) AS variants
	LEFT JOIN (SELECT variant, count() AS count FROM (${EXCEPTIONS_OF(scope)}) GROUP BY variant) AS counted USING (variant)
	ORDER BY count DESC, variant LIMIT ${maxShares}`;

/** When each service was first seen in each of its versions. */
export const VERSIONS = `
	SELECT service_namespace AS namespace, service, version, toUnixTimestamp64Milli(min(first_time)) AS firstSeenMs
	FROM service_versions WHERE project = {project:String} AND version != ''
	GROUP BY service_namespace, service, version ORDER BY firstSeenMs DESC LIMIT ${maxDeploys} BY service_namespace, service`;

/** When the service was first seen in each of its versions. */
export const DEPLOYS = `
	SELECT version, toUnixTimestamp64Milli(min(first_time)) AS firstSeenMs, count() OVER () AS different FROM service_versions
	WHERE project = {project:String} AND service_namespace = {namespace:String} AND service = {service:String} AND version != ''
	GROUP BY version ORDER BY firstSeenMs DESC, version LIMIT ${maxDeploys}`;

/** The single calls of a query and the spans above them: who calls it, from where, how often for one request, by which names. */
import type { SpanAbove } from '../../analysis/query-callers.ts';
import type { CodePlace } from '../../../schema/api-database.ts';
import { attributeNames } from '../../analysis/query-attribute-names.ts';
import { callerOf } from '../../analysis/query-callers.ts';
import type { Caller } from '../../analysis/query-callers.ts';
import { SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { IS_DATABASE_CALL } from '../database-calls.ts';
import { AROUND, callsSql, SAMPLED } from './query-calls-sql.ts';
import type { QueryId, ReadCalls } from './query-filter.ts';
import { NAMES_OF_CALL } from './query-names.ts';

/** More spans than above ten thousand calls of any application that was seen; beyond, some calls have no caller, and it is said. */
const maxAbove = 200_000;

/** Of a string attribute under any of its names, cut: what stands here is told of ten thousand calls. */
const textOf = (key: string): string => {
	const values = attributeNames(key).names.map((name) => `attributes_string['${name}']`);
	return `substring(arrayFirst(text -> text != '', [${values.join(', ')}]), 1, 400)`;
};
const LINES = attributeNames('code.line.number').names.flatMap((name) => [
	`attributes_int64['${name}']`,
	`toInt64OrZero(attributes_string['${name}'])`,
]);
/** Since semantic conventions 1.30 `code.function.name` is the whole name; before, a namespace and a function made it. */
const FUNCTION = `if(attributes_string['code.function.name'] != '' OR attributes_string['code.function'] = '',
	attributes_string['code.function.name'],
	arrayStringConcat(arrayFilter(part -> part != '', [attributes_string['code.namespace'], attributes_string['code.function']]), '.'))`;
const CODE = `substring(${FUNCTION}, 1, 400) AS codeFunction, ${textOf('code.file.path')} AS codeFile,
	arrayFirst(line -> line > 0, [${LINES.join(', ')}]) AS codeLine`;

/** Starts count from the window's: as nanoseconds since 1970 they would be rounded. */
const CALLED = (scope: WindowScope, id: QueryId) =>
	callsSql(scope, id, `lower(hex(trace_id)) AS traceId, lower(hex(parent_span_id)) AS parentSpanId, ${SERVICE_NAME} AS serviceName,
		weight, error, duration_nano, toInt64(start_nano) - {fromMs:Int64} * 1000000 AS startNano, ${CODE}, ${NAMES_OF_CALL} AS names`, SAMPLED); // prettier-ignore

/** Spans of the calling services in the traces of the calls; of other database calls those that have one of these below them. */
const ABOVE = (scope: WindowScope, id: QueryId) => {
	const calls = (columns: string) => `SELECT ${columns} FROM (${callsSql(scope, id, columns, SAMPLED)})`;
	return `
	SELECT lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, lower(hex(parent_span_id)) AS parentSpanId,
		${SERVICE_NAME} AS serviceName, toString(operation) AS operation, entry, ${CODE}
	FROM spans WHERE ${AROUND} AND trace_id IN (${calls('trace_id')}) AND service IN (${calls('service')})
		AND (NOT (${IS_DATABASE_CALL}) OR (trace_id, span_id) IN (${calls('trace_id, parent_span_id')}))
	LIMIT ${maxAbove}`;
};

interface CodeRow {
	codeFunction: string;
	codeFile: string;
	codeLine: number;
}
interface CalledRow extends CodeRow {
	traceId: string;
	parentSpanId: string;
	serviceName: string;
	weight: number;
	error: number;
	duration_nano: number;
	startNano: number;
	names: number;
}
interface AboveRow extends CodeRow {
	traceId: string;
	spanId: string;
	parentSpanId: string;
	serviceName: string;
	operation: string;
	entry: number;
}

/** One call, and where it came from. */
export interface QueryCall extends Pick<CalledRow, 'traceId' | 'parentSpanId' | 'weight' | 'names' | 'startNano'> {
	service: string;
	isError: boolean;
	durationNano: number;
	caller: Caller;
}

/** The calls of one trace in so many; `isCut` where more spans lie above them than are read. */
export async function readCalls(
	scope: WindowScope,
	id: QueryId,
	read: ReadCalls,
	slices: number,
): Promise<{ calls: QueryCall[]; isCut: boolean }> {
	const [called, above] = await Promise.all([
		read<CalledRow>(CALLED(scope, id), { slices }),
		read<AboveRow>(ABOVE(scope, id), { slices }),
	]);
	const traces = new Map<string, Map<string, SpanAbove>>();
	for (const { traceId, spanId, parentSpanId, serviceName, operation, entry, ...code } of above) {
		const spans = traces.get(traceId) ?? new Map<string, SpanAbove>();
		traces.set(traceId, spans);
		spans.set(spanId, {
			spanId,
			parentSpanId,
			service: serviceName,
			operation,
			isEntry: entry === 1,
			code: placeOf(code),
		});
	}
	const none = new Map<string, SpanAbove>();
	const calls = called.map((row): QueryCall => {
		const { traceId, parentSpanId, serviceName: service, weight, error, duration_nano, startNano, names } = row;
		const caller = callerOf({ parentSpanId, service, code: placeOf(row) }, traces.get(traceId) ?? none);
		const times = { durationNano: duration_nano, startNano };
		return { traceId, parentSpanId, service, weight, isError: error === 1, names, caller, ...times };
	});
	return { calls, isCut: above.length === maxAbove };
}

function placeOf({ codeFunction, codeFile, codeLine }: CodeRow): CodePlace | undefined {
	if (codeFunction === '' && codeFile === '') return undefined;
	return { function: codeFunction, file: codeFile, line: codeFile === '' || codeLine <= 0 ? null : codeLine };
}

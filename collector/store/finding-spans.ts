import { SPAN_TYPES, SPAN_KINDS } from '../../schema/span.ts';
import type { TraceSpans } from '../../schema/trace-spans.ts';
import type { SharedFacts, TraceToSearch } from './job-types.ts';
import type { NativeTable } from './native-reader.ts';
import { SERVICE_NAME } from './read-scope.ts';
import { ONCE } from './span-rows.ts';

const DB = SPAN_TYPES.indexOf('db');
const HTTP = SPAN_TYPES.indexOf('http');
const CLIENT = SPAN_KINDS.indexOf('client');
const INTERNAL = SPAN_KINDS.indexOf('internal');

const isDb = `(type = ${DB})`;
const isHttpCall = `(type = ${HTTP} AND kind = ${CLIENT})`;
const fullUrl = "if(attributes_string['url.full'] != '', attributes_string['url.full'], attributes_string['http.url'])";

/** What calls are grouped by: the sanitised query; method, host and path without ids; else the operation. */
const SUBJECT = `multiIf(
	${isDb} AND db_query_text != '', db_query_text,
	${isHttpCall} AND position(operation, '/') = 0 AND attr_url_path != '',
		concat(attr_http_request_method, ' ', attr_server_address,
			replaceRegexpAll(substring(attr_url_path, 1, 200), '/[0-9a-fA-F-]*[0-9][0-9a-fA-F-]*', '/{id}')),
	operation)`;

/** A query with placeholders doesn't say what it was run with. */
const IDENTITY = `multiIf(
	${isDb} AND attr_db_query_text != '' AND NOT match(attr_db_query_text, '\\\\$[0-9]|\\\\?|%s|[:@][a-zA-Z_]'), attr_db_query_text,
	${isHttpCall}, ${fullUrl},
	'')`;

const IS_READ = `multiIf(
	${isDb}, match(if(attr_db_operation_name != '', attr_db_operation_name, db_query_text),
		'^(?i)\\\\s*\\\\(?\\\\s*(select|with|get|mget|hget|hgetall|find|aggregate|scan|show|exists|search|query|smembers)\\\\b'),
	${isHttpCall}, attr_http_request_method IN ('GET', 'HEAD'),
	false)`;

/** What the search for performance issues looks at, all spans of some traces. */
export const SPANS_TO_SEARCH = `
	SELECT lower(hex(trace_id)) AS traceId, byteSwap(reinterpretAsUInt64(span_id)) AS spanId,
		byteSwap(reinterpretAsUInt64(parent_span_id)) AS parentId, start_nano, toFloat64(duration_nano) AS durationNano,
		kind AS kindNumber, type AS typeNumber, status AS statusNumber, error AS errorNumber,
		service_namespace, service, toLowCardinality(${SERVICE_NAME}) AS serviceText, environment, version, operation,
		toString(${SUBJECT}) AS subject, toString(sipHash64(${IDENTITY})) AS identity, empty(${IDENTITY}) AS isUnknown,
		toUInt8(${IS_READ}) AS isRead, toUInt8(kind = ${CLIENT} OR (${isDb} AND kind <= ${INTERNAL})) AS isCall
	FROM spans
	WHERE project = {project:String} AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
		AND time <= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
		AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traceIds:Array(String)})), 16))
	ORDER BY trace_id, start_nano, span_id, kind, service
	${ONCE} LIMIT {limit:UInt32}`;

/** Rows come trace by trace. */
export function searchedTraces(table: NativeTable): TraceToSearch[] {
	const traceId = table.strings('traceId');
	const facts = factsOf(table);
	const found: TraceToSearch[] = [];
	for (let from = 0; from < table.rows;) {
		let to = from;
		while (to < table.rows && traceId[to] === traceId[from]) to += 1;
		found.push({ traceId: traceId[from] ?? '', ...traceOfRows(table, facts, from, to) });
		from = to;
	}
	return found;
}

function traceOfRows(
	table: NativeTable,
	factsAt: (row: number) => SharedFacts,
	from: number,
	to: number,
): { spans: TraceSpans; facts: SharedFacts[] } {
	const service = table.dictionary('serviceText');
	const services = new Map<string, number>();
	const places = new Map<string, number>();
	const facts: SharedFacts[] = [];
	const factOfRow = new Uint32Array(to - from);
	const serviceOfRow = new Uint32Array(to - from);
	for (let row = from; row < to; row += 1) {
		const fact = factsAt(row);
		const key = JSON.stringify(fact);
		const place = places.get(key) ?? facts.push(fact) - 1;
		places.set(key, place);
		factOfRow[row - from] = place;
		const text = service.dictionary[service.ids[row] ?? 0] ?? '';
		const number = services.get(text) ?? services.size;
		services.set(text, number);
		serviceOfRow[row - from] = number;
	}
	const bytes = (name: string) => table.numbers(name, 'uint8').subarray(from, to);
	const ids = (name: string) => table.numbers(name, 'uint64').slice(from, to);
	const none = new Uint16Array(to - from);
	const spans: TraceSpans = {
		count: to - from,
		spanId: ids('spanId'),
		parentSpanId: ids('parentId'),
		startUnixNano: ids('start_nano'),
		durationNano: table.numbers('durationNano', 'float64').slice(from, to),
		kind: bytes('kindNumber'),
		type: bytes('typeNumber'),
		statusCode: bytes('statusNumber'),
		error: bytes('errorNumber'),
		marks: new Uint32Array(to - from),
		httpStatus: none,
		events: none,
		links: none,
		clock: serviceOfRow,
		service: serviceOfRow,
		name: factOfRow,
		operation: factOfRow,
		services: [...services.keys()],
		names: facts.map(({ operation }) => operation),
	};
	return { spans, facts };
}

function factsOf(table: NativeTable): (row: number) => SharedFacts {
	const text = (name: string) => {
		const { ids, dictionary } = table.dictionary(name);
		return (row: number) => dictionary[ids[row] ?? 0] ?? '';
	};
	const [namespace, service, environment] = [text('service_namespace'), text('service'), text('environment')];
	const [version, operation] = [text('version'), text('operation')];
	const [subject, identity] = [table.strings('subject'), table.strings('identity')];
	const flag = (name: string) => table.numbers(name, 'uint8');
	const [isUnknown, isRead, isCall] = [flag('isUnknown'), flag('isRead'), flag('isCall')];
	return (row) => ({
		namespace: namespace(row),
		serviceName: service(row),
		environment: environment(row),
		version: version(row),
		operation: operation(row),
		subject: subject[row] ?? '',
		identity: isUnknown[row] === 1 ? '' : (identity[row] ?? ''),
		isRead: isRead[row] === 1,
		isCall: isCall[row] === 1,
	});
}

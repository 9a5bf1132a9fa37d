import { SPAN_TYPES, SPAN_KINDS } from '../../../schema/span.ts';
import type { TraceSpans } from '../../../schema/trace-spans.ts';
import type { SharedFacts, TraceToSearch } from '../job-types.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { SERVICE_NAME } from '../read-scope.ts';
import { rowsOfTraces } from '../traces/rows-of-traces.ts';
import type { RowsOfTrace } from '../traces/rows-of-traces.ts';
import { ONCE } from '../span-rows.ts';
import { distinctTexts } from '../traces/trace-reader.ts';

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

const IS_CALL = `(kind = ${CLIENT} OR (${isDb} AND kind <= ${INTERNAL}))`;

const IS_READ = `multiIf(
	${isDb}, match(if(attr_db_operation_name != '', attr_db_operation_name, db_query_text),
		'^(?i)\\\\s*\\\\(?\\\\s*(select|with|get|mget|hget|hgetall|find|aggregate|scan|show|exists|search|query|smembers)\\\\b'),
	${isHttpCall}, attr_http_request_method IN ('GET', 'HEAD'),
	false)`;

/** What calls share, in the order of `sharedFacts`. */
const FACTS = `toJSONString([toString(service_namespace), toString(service), toString(environment), toString(version),
	toString(operation), toString(${SUBJECT}), toString(toUInt8(${IS_CALL})), toString(toUInt8(${IS_READ}))])`;

/**
 * What the search for performance issues looks at, all spans of some traces. What they share comes as a dictionary: there are few such
 * texts, and many rows. `identity` is 0 where what a call was run with can't be seen, or doesn't matter.
 */
export const SPANS_TO_SEARCH = `
	SELECT trace_id, byteSwap(reinterpretAsUInt64(span_id)) AS spanId,
		byteSwap(reinterpretAsUInt64(parent_span_id)) AS parentId, start_nano, toFloat64(duration_nano) AS durationNano,
		kind AS kindNumber, type AS typeNumber, status AS statusNumber, error AS errorNumber,
		toLowCardinality(${SERVICE_NAME}) AS serviceText, toLowCardinality(${FACTS}) AS facts,
		if(${IS_CALL} AND ${IS_READ} AND notEmpty(${IDENTITY}), sipHash64(${IDENTITY}), 0) AS identity
	FROM spans
	WHERE project = {project:String} AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
		AND time <= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
		AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traceIds:Array(String)})), 16))
	ORDER BY trace_id, start_nano, span_id, kind, service
	${ONCE} LIMIT {limit:UInt32}`;

/** Rows come trace by trace. */
export function searchedTraces(table: NativeTable): TraceToSearch[] {
	const columns = searchColumns(table);
	return [...rowsOfTraces(table.fixed('trace_id'))].map((rows) => ({
		traceId: rows.traceId,
		...traceOfRows(columns, rows),
	}));
}

interface SearchColumns {
	table: NativeTable;
	/** Of each row, and which is meant. */
	serviceOfRow: Uint32Array;
	services: readonly string[];
	factsOfRow: Uint32Array;
	facts: readonly SharedFacts[];
	identityOfRow: BigUint64Array;
}

function searchColumns(table: NativeTable): SearchColumns {
	const services = distinctTexts([table.dictionary('serviceText')]);
	const facts = distinctTexts([table.dictionary('facts')]);
	return {
		table,
		serviceOfRow: services.ids[0] ?? new Uint32Array(0),
		services: services.texts,
		factsOfRow: facts.ids[0] ?? new Uint32Array(0),
		facts: facts.texts.map((text) => sharedFacts(text)),
		identityOfRow: table.numbers('identity', 'uint64'),
	};
}

function sharedFacts(text: string): SharedFacts {
	const [
		namespace = '',
		serviceName = '',
		environment = '',
		version = '',
		operation = '',
		subject = '',
		isCall,
		isRead,
	] = JSON.parse(text) as string[];
	const calls = { isCall: isCall === '1', isRead: isRead === '1', identity: '' };
	return { namespace, serviceName, environment, version, operation, subject, ...calls };
}

/** Numbers what a trace has of it, in the order in which it comes. */
class Numbering<Key> {
	readonly #numbers = new Map<Key, number>();

	of(key: Key, onNew: () => void): number {
		let number = this.#numbers.get(key);
		if (number === undefined) {
			number = this.#numbers.size;
			this.#numbers.set(key, number);
			onNew();
		}
		return number;
	}
}

function traceOfRows(
	{ table, serviceOfRow, services, factsOfRow, facts, identityOfRow }: SearchColumns,
	{ from, to }: RowsOfTrace,
): { spans: TraceSpans; facts: SharedFacts[] } {
	const ownServices: string[] = [];
	const ownFacts: SharedFacts[] = [];
	const serviceNumbers = new Numbering<number>();
	const factNumbers = new Numbering<number | string>();
	const service = new Uint32Array(to - from);
	const fact = new Uint32Array(to - from);
	for (let row = from; row < to; row += 1) {
		const ofService = serviceOfRow[row] ?? 0;
		service[row - from] = serviceNumbers.of(ofService, () => ownServices.push(services[ofService] ?? ''));
		const shared = factsOfRow[row] ?? 0;
		const identity = identityOfRow[row] ?? 0n;
		fact[row - from] =
			identity === 0n
				? factNumbers.of(shared, () => ownFacts.push(facts[shared] as SharedFacts))
				: factNumbers.of(`${shared} ${identity}`, () =>
						ownFacts.push({ ...(facts[shared] as SharedFacts), identity: String(identity) }),
					);
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
		clock: service,
		service,
		name: fact,
		operation: fact,
		services: ownServices,
		names: ownFacts.map(({ operation }) => operation),
	};
	return { spans, facts: ownFacts };
}

/** The edges of one bucket: who called whom, from the spans themselves. */
import { EDGE_TYPES, NODE_TYPES, OTHER_NAME } from '../../../schema/service-map.ts';
import type { EdgeType, NodeType } from '../../../schema/service-map.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import type { SpanKind, SpanType } from '../../../schema/span.ts';
import { CALL_SUMS, CALL_SUMS_OF_PARTS, inBucket, messageWaitMs, near, nearMs, NO_SPAN, ONCE } from './bucket-spans.ts';
import { slicesOf } from './derivation.ts';
import type { Derivation } from './derivation.ts';

/** Which spans edges are made of, as conditions on `spans`. */
export interface EdgeSpans {
	/** Those that count. */
	counted: string;
	/** Where the other half of a call is looked for. */
	near: string;
	/** Where who sent a message is looked for. */
	senders: string;
}

/** Of one caller and edge type, and of all: what is called less is summed as `(other)`. */
const maxCallees = 200;
const maxPairs = 5_000;

const kind = (of: SpanKind): number => SPAN_KINDS.indexOf(of);
const type = (of: SpanType): number => SPAN_TYPES.indexOf(of);
const edge = (of: EdgeType): string => `toUInt8(${EDGE_TYPES.indexOf(of)})`;
const node = (of: NodeType): string => `toUInt8(${NODE_TYPES.indexOf(of)})`;

/** Taking from a queue and confirming are client spans that nobody answers: the span that works on the message counts. */
const TAKES = "attr_messaging_operation_type IN ('receive', 'settle', 'process')";
const IS_CLIENT = `kind = ${kind('client')} AND type NOT IN (${type('db')}, ${type('messaging')})`;
const IS_DATABASE = `type = ${type('db')} AND kind != ${kind('server')}`;
const IS_SEND = `(kind = ${kind('producer')} OR (kind = ${kind('client')} AND type = ${type('messaging')} AND NOT ${TAKES}))`;
const IS_WORK = `kind = ${kind('consumer')}`;
const IS_SERVER = `kind = ${kind('server')}`;

/**
 * Ids that a client span and a server span share: Zipkin gives both ends of a call one id. Traces lie together, so that grouping
 * by them costs a fifth of a set of all clients' ids (docs/adr/0073-ids-that-two-spans-share.md).
 */
const SHARED = (near: string): string => {
	const idsOf = (of: SpanKind) => `groupArrayIf(reinterpretAsUInt64(span_id), kind = ${kind(of)})`;
	return `(
		SELECT trace_id, reinterpretAsFixedString(arrayJoin(arrayIntersect(${idsOf('client')}, ${idsOf('server')})))
		FROM spans WHERE ${near} AND kind IN (${kind('client')}, ${kind('server')}) GROUP BY trace_id
	)`;
};

/** `kafka:orders`; either alone where the other is missing. */
const named = (system: string, name: string): string =>
	`concat(${system}, if(${system} != '' AND ${name} != '', ':', ''), ${name})`;
const QUEUE = named('attr_messaging_system', 'attr_messaging_destination_name');
const HAS_QUEUE = "(attr_messaging_system != '' OR attr_messaging_destination_name != '')";
const DATABASE_NAME = "if(attr_db_namespace != '', attr_db_namespace, attr_server_address)";
const HOST = "if(attr_service_peer_name != '', attr_service_peer_name, attr_server_address)";

const COUNTED = 'toStartOfMinute(time) AS minute, environment, duration_nano, error, weight';
const COUNTED_AGAIN = 'minute, environment, duration_nano, error, weight';
const columns = (...list: string[]): string => list.join(', ');

/**
 * One row for each client span and service that answers it. A server span that shares the client's id answers it whatever its
 * parent says, and what hangs below that id is the server's. One that nothing answers is not yet a call of a stranger while the
 * answer may be under way.
 */
const requests = ({ counted, near }: EdgeSpans): string => `
	SELECT ${columns(COUNTED_AGAIN, `${edge('request')} AS edge_type`, `${node('service')} AS caller_type`)},
		if(answered = 1, ${node('service')}, ${node('external')}) AS callee_type,
		service_namespace AS caller_namespace, service AS caller,
		answer_namespace AS callee_namespace, if(answered = 1, answer_service, host) AS callee, attr_server_address AS address
	FROM (
		SELECT trace_id, if(is_shared, span_id, parent_span_id) AS call_id, service_namespace AS answer_namespace,
			service AS answer_service, 1 AS answered, (trace_id, span_id) IN ${SHARED(near)} AS is_shared
		FROM spans
		WHERE ${near} AND ${IS_SERVER} AND call_id != ${NO_SPAN} AND (is_shared OR (trace_id, parent_span_id) NOT IN ${SHARED(near)})
		LIMIT 1 BY trace_id, call_id, answer_namespace, answer_service
	) AS answers RIGHT JOIN (
		SELECT trace_id, span_id AS call_id, time, service_namespace, service, attr_server_address, ${HOST} AS host, ${COUNTED}
		FROM spans WHERE ${counted} AND ${IS_CLIENT} ${ONCE}
	) AS calls USING (trace_id, call_id)
	WHERE answered = 1 OR time < fromUnixTimestamp64Milli({settledMs:Int64}, 'UTC')`;

/** What one span tells alone, in bits, as one may be more than one of them. */
const [DATABASE, SENT, WORKED] = [1, 2, 4];

/** Databases, what is sent to a queue, and what is taken out of one. */
const alone = ({ counted }: EdgeSpans): string => `
	SELECT ${columns(COUNTED_AGAIN, `if(role = ${DATABASE}, ${edge('database')}, ${edge('messaging')})`)},
		if(role = ${WORKED}, ${node('queue')}, ${node('service')}),
		multiIf(role = ${DATABASE}, ${node('database')}, role = ${SENT}, ${node('queue')}, ${node('service')}),
		if(role = ${WORKED}, '', service_namespace), if(role = ${WORKED}, name, service),
		if(role = ${WORKED}, service_namespace, ''), if(role = ${WORKED}, service, name), if(role = ${DATABASE}, attr_server_address, '')
	FROM (
		SELECT *, arrayJoin(bitmaskToArray(roles)) AS role,
			if(role = ${DATABASE}, attr_db_system_name, attr_messaging_system) AS system,
			if(role = ${DATABASE}, ${DATABASE_NAME}, attr_messaging_destination_name) AS place,
			${named('system', 'place')} AS name
		FROM (
			SELECT ${COUNTED}, service_namespace, service, attr_server_address, attr_db_system_name, attr_db_namespace,
				attr_messaging_system, attr_messaging_destination_name,
				(${IS_DATABASE}) * ${DATABASE} + (${IS_SEND} AND ${HAS_QUEUE}) * ${SENT} + (${IS_WORK} AND ${HAS_QUEUE}) * ${WORKED} AS roles
			FROM spans WHERE ${counted} AND roles != 0 ${ONCE}
		)
	)`;

/** Once for each service whose message a consumer works on: its parent's where that is a sender, else those of its links. */
const delivered = ({ counted, senders }: EdgeSpans): string => `
	SELECT ${columns(COUNTED_AGAIN, edge('messaging'), node('service'), node('service'))},
		sender.1, sender.2, service_namespace, service, sender.3
	FROM (
		SELECT any(minute) AS minute, any(environment) AS environment, any(duration_nano) AS duration_nano,
			any(error) AS error, any(weight) AS weight, any(service_namespace) AS service_namespace, service,
			arrayJoin(if(max(is_parent) = 1, groupUniqArrayIf(sent_by, is_parent = 1), groupUniqArray(sent_by))) AS sender
		FROM (
			SELECT ${columns(COUNTED, 'service_namespace, service, trace_id, span_id, kind, start_nano')},
				arrayJoin(arrayDistinct(arrayConcat(
					[(trace_id, parent_span_id, toUInt8(1))],
					arrayMap((trace, span) -> (trace, span, toUInt8(0)), link_trace_id, link_span_id)))) AS origin,
				origin.1 AS sent_trace, origin.2 AS sent_span, origin.3 AS is_parent
			FROM spans WHERE ${counted} AND ${IS_WORK}
		) AS work INNER JOIN (
			SELECT trace_id AS sent_trace, span_id AS sent_span,
				(toString(service_namespace), toString(service), ${QUEUE}) AS sent_by
			FROM spans WHERE ${senders} AND ${IS_SEND}
		) AS sends USING (sent_trace, sent_span)
		GROUP BY trace_id, span_id, kind, service, start_nano
	)`;

/** Of several spans with the parent's id one stands for all, as one does of entries that came twice. */
const children = ({ counted, near }: EdgeSpans): string => `
	SELECT ${columns(COUNTED_AGAIN, edge('child'), node('service'), node('service'))},
		parent_namespace, parent_service, service_namespace, service, ''
	FROM (
		SELECT trace_id, span_id AS parent_span_id, service_namespace AS parent_namespace, service AS parent_service
		FROM spans WHERE ${near} AND kind NOT IN (${kind('client')}, ${kind('producer')})
	) AS parents RIGHT SEMI JOIN (
		SELECT trace_id, span_id, kind, start_nano, parent_span_id, service_namespace, service, ${COUNTED}
		FROM spans
		WHERE ${counted} AND ${IS_SERVER} AND parent_span_id != ${NO_SPAN} AND (trace_id, span_id) NOT IN ${SHARED(near)}
	) AS entries USING (trace_id, parent_span_id)
	WHERE (parent_namespace, parent_service) != (service_namespace, service) ${ONCE}`;

/** Of the sender of each message that a span works on, the trace. */
export const sendersOf = (counted: string): string =>
	`SELECT arrayJoin(arrayConcat([trace_id], link_trace_id)) FROM spans WHERE ${counted} AND ${IS_WORK}`;

/**
 * Every call that counts: its minute, environment, duration, error and weight, what kind of edge it is, between whom, and the
 * address. Binds what the conditions do, and `settledMs`: when a call must have ended to be one that nobody answers.
 */
export const callsOfEdges = (of: EdgeSpans): string =>
	[requests, alone, delivered, children].map((select) => select(of)).join(' UNION ALL ');

const CALLS = callsOfEdges({
	counted: inBucket(),
	near: inBucket(nearMs, nearMs),
	senders: `${near(messageWaitMs, nearMs)} AND trace_id IN (${sendersOf(inBucket())})`,
});

const CALLER = 'caller_type, caller_namespace, caller';
const CALLEE = 'callee_type, callee_namespace, callee';
const KEYS = `minute, edge_type, environment, ${CALLER}, ${CALLEE}, address`;

/** Sums of single calls, by pair. */
const pairsOfCalls = (calls: string): string => `SELECT ${KEYS}, ${CALL_SUMS} FROM (${calls}) GROUP BY ${KEYS}`;
/** Of rows that are such sums. */
const pairsOfPairs = (pairs: string): string => `
	SELECT ${KEYS}, ${CALL_SUMS_OF_PARTS} FROM (${pairs}) AS parts GROUP BY ${KEYS}`;

/** Ranks what was called by how often, so that the bounds keep what matters. */
const ranked = (pairs: string): string => `
	SELECT *, dense_rank() OVER (PARTITION BY edge_type, ${CALLER} ORDER BY pair_calls DESC, ${CALLEE}, address) AS callee_rank,
		dense_rank() OVER (ORDER BY pair_calls DESC, edge_type, ${CALLER}, ${CALLEE}, address) AS pair_rank
	FROM (SELECT *, sum(calls) OVER (PARTITION BY edge_type, ${CALLER}, ${CALLEE}, address) AS pair_calls FROM (${pairs}))`;

const kept = (column: string, other: string): string => `if(isKept, ranked.${column}, ${other})`;

/** What is called least summed as `(other)`. */
const bounded = (pairs: string): string => `
	SELECT minute, edge_type, caller_type, callee_type, environment, caller_namespace, caller, callee_namespace, callee, address,
		${CALL_SUMS_OF_PARTS}
	FROM (
		SELECT ranked.callee_rank <= ${maxCallees} AND ranked.pair_rank <= ${maxPairs} AS isKept,
			ranked.minute AS minute, edge_type, environment, caller_type, callee_type,
			if(ranked.pair_rank <= ${maxPairs}, ranked.caller_namespace, '') AS caller_namespace,
			if(ranked.pair_rank <= ${maxPairs}, ranked.caller, '${OTHER_NAME}') AS caller,
			${kept('callee_namespace', "''")} AS callee_namespace, ${kept('callee', `'${OTHER_NAME}'`)} AS callee,
			${kept('address', "''")} AS address, calls, errors, total_nano, spans, buckets, bucket_calls
		FROM (${ranked(pairs)}) AS ranked
	) AS parts
	GROUP BY minute, edge_type, caller_type, callee_type, environment, caller_namespace, caller, callee_namespace, callee, address`;

/** The edges of the bucket, and the row that says that it was derived: `spans` were there before, and up to when calls were settled. */
const insert = (pairs: string): string => `
	INSERT INTO service_edges (project, bucket, version, minute, type, caller_type, callee_type, environment,
		caller_namespace, caller, callee_namespace, callee, address, calls, errors, total_nano, spans, buckets, bucket_calls)
	SELECT {project:String}, toDateTime(intDiv({bucketMs:Int64}, 1000), 'UTC'), {version:UInt64}, * FROM (
		${bounded(pairs)}
		UNION ALL
		SELECT toDateTime(intDiv({bucketMs:Int64}, 1000), 'UTC'), toUInt8(255), toUInt8(0), toUInt8(0), '', '', '', '', '', '',
			toFloat64({settledMs:Int64}), 0., 0., {seen:UInt64}, CAST([], 'Array(Int32)'), CAST([], 'Array(Float64)')
	)`;

/** What `bounded` yields. */
const STRUCTURE = `minute DateTime('UTC'), edge_type UInt8, caller_type UInt8, callee_type UInt8, environment String,
	caller_namespace String, caller String, callee_namespace String, callee String, address String,
	calls Float64, errors Float64, total_nano Float64, spans UInt64, buckets Array(Int32), bucket_calls Array(Float64)`;

export const SERVICE_EDGES: Derivation = {
	table: 'service_edges',
	whole: insert(pairsOfCalls(CALLS)),
	slice: bounded(pairsOfCalls(CALLS)),
	ofSlices: insert(pairsOfPairs(slicesOf(STRUCTURE))),
};

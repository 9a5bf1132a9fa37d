import type { StorageAnswer } from '../../../schema/api-storage.ts';
import type { TimeWindow } from '../../../schema/api.ts';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { IN_WINDOW, scopeParameters } from '../read-scope.ts';
import type { ReadScope } from '../reader-types.ts';

/** What services and attributes have of the bytes of spans, before compression. */
export interface ByteShares {
	/** Spans that were read, of those in the window. */
	spans: number;
	of: number;
	services: { service: string; namespace: string; spans: number; ratio: number }[];
	attributes: { key: string; scope: StorageAnswer['attributes'][number]['scope']; spans: number; ratio: number }[];
}

/** About so many spans are read in full. */
const sampleSpans = 300_000;
const bucketSeconds = 300;
/** Stretches of five minutes that are read, spread over the window. */
const sampleBuckets = 24;
const shownServices = 100;
const shownAttributes = 50;

/** Ids, times, numbers and references to names: about what every span has. */
const FIXED_BYTES = 80;
const DICTIONARY_BYTES = 2;
const NUMBER_BYTES = 8;

const lengthsOf = (values: string): string => `arraySum(v -> length(v), ${values})`;
const promotedBytes = PROMOTED_ATTRIBUTES.map(({ attribute, column, storage }) => {
	const bytes = { string: `length(${column})`, int64: String(NUMBER_BYTES), dictionary: String(DICTIONARY_BYTES) };
	const isThere = storage === 'int64' ? `${column} != 0` : `${column} != ''`;
	return { key: attribute, bytes: `if(${isThere}, ${bytes[storage]}, 0)` };
});

/** Attributes of one row: pairs of scope, key and bytes. */
const PAIRS = `arrayConcat(
	arrayFilter(pair -> pair.3 > 0, [${promotedBytes.map(({ key, bytes }) => `('span', '${key}', toUInt64(${bytes}))`).join(', ')}]),
	arrayMap((k, v) -> ('span', toString(k), toUInt64(length(v))), mapKeys(attributes_string), mapValues(attributes_string)),
	arrayMap(k -> ('span', toString(k), toUInt64(${NUMBER_BYTES})), arrayConcat(mapKeys(attributes_int64), mapKeys(attributes_double))),
	arrayMap(k -> ('span', toString(k), toUInt64(1)), mapKeys(attributes_bool)),
	arrayMap((k, v) -> ('span', toString(k), toUInt64(length(v))), mapKeys(attributes_other), mapValues(attributes_other)),
	arrayFlatten(arrayMap(m -> arrayMap((k, v) -> ('event', toString(k), toUInt64(length(v))), mapKeys(m), mapValues(m)), event_attributes)),
	arrayFlatten(arrayMap(m -> arrayMap((k, v) -> ('link', toString(k), toUInt64(length(v))), mapKeys(m), mapValues(m)), link_attributes)))`;

const ROW_BYTES = `${FIXED_BYTES} + length(status_message) + length(trace_state) + 10 * length(event_time_nano) + 28 * length(link_flags)
	+ ${lengthsOf('link_trace_state')} + arraySum(pair -> pair.3, pairs)`;

const SAMPLE = `
	SELECT service, service_namespace, ${PAIRS} AS pairs, ${ROW_BYTES} AS rowBytes
	FROM spans WHERE ${IN_WINDOW} AND ({every:UInt32} = 1 OR toUnixTimestamp(toStartOfFiveMinutes(time)) IN {buckets:Array(UInt32)})
		AND cityHash64(trace_id) % {oneIn:UInt32} = 0`;

const SERVICES = `
	SELECT service, service_namespace AS namespace, count() AS spans, sum(rowBytes) AS bytes
	FROM (${SAMPLE}) GROUP BY service, namespace ORDER BY bytes DESC, service, namespace`;

const ATTRIBUTES = `
	SELECT pair.1 AS scope, pair.2 AS key, count() AS spans, sum(pair.3) AS bytes
	FROM (${SAMPLE}) ARRAY JOIN pairs AS pair
	GROUP BY scope, key ORDER BY bytes DESC, key, scope LIMIT ${shownAttributes}`;

const COUNT = `SELECT count() AS spans FROM spans WHERE ${IN_WINDOW}`;

/** Which spans stand for all `of` them: all, or whole traces of some stretches. */
function sampleOf({ fromMs, toMs }: TimeWindow, of: number): Parameters {
	const tooMany = Math.ceil(of / sampleSpans);
	if (tooMany <= 1) return { every: 1, buckets: [], oneIn: 1 };
	const first = Math.floor(fromMs / 1_000 / bucketSeconds);
	const all = Math.ceil(toMs / 1_000 / bucketSeconds) - first;
	const step = Math.max(1, Math.min(tooMany, Math.floor(all / sampleBuckets)));
	const buckets = Array.from({ length: Math.ceil(all / step) }, (_, index) => (first + index * step) * bucketSeconds);
	return { every: 0, buckets, oneIn: Math.max(1, Math.ceil(tooMany / step)) };
}

interface ShareRow {
	spans: number;
	bytes: number;
}

export async function readByteShares(
	clickhouse: ClickHouse,
	scope: ReadScope,
	window: TimeWindow,
): Promise<ByteShares> {
	const inWindow = scopeParameters({ project: scope.project, window });
	const [counted] = await clickhouse.rows<{ spans: number }>(COUNT, inWindow, scope.signal);
	const of = counted?.spans ?? 0;
	const bound = { ...inWindow, ...sampleOf(window, of) };
	const [services, attributes] = await Promise.all([
		clickhouse.rows<ShareRow & { service: string; namespace: string }>(SERVICES, bound, scope.signal),
		clickhouse.rows<ShareRow & { scope: 'span' | 'event' | 'link'; key: string }>(ATTRIBUTES, bound, scope.signal),
	]);
	const total = Math.max(
		1,
		services.reduce((sum, { bytes }) => sum + bytes, 0),
	);
	const share = <Row extends ShareRow>({ bytes, ...row }: Row) => ({ ...row, ratio: bytes / total });
	return {
		spans: services.reduce((sum, { spans }) => sum + spans, 0),
		of,
		services: services.slice(0, shownServices).map(share),
		attributes: attributes.map(share),
	};
}

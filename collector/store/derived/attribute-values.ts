import { KEYS_OF_A_DAY } from '../../../schema/facet-limits.ts';
import { fieldPairs, mapPairs, resourcePairs } from './attribute-pairs.ts';
import type { PairSource } from './attribute-pairs.ts';
import type { DerivedTable } from './derived-table.ts';

/** Values of one key that are kept of one range of inserts: the most frequent. The rest is counted under an empty value. */
const MAX_VALUES = 100;
/** Where that is counted, beside the scopes of keys: 0 a field, 1 the span's attribute, 2 the resource's. */
export const OTHER_KEYS = 3;
/** Places that hold no keys but, of each range of inserts, its spans, and how many of them were read. */
export const ALL_SPANS = 4;
export const READ_SPANS = 5;
const MAX_VALUE_BYTES = 256;
/** Of an id nearly every span has another value: only the key is kept then. */
const IS_IDENTIFIER = 'all_spans > 20 AND distinct_values > 0.9 * all_spans';

/** Counting every attribute of every span costs as much as all other derived tables together, and only orders a list. */
const SAMPLE_SPANS = 50_000;

const source = (where: string): PairSource => ({
	spans: (columns) =>
		`SELECT ${columns}, project, toStartOfHour(toDateTime(time, 'UTC')) AS hour FROM spans WHERE ${where}`,
	by: ['project', 'hour'],
	counts: { n: 'count()' },
});

const byKey = (scope: number, type: number, pairs: string): string => `
	SELECT project, hour, ${scope} AS scope, ${type} AS type, k AS key, sum(n) AS all_spans, count() AS distinct_values,
		groupArraySortedIf(${MAX_VALUES})((-toInt64(n), v), v != '' AND length(v) <= ${MAX_VALUE_BYTES}) AS frequent,
		if(${IS_IDENTIFIER}, [], frequent) AS listed,
		arrayPushBack(listed, (-toInt64(all_spans) - arraySum(pair -> pair.1, listed), '')) AS pairs
	FROM (${pairs})
	GROUP BY project, hour, k`;

const keysOf = (where: string): string => {
	const spans = source(where);
	return [
		byKey(0, 0, fieldPairs(spans)),
		byKey(1, 0, mapPairs('attributes_string', spans)),
		byKey(1, 1, mapPairs('attributes_int64', spans)),
		byKey(1, 2, mapPairs('attributes_double', spans)),
		byKey(1, 3, mapPairs('attributes_bool', spans)),
		byKey(2, 0, resourcePairs(spans)),
	].join('\nUNION ALL ');
};

const select = (where: string): string => `
	SELECT project, hour, scope, type, key, pair.2 AS value, toUInt64(-pair.1) AS spans
	FROM (${keysOf(where)}) ARRAY JOIN pairs AS pair
	WHERE pair.1 != 0`;

/** Of the keys that a day has already, wherever in it they came. */
const ofDay = (what: string): string => `
	SELECT ${what} FROM attribute_values
	WHERE project = {project:String} AND _day = toDate({day:Int32}) AND scope < ${OTHER_KEYS}`;

/** Keys that the day has already stay, and as many of the most frequent new ones as it has room for. */
const withinCap = (where: string, factor = '1'): string => `
	SELECT project, hour, place.1 AS scope, place.2 AS type, place.3 AS key, value, sum(counted) AS spans
	FROM (
		SELECT project, hour, if(isListed, (scope, type, toString(key)), (${OTHER_KEYS}, 0, '')) AS place, pair.2 AS value,
			toUInt64(round(-pair.1 * ${factor})) AS counted
		FROM (
			SELECT *, isKnown OR dense_rank() OVER (PARTITION BY isKnown ORDER BY ofKey DESC, scope, key)
				+ (${ofDay('uniqExact(scope, key)')}) <= ${KEYS_OF_A_DAY} AS isListed
			FROM (
				SELECT *, sum(all_spans) OVER (PARTITION BY scope, key) AS ofKey, (scope, key) IN (${ofDay('scope, key')}) AS isKnown
				FROM (${keysOf(where)})))
		ARRAY JOIN if(isListed, pairs, [(-toInt64(all_spans), '')]) AS pair
		WHERE pair.1 != 0)
	GROUP BY project, hour, place, value
	UNION ALL
	SELECT project, hour, counted.1 AS scope, 0 AS type, '' AS key, '' AS value, counted.2 AS spans
	FROM (SELECT project, toStartOfHour(toDateTime(time, 'UTC')) AS hour, count() AS n FROM spans WHERE ${where} GROUP BY project, hour)
	ARRAY JOIN [(${ALL_SPANS}, toUInt64(round(n * ${factor}))), (${READ_SPANS}, n)] AS counted`;

/** Keys and values by hour. Read with `sum(spans)`: a value may have rows of its own in one range, and be among the rest in another. */
export const ATTRIBUTE_VALUES: DerivedTable = {
	name: 'attribute_values',
	columns: 'project, hour, scope, type, key, value, spans',
	sampleSpans: SAMPLE_SPANS,
	// A sample costs the same whatever it stands for, and readers don't count what waits: ten seconds of any load are one range.
	maxSpans: 4_000_000,
	select,
	store: withinCap,
};

import { fieldPairs, mapPairs, resourcePairs } from '../attribute-pairs.ts';
import type { PairSource } from '../attribute-pairs.ts';
import type { DerivedTable } from './derived-table.ts';

/** Values of one key that are kept of one range of inserts: the most frequent. The rest is counted under an empty value. */
const MAX_VALUES = 100;
/** Keys of one kind that are kept of one range. */
const MAX_KEYS = 5_000;
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

const kept = (scope: number, type: number, pairs: string, factor: string): string => `
	SELECT project, hour, ${scope} AS scope, ${type} AS type, key, pair.2 AS value,
		toUInt64(round(-pair.1 * ${factor})) AS spans
	FROM (
		SELECT project, hour, k AS key, sum(n) AS all_spans, count() AS distinct_values,
			groupArraySortedIf(${MAX_VALUES})((-toInt64(n), v), v != '' AND length(v) <= ${MAX_VALUE_BYTES}) AS frequent,
			if(${IS_IDENTIFIER}, [], frequent) AS listed,
			arrayPushBack(listed, (-toInt64(all_spans) - arraySum(pair -> pair.1, listed), '')) AS pairs
		FROM (${pairs})
		GROUP BY project, hour, k
		ORDER BY all_spans DESC, key LIMIT ${MAX_KEYS})
	ARRAY JOIN pairs AS pair
	WHERE pair.1 != 0`;

/** Keys and values by hour. Read with `sum(spans)`: a value may have rows of its own in one range, and be among the rest in another. */
export const ATTRIBUTE_VALUES: DerivedTable = {
	name: 'attribute_values',
	columns: 'project, hour, scope, type, key, value, spans',
	sampleSpans: SAMPLE_SPANS,
	select: (where, factor = '1') => {
		const spans = source(where);
		return [
			kept(0, 0, fieldPairs(spans), factor),
			kept(1, 0, mapPairs('attributes_string', spans), factor),
			kept(1, 1, mapPairs('attributes_int64', spans), factor),
			kept(1, 2, mapPairs('attributes_double', spans), factor),
			kept(1, 3, mapPairs('attributes_bool', spans), factor),
			kept(2, 0, resourcePairs(spans), factor),
		].join('\nUNION ALL ');
	},
};

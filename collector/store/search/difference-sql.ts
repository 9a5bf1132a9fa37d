/** What is counted of selected spans and of the rest: for each key its values that differ most, and its numbers. */
import { fieldPairs, mapPairs, resourcePairs } from '../derived/attribute-pairs.ts';
import type { AttributeMap, PairSource } from '../derived/attribute-pairs.ts';

/** Yields columns of the spans that are compared, and `sel`: whether a span is selected. */
export type Matching = (columns: string) => string;

/** Values of a key that are looked at: those whose shares differ most. */
const TOP = 20;
/** Keys of one kind of attribute: those that most spans have. */
const MAX_KEYS = 1_000;
/** Longer values are counted as the key's, but not compared: a search for them could not be written. */
const MAX_VALUE_BYTES = 1_024;

const pairsOf = (spans: Matching): PairSource => ({ spans, by: [], counts: { n: 'count()', s: 'sum(sel)' } });

const byKey = (pairs: string, more = ''): string => `
	SELECT k AS key, sum(n) AS spans, count() AS distinct${more},
		groupArraySortedIf(${TOP})((-abs(s / {selected:Float64} - (n - s) / {rest:Float64}), v, s, n - s),
			length(v) <= ${MAX_VALUE_BYTES}) AS top
	FROM (${pairs})
	GROUP BY k ORDER BY spans DESC, k LIMIT ${MAX_KEYS}`;

export const fieldsSql = (matching: Matching): string => byKey(fieldPairs(pairsOf(matching)));

export const textsSql = (map: AttributeMap, matching: Matching): string => byKey(mapPairs(map, pairsOf(matching)));

export const resourcesSql = (matching: Matching): string => byKey(resourcePairs(pairsOf(matching)));

/**
 * Numbers fall into buckets of 0.8 % of their size (the first 16 bits of a float, in the order of the numbers), those up to
 * 256 into one each.
 */
const BUCKET = `bitShiftRight(if(bitTest(reinterpretAsUInt32(toFloat32(value)), 31),
	bitNot(reinterpretAsUInt32(toFloat32(value))), bitOr(reinterpretAsUInt32(toFloat32(value)), 2147483648)), 16)`;
/** Larger numbers than a float holds are values, but no quantities. */
const IS_QUANTITY = 'abs(value) < 3e38';
const HISTOGRAMS = ', sumMapIf([b], [n], b != 0) AS inAll, sumMapIf([b], [s], b != 0) AS ofSelected';

export const numbersSql = (map: 'attributes_int64' | 'attributes_double', matching: Matching): string =>
	byKey(mapPairs(map, pairsOf(matching), [`any(if(${IS_QUANTITY}, ${BUCKET}, 0)) AS b`]), HISTOGRAMS);

export const durationSql = (matching: Matching): string =>
	byKey(
		`
	SELECT 'duration' AS k, '' AS v, b, count() AS n, sum(sel) AS s
	FROM (SELECT sel, toFloat64(duration_nano) AS value, ${BUCKET} AS b FROM (${matching('duration_nano')}))
	GROUP BY b`,
		HISTOGRAMS,
	);

/** The number of a bucket that is nearest to 0; of a whole number up to 256, that number. */
export function numberOfBucket(bucket: number): number {
	const bits = (bucket << 16) >>> 0;
	const isPositive = bits >= 2 ** 31;
	const view = new DataView(new ArrayBuffer(4));
	view.setUint32(0, isPositive ? bits - 2 ** 31 : ~(bits | 0xffff) >>> 0);
	return view.getFloat32(0);
}

/** What is counted of selected spans and of the rest: for each key its values that differ most, and its numbers. */
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import { RESOURCE_SOURCES } from '../../schema/semantic-conventions.ts';
import type { SpanField } from '../../schema/query-syntax.ts';
import { fieldValue } from '../analysis/key-value.ts';
import { promotedNames, RENAMES } from '../analysis/query-attribute-names.ts';
import { SPAN_COLUMNS } from '../analysis/query-fields.ts';

/** Values of a key that are looked at: those whose shares differ most. */
const TOP = 20;
/** Keys of one kind of attribute: those that most spans have. */
const MAX_KEYS = 1_000;
/** Longer values are counted as the key's, but not compared: a search for them could not be written. */
const MAX_VALUE_BYTES = 1_024;

const texts = (list: Iterable<string>): string =>
	`[${[...list].map((text) => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`).join(', ')}]`;

const COUNTED_FIELDS = [
	'service',
	'operation',
	'name',
	'kind',
	'type',
	'status',
	'error',
	'entry',
	'env',
	'version',
	'instance',
	'scope',
	'statusMessage',
] as const satisfies readonly SpanField[];
export const FIELD_KEYS: ReadonlySet<string> = new Set(COUNTED_FIELDS);

/** A set of columns, and the text that they make. */
const FIELDS: readonly { key: string; columns: string; value: string }[] = [
	...COUNTED_FIELDS.map((field) => ({
		key: field,
		columns: field === 'service' ? 'service_namespace, service' : SPAN_COLUMNS[field],
		value: fieldValue(field) ?? "''",
	})),
	...PROMOTED_ATTRIBUTES.map(({ attribute, column, storage }) => ({
		key: attribute,
		columns: column,
		value: storage === 'int64' ? `if(${column} = 0, '', toString(${column}))` : column,
	})),
];

const COLUMNS = FIELDS.map(({ columns }) => columns);
/** Of each set its last column: the one that no other set has. */
const MARKS = COLUMNS.map((columns) => columns.split(', ').at(-1) ?? columns);

/** Attributes that are counted under their field, or under the column that holds them under whatever name they came. */
const COUNTED_ELSEWHERE = texts(promotedNames());
const FIELDS_OF_RESOURCE = texts(Object.values(RESOURCE_SOURCES).flatMap((names) => names.slice(0, 1)));
const OLD_NAMES = texts(RENAMES.keys());
const NEW_NAMES = texts(RENAMES.values());

/** By key: `pairs` has `k`, `v` and how many spans, `n` in all and `s` selected. */
const byKey = (pairs: string, more = ''): string => `
	SELECT k AS key, sum(n) AS spans, count() AS distinct${more},
		groupArraySortedIf(${TOP})((-abs(s / {selected:Float64} - (n - s) / {rest:Float64}), v, s, n - s),
			length(v) <= ${MAX_VALUE_BYTES}) AS top
	FROM (${pairs})
	GROUP BY k ORDER BY spans DESC, k LIMIT ${MAX_KEYS}`;

export const fieldsSql = (matching: (columns: string) => string): string =>
	byKey(`
	SELECT ${texts(FIELDS.map(({ key }) => key))}[place] AS k, [${FIELDS.map(({ value }) => `toString(${value})`).join(', ')}][place] AS v, n, s
	FROM (
		SELECT ${COLUMNS.join(', ')}, indexOf([${MARKS.map((mark) => `grouping(${mark})`).join(', ')}], 0) AS place,
			count() AS n, sum(sel) AS s
		FROM (${matching(COLUMNS.join(', '))})
		GROUP BY GROUPING SETS (${COLUMNS.map((columns) => `(${columns})`).join(', ')}))
	WHERE v != ''`);

const renamed = (key: string): string => `transform(${key}, ${OLD_NAMES}, ${NEW_NAMES}, ${key})`;

/** A map of texts or truth values. */
export const textsSql = (map: 'attributes_string' | 'attributes_bool', matching: (columns: string) => string): string =>
	byKey(`
	SELECT ${renamed('key')} AS k, ${map === 'attributes_bool' ? "if(value, 'true', 'false')" : 'value'} AS v, count() AS n, sum(sel) AS s
	FROM (${matching(map)}) ARRAY JOIN mapKeys(${map}) AS key, mapValues(${map}) AS value
	WHERE NOT has(${COUNTED_ELSEWHERE}, key)
	GROUP BY k, v`);

/**
 * Numbers fall into buckets of 0.8 % of their size (the first 16 bits of a float, in the order of the numbers), those up to
 * 256 into one each.
 */
const BUCKET = `bitShiftRight(if(bitTest(reinterpretAsUInt32(toFloat32(value)), 31),
	bitNot(reinterpretAsUInt32(toFloat32(value))), bitOr(reinterpretAsUInt32(toFloat32(value)), 2147483648)), 16)`;
const NUMBERS = ', sumMap([b], [n]) AS inAll, sumMap([b], [s]) AS ofSelected';

export const numbersSql = (
	map: 'attributes_int64' | 'attributes_double',
	matching: (columns: string) => string,
): string =>
	byKey(
		`
	SELECT ${renamed('key')} AS k, toString(value) AS v, any(${BUCKET}) AS b, count() AS n, sum(sel) AS s
	FROM (${matching(map)}) ARRAY JOIN mapKeys(${map}) AS key, mapValues(${map}) AS value
	WHERE NOT has(${COUNTED_ELSEWHERE}, key) AND abs(value) < 3e38
	GROUP BY k, value`,
		NUMBERS,
	);

export const durationSql = (matching: (columns: string) => string): string =>
	byKey(
		`
	SELECT 'duration' AS k, '' AS v, b, count() AS n, sum(sel) AS s
	FROM (SELECT sel, toFloat64(duration_nano) AS value, ${BUCKET} AS b FROM (${matching('duration_nano')}))
	GROUP BY b`,
		NUMBERS,
	);

/** Few resources send many spans: these are counted by resource, and their attributes looked up. */
export const resourcesSql = (matching: (columns: string) => string): string =>
	byKey(`
	SELECT ${renamed('key')} AS k, substring(tagged, 2) AS v, sum(spans) AS n, sum(picked) AS s
	FROM (SELECT resource_id, count() AS spans, sum(sel) AS picked FROM (${matching('resource_id')}) GROUP BY resource_id) AS counted
	INNER JOIN (SELECT id, any(attributes) AS attributes FROM resources
		WHERE project = {project:String} GROUP BY id) AS resource ON resource.id = counted.resource_id
	ARRAY JOIN mapKeys(attributes) AS key, mapValues(attributes) AS tagged
	WHERE NOT startsWith(tagged, 'j') AND v != '' AND NOT has(${FIELDS_OF_RESOURCE}, key)
	GROUP BY k, v`);

/** The middle of a bucket; exact for whole numbers up to 256. */
export function numberOfBucket(bucket: number): number {
	const bits = ((bucket << 16) | 0) >>> 0;
	const isPositive = bits >= 2 ** 31;
	const view = new DataView(new ArrayBuffer(4));
	view.setUint32(0, isPositive ? bits - 2 ** 31 : ~(bits | 0xffff) >>> 0);
	return view.getFloat32(0);
}

/**
 * Keys and values of spans as rows `k, v` with counts: the fields, attributes and resource attributes that people search by,
 * each under the name it has today.
 */
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import { RESOURCE_SOURCES } from '../../../schema/semantic-conventions.ts';
import { fieldValue } from '../../analysis/key-value.ts';
import { promotedNames, RENAMES } from '../../analysis/query-attribute-names.ts';
import { SPAN_COLUMNS } from '../../analysis/query-fields.ts';
import { COUNTED_FIELDS } from './attribute-keys.ts';

/** Where pairs come from and how they are counted. */
export interface PairSource {
	/** A query that yields these columns of spans, and what `by` and `counts` name. */
	spans: (columns: string) => string;
	/** Further columns to count by. */
	by: readonly string[];
	/** Aggregates over spans, by the names under which the pairs carry them. */
	counts: Readonly<Record<string, string>>;
}

const texts = (list: Iterable<string>): string =>
	`[${[...list].map((text) => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`).join(', ')}]`;

/** Columns that are counted together, and the text that they make. */
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

/** Attributes that are counted under the column that holds them, under whatever name they came. */
const IN_COLUMNS = texts(promotedNames());
const IN_FIELDS = texts(Object.values(RESOURCE_SOURCES).flatMap((names) => names.slice(0, 1)));
const today = (key: string): string =>
	`transform(${key}, ${texts(RENAMES.keys())}, ${texts(RENAMES.values())}, ${key})`;

const listed = (...columns: readonly (string | readonly string[])[]): string => columns.flat().join(', ');
const counting = (counts: PairSource['counts']): string[] =>
	Object.entries(counts).map(([name, aggregate]) => `${aggregate} AS ${name}`);

/** Fields and promoted attributes: one reading, one small group by each. */
export const fieldPairs = ({ spans, by, counts }: PairSource): string => `
	SELECT ${listed(by, `${texts(FIELDS.map(({ key }) => key))}[place] AS k`)},
		[${FIELDS.map(({ value }) => `toString(${value})`).join(', ')}][place] AS v, ${listed(Object.keys(counts))}
	FROM (
		SELECT ${listed(by, COLUMNS)}, indexOf([${MARKS.map((mark) => `grouping(${mark})`).join(', ')}], 0) AS place,
			${listed(counting(counts))}
		FROM (${spans(listed(COLUMNS))})
		GROUP BY GROUPING SETS (${COLUMNS.map((columns) => `(${listed(by, columns)})`).join(', ')}))
	WHERE v != ''`;

const MAPS = {
	attributes_string: 'value',
	attributes_int64: 'toString(value)',
	attributes_double: 'toString(value)',
	attributes_bool: "if(value, 'true', 'false')",
} as const;
export type AttributeMap = keyof typeof MAPS;

/** Attributes of one type. `more` is any aggregate over `value` besides. */
export const mapPairs = (
	map: AttributeMap,
	{ spans, by, counts }: PairSource,
	more: readonly string[] = [],
): string => `
	SELECT ${listed(by, `${today('key')} AS k`, `${MAPS[map]} AS v`, counting(counts), more)}
	FROM (${spans(map)}) ARRAY JOIN mapKeys(${map}) AS key, mapValues(${map}) AS value
	WHERE NOT has(${IN_COLUMNS}, key)${map === 'attributes_double' ? ' AND isFinite(value)' : ''}
	GROUP BY ${listed(by, 'k, value')}`;

/** Few resources send many spans: these are counted by resource, and their attributes looked up. Arrays are left out. */
export const resourcePairs = ({ spans, by, counts }: PairSource): string => `
	SELECT ${listed(by, `${today('key')} AS k`, 'substring(tagged, 2) AS v')},
		${listed(Object.keys(counts).map((name) => `sum(counted.${name}) AS ${name}`))}
	FROM (SELECT ${listed(by, 'resource_id', counting(counts))} FROM (${spans('resource_id')})
		GROUP BY ${listed(by, 'resource_id')}) AS counted
	INNER JOIN (SELECT id, any(attributes) AS attributes FROM resources
		WHERE project = {project:String} GROUP BY id) AS resource ON resource.id = counted.resource_id
	ARRAY JOIN mapKeys(attributes) AS key, mapValues(attributes) AS tagged
	WHERE NOT startsWith(tagged, 'j') AND v != '' AND NOT has(${IN_FIELDS}, key)
	GROUP BY ${listed(by, 'k, v')}`;

/** Makes an expression in ClickHouse's SQL of what spans are grouped by. Pure: what is typed ends up in parameters alone. */
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from '../../schema/span.ts';
import { readingText, valueToday } from './attribute-readings.ts';
import { attributeNames } from './query-attribute-names.ts';
import type { PromotedColumn } from './query-attribute-names.ts';
import { QueryParameters } from './query-parameters.ts';

export interface GroupKey {
	/** A text; empty where the span has none. */
	sql: string;
	parameters: Record<string, unknown>;
	/** The rollup counts by it, under the same names of columns. */
	isRolledUp: boolean;
}

const oneOf = (names: readonly string[], column: string): string =>
	`[${names.map((name) => `'${name}'`).join(', ')}][${column} + 1]`;

const ROLLED_UP_FIELDS: Readonly<Record<string, string>> = {
	service: "if(service_namespace = '', toString(service), concat(service_namespace, '/', service))",
	namespace: 'toString(service_namespace)',
	env: 'toString(environment)',
	version: 'toString(version)',
	operation: 'toString(operation)',
	kind: oneOf(SPAN_KINDS, 'kind'),
	type: oneOf(SPAN_TYPES, 'type'),
	error: oneOf(['false', 'true'], 'error'),
	entry: oneOf(['false', 'true'], 'entry'),
};
const OTHER_FIELDS: Readonly<Record<string, string>> = {
	name: 'toString(name)',
	instance: 'toString(instance)',
	scope: 'toString(scope_name)',
	status: oneOf(STATUS_CODES, 'status'),
	statusMessage: 'status_message',
};

/** `prefix`: of what it binds, another for each key of a statement. */
export function groupKey(key: string, prefix: string): GroupKey {
	const rolledUp = Object.hasOwn(ROLLED_UP_FIELDS, key) ? ROLLED_UP_FIELDS[key] : undefined;
	if (rolledUp !== undefined) return { sql: rolledUp, parameters: {}, isRolledUp: true };
	const other = Object.hasOwn(OTHER_FIELDS, key) ? OTHER_FIELDS[key] : undefined;
	if (other !== undefined) return { sql: other, parameters: {}, isRolledUp: false };
	const bind = new QueryParameters(prefix);
	return { sql: attributeText(key, bind), parameters: bind.values, isRolledUp: false };
}

/** The span's attribute under any of its names, else the resource's. Arrays and maps are left out. */
function attributeText(key: string, bind: QueryParameters): string {
	const { names, column, values, readings = [] } = attributeNames(key);
	const fromColumn = column === undefined ? [] : [columnText(column)];
	const fromMaps = names.flatMap((name) => mapTexts(bind.string(name), values?.get(name)));
	const fromOthers = readings.map((reading) => readingText(reading, bind, (name) => anyMapText(bind.string(name))));
	const fromResource = names.map((name) => resourceText(bind.string(name)));
	return firstText([...fromColumn, ...fromMaps, ...fromOthers, ...fromResource]);
}

const firstText = (texts: readonly string[]): string => `arrayFirst(text -> text != '', [${texts.join(', ')}])`;

/** An old name may stand for what a column holds on the spans of one side only. */
function columnText({ column, storage, kinds }: PromotedColumn): string {
	const text = storage === 'int64' ? `if(${column} = 0, '', toString(${column}))` : `toString(${column})`;
	return kinds === undefined ? text : `if(kind IN (${kinds.join(', ')}), ${text}, '')`;
}

const mapTexts = (name: string, values?: ReadonlyMap<string, string>): string[] => [
	valueToday(`attributes_string[${name}]`, values),
	`if(mapContains(attributes_int64, ${name}), toString(attributes_int64[${name}]), '')`,
	`if(mapContains(attributes_double, ${name}), toString(attributes_double[${name}]), '')`,
	`if(mapContains(attributes_bool, ${name}), if(attributes_bool[${name}], 'true', 'false'), '')`,
];

const anyMapText = (name: string): string => firstText(mapTexts(name));

/** Resources are few: their values are looked up by id. Values are tagged, `j` before arrays and maps: schema/span-block.ts. */
const resourceText = (name: string): string => {
	const values = `(SELECT (arrayPushFront(groupArray(id), toUInt64(0)), arrayPushFront(groupArray(value), '')) FROM (
		SELECT id, substring(any(attributes[${name}]), 2) AS value FROM resources
		WHERE project = {project:String} AND mapContains(attributes, ${name}) AND NOT startsWith(attributes[${name}], 'j')
		GROUP BY id))`;
	return `transform(resource_id, ${values}.1, ${values}.2, '')`;
};

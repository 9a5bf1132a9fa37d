/** Makes an expression in ClickHouse's SQL of what spans are grouped by. Pure: what is typed ends up in parameters alone. */
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from '../../schema/span.ts';
import { attributeNames } from './query-attribute-names.ts';
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
	const { names, column } = attributeNames(key);
	const promoted = PROMOTED_ATTRIBUTES.find((attribute) => attribute.column === column?.column);
	const fromColumn =
		promoted === undefined
			? []
			: [promoted.storage === 'int64' ? `if(${promoted.column} = 0, '', toString(${promoted.column}))` : `toString(${promoted.column})`]; // prettier-ignore
	const fromMaps = names.flatMap((name) => {
		const bound = bind.string(name);
		return [
			`attributes_string[${bound}]`,
			`if(mapContains(attributes_int64, ${bound}), toString(attributes_int64[${bound}]), '')`,
			`if(mapContains(attributes_double, ${bound}), toString(attributes_double[${bound}]), '')`,
			`if(mapContains(attributes_bool, ${bound}), if(attributes_bool[${bound}], 'true', 'false'), '')`,
		];
	});
	const fromResource = names.map((name) => resourceText(bind.string(name)));
	return `arrayFirst(text -> text != '', [${[...fromColumn, ...fromMaps, ...fromResource].join(', ')}])`;
}

/** Resources are few: their values are looked up by id. Values are tagged, `j` before arrays and maps: schema/span-block.ts. */
const resourceText = (name: string): string => {
	const values = `(SELECT (arrayPushFront(groupArray(id), toUInt64(0)), arrayPushFront(groupArray(value), '')) FROM (
		SELECT id, substring(any(attributes[${name}]), 2) AS value FROM resources
		WHERE project = {project:String} AND mapContains(attributes, ${name}) AND NOT startsWith(attributes[${name}], 'j')
		GROUP BY id))`;
	return `transform(resource_id, ${values}.1, ${values}.2, '')`;
};

/** What a key is on a span, as SQL: for grouping and counting by it. */
import { FIELD_CHOICES, SPAN_FIELDS } from '../../schema/query-syntax.ts';
import type { Key, SpanField } from '../../schema/query-syntax.ts';
import { readingText, valueToday } from './attribute-readings.ts';
import { attributeNames } from './query-attribute-names.ts';
import { SPAN_COLUMNS } from './query-fields.ts';
import type { QueryParameters } from './query-parameters.ts';

/**
 * The value of a key as text, empty where the span has none. It may name `{project:String}`. Undefined for keys that a span
 * has no single value of: see `hasOneValue` of schema/grouping-key.ts.
 */
export function keyValue(key: Key, bind: QueryParameters): string | undefined {
	if (key.kind === 'span') return fieldValue(key.field);
	if (key.kind === 'trace') return undefined;
	switch (key.scope) {
		case 'span':
			return spanValue(key.key, bind);
		case 'resource':
			return resourceValue(key.key, bind);
		case 'any':
			// The span's attribute hides the resource's of the same key.
			return firstOf([spanValue(key.key, bind), resourceValue(key.key, bind)].filter((value) => value !== "''"));
		default:
			return undefined;
	}
}

/** Of a field that has one. */
export function fieldValue(field: SpanField): string | undefined {
	const type = SPAN_FIELDS[field];
	const column = SPAN_COLUMNS[field];
	if (field === 'service') return "if(service_namespace = '', service, concat(service_namespace, '/', service))";
	if (type === 'text') return column;
	const choices = FIELD_CHOICES[type];
	if (choices === undefined) return undefined;
	// `boolean` lists true first, and is stored as 1.
	const stored = type === 'boolean' ? choices.toReversed() : choices;
	return `[${stored.map((choice) => `'${choice}'`).join(', ')}][${column} + 1]`;
}

/** The first that isn't empty. A statement has room for `if` of two, which says the first twice, and is quicker; not for more. */
function firstOf(values: readonly string[]): string {
	const [first = "''", second] = values;
	if (second === undefined) return first;
	return values.length === 2
		? `if(${first} != '', ${first}, ${second})`
		: `arrayFirst(text -> text != '', [${values.join(', ')}])`;
}

function spanValue(key: string, bind: QueryParameters): string {
	const { names, column, values, readings = [] } = attributeNames(key);
	const ofMaps = () => [
		...names.map((name) => valueToday(mapsValue(name, bind), values?.get(name))),
		...readings.map((reading) => readingText(reading, bind, (name) => mapsValue(name, bind))),
	];
	if (column === undefined) return firstOf(ofMaps());
	const text = column.storage === 'int64' ? `if(${column.column} = 0, '', toString(${column.column}))` : column.column;
	// A column that holds something else than what came is what people search by, so it is what they count by.
	if (column.kinds === undefined) return `toString(${text})`;
	return firstOf([`if(kind IN (${column.kinds.join(', ')}), toString(${text}), '')`, ...ofMaps()]);
}

/** Lists and maps of values are not texts to count by. */
function mapsValue(key: string, bind: QueryParameters): string {
	const k = bind.string(key);
	bind.mapKeys.add(key);
	for (const map of ['string', 'int64', 'double', 'bool'] as const) bind.maps.add(map);
	const others = (['int64', 'double', 'bool'] as const)
		.filter((map) => bind.isInMap(map))
		.map((map) => `if(mapContains(attributes_${map}, ${k}), toString(attributes_${map}[${k}]), '')`);
	return firstOf([`attributes_string[${k}]`, ...others]);
}

/** Few resources send many spans: their ids are looked up once, and each span's is found among them. Empty where no resource has the key. */
function resourceValue(key: string, bind: QueryParameters): string {
	const { names } = attributeNames(key);
	for (const name of names) bind.resourceKeys.add(name);
	const there = names.filter((name) => bind.isInResources(name));
	if (there.length === 0) return "''";
	const value = firstOf(there.map((name) => `attributes[${bind.string(name)}]`));
	const known = `(SELECT arraySort(groupArray((id, substring(${value}, 2)))) FROM resources
		WHERE project = {project:String} AND ${value} != '' AND NOT startsWith(${value}, 'j'))`;
	return `transform(resource_id, arrayPushBack(${known}.1, toUInt64(0)), arrayPushBack(${known}.2, ''), '')`;
}

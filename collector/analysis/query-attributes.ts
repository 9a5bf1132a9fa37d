/** Terms about attributes, of the span, its resource, its scope, its events or its links. */
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { PromotedAttribute } from '../../schema/promoted-attributes.ts';
import type { AttributeScope, Term } from '../../schema/query-syntax.ts';
import { allOf, anyOf } from './query-parameters.ts';
import type { QueryParameters } from './query-parameters.ts';
import { valueTest } from './query-value-test.ts';
import type { ValueTest } from './query-value-test.ts';

/** Whether a key is there, and whether its value matches, as SQL. `match` is never true where `has` is not. */
interface Probe {
	has: string;
	match: string;
}

export function attributeCondition(term: Term, scope: AttributeScope, key: string, bind: QueryParameters): string {
	const test = valueTest(term.operator, term.values, bind);
	const negated = term.operator === '!=' || term.operator === '!~';
	const condition = ({ has, match }: Probe): string => {
		if (term.operator === 'has') return has;
		return negated ? `(${has} AND NOT ${match})` : match;
	};
	switch (scope) {
		case 'span':
			return condition(spanProbe(key, test, bind));
		case 'resource':
			return inTable('resource_id', 'resources', condition(tableProbe(key, test, bind)));
		case 'scope':
			return inTable('scope_id', 'scopes', condition(scopeProbe(key, test, bind)));
		case 'event':
			return condition(eventProbe(key, test, bind));
		case 'link':
			return condition(linkProbe(key, test, bind));
		case 'any': {
			// The span's attribute hides the resource's of the same key, whether it matches or not.
			const ofSpan = spanProbe(key, test, bind);
			const ofResource = inTable('resource_id', 'resources', condition(tableProbe(key, test, bind)));
			return `(${condition(ofSpan)} OR (${ofResource} AND NOT ${ofSpan.has}))`;
		}
	}
}

const inTable = (column: string, table: string, condition: string): string =>
	`${column} IN (SELECT id FROM ${table} WHERE ${condition})`;

// ---- The span's own maps ----------------------------------------------------------------------------------------

const SPAN_MAPS = ['attributes_string', 'attributes_int64', 'attributes_double', 'attributes_bool', 'attributes_other'];

function spanProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const index = PROMOTED_ATTRIBUTES.findIndex(({ attribute }) => attribute === key);
	const promoted = PROMOTED_ATTRIBUTES[index];
	const maps = mapsProbe(key, test, bind);
	if (promoted === undefined) return maps;
	const column = columnProbe(promoted, index, test);
	return { has: anyOf([column.has, maps.has]), match: anyOf([column.match, maps.match]) };
}

function mapsProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const k = bind.string(key);
	const matches: string[] = [];
	const add = (map: string, condition: string | undefined, matchesAbsent: boolean): void => {
		if (condition !== undefined)
			matches.push(matchesAbsent ? `(mapContains(${map}, ${k}) AND ${condition})` : condition);
	};
	add('attributes_string', test.text?.(`attributes_string[${k}]`), test.matchesEmpty);
	for (const map of ['attributes_int64', 'attributes_double']) {
		add(map, test.number?.(`${map}[${k}]`), test.matchesZero);
		add(map, test.written?.(`toString(${map}[${k}])`), true);
	}
	add('attributes_bool', test.bool?.(`attributes_bool[${k}]`), true);
	add('attributes_bool', test.written?.(`toString(attributes_bool[${k}])`), true);
	add('attributes_other', elementMatches(`attributes_other[${k}]`, test), true);
	return { has: anyOf(SPAN_MAPS.map((map) => `mapContains(${map}, ${k})`)), match: anyOf(matches) };
}

/** A promoted attribute that came under another name or type is in the maps too, and its column is a copy. */
function columnProbe({ column, storage }: PromotedAttribute, index: number, test: ValueTest): Probe {
	const own = `bitTest(promoted_own, ${index})`;
	const has = `(${own} OR ${column} != ${storage === 'int64' ? '0' : "''"})`;
	const tests =
		storage === 'int64' ? [test.number?.(column), test.written?.(`toString(${column})`)] : [test.text?.(column)];
	const match = anyOf(tests.filter((each) => each !== undefined));
	const matchesAbsent = storage === 'int64' ? test.matchesZero || test.written !== undefined : test.matchesEmpty;
	return { has, match: matchesAbsent ? allOf([has, match]) : match };
}

// ---- Tagged values: resources, scopes, events, links ------------------------------------------------------------

function tableProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	return taggedProbe('attributes', bind.string(key), test);
}

function scopeProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const attribute = tableProbe(key, test, bind);
	return key === 'name' || key === 'version' ? union(attribute, textProbe(key, test)) : attribute;
}

const union = (a: Probe, b: Probe): Probe => ({ has: anyOf([a.has, b.has]), match: anyOf([a.match, b.match]) });

/** A text that is absent when empty. */
function textProbe(column: string, test: ValueTest): Probe {
	const has = `${column} != ''`;
	return { has, match: allOf([has, test.text?.(column) ?? '0']) };
}

/** One event with the key, or one whose value matches. `event.name` is the event's name too. */
function eventProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const attribute = someElement(taggedProbe('m', bind.string(key), test), 'm', 'event_attributes');
	return key === 'name' ? union(attribute, someElement(textProbe('n', test), 'n', 'event_name')) : attribute;
}

function linkProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const attribute = someElement(taggedProbe('m', bind.string(key), test), 'm', 'link_attributes');
	const column = key === 'traceId' ? 'link_trace_id' : key === 'spanId' ? 'link_span_id' : undefined;
	if (column === undefined) return attribute;
	return union(attribute, someElement(textProbe('lower(hex(i))', test), 'i', column));
}

function someElement({ has, match }: Probe, element: string, array: string): Probe {
	return { has: `arrayExists(${element} -> ${has}, ${array})`, match: `arrayExists(${element} -> ${match}, ${array})` };
}

/** `TaggedValue` of schema/span-block.ts: the first character is the type. */
function taggedProbe(map: string, key: string, test: ValueTest): Probe {
	const tagged = `${map}[${key}]`;
	const written = `substring(${tagged}, 2)`;
	const matches: string[] = [];
	const add = (tag: string, condition: string | undefined): void => {
		if (condition !== undefined) matches.push(`(startsWith(${tagged}, '${tag}') AND ${condition})`);
	};
	add('s', test.text?.(written));
	add('i', test.number?.(`toInt64OrZero(${written})`));
	add('d', test.number && `ifNull(${test.number(`toFloat64OrNull(${written})`)}, 0)`);
	add('b', test.bool?.(`(${written} = 'true')`));
	for (const tag of ['i', 'd', 'b']) add(tag, test.written?.(written));
	add('j', elementMatches(written, test));
	return { has: `mapContains(${map}, ${key})`, match: anyOf(matches) };
}

/** One element of an array, kept as OTLP/JSON AnyValue, that matches. */
function elementMatches(json: string, test: ValueTest): string | undefined {
	const matches: string[] = [];
	const add = (is: string, condition: string | undefined): void => {
		if (condition !== undefined) matches.push(`(${is} AND ${condition})`);
	};
	const text = "JSONExtractString(e, 'stringValue')";
	const int = "JSONExtractString(e, 'intValue')";
	// NaN and the infinities are texts in JSON: no number compares with them here.
	const double = "JSONExtractFloat(e, 'doubleValue')";
	const bool = "JSONExtractBool(e, 'boolValue')";
	add("JSONHas(e, 'stringValue')", test.text?.(text));
	add("JSONHas(e, 'intValue')", test.number?.(`toInt64OrZero(${int})`));
	add("JSONHas(e, 'intValue')", test.written?.(int));
	add("JSONType(e, 'doubleValue') IN ('Double', 'Int64', 'UInt64')", test.number?.(double));
	add("JSONType(e, 'doubleValue') IN ('Double', 'Int64', 'UInt64')", test.written?.(`toString(${double})`));
	add("JSONHas(e, 'boolValue')", test.bool?.(bool));
	add("JSONHas(e, 'boolValue')", test.written?.(`toString(${bool})`));
	if (matches.length === 0) return undefined;
	return `arrayExists(e -> ${anyOf(matches)}, JSONExtractArrayRaw(${json}, 'arrayValue', 'values'))`;
}

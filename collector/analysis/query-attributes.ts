/** Terms about attributes, of the span, its resource, its scope, its events or its links. */
import type { AttributeScope, Term, Value } from '../../schema/query-syntax.ts';
import { madeText, valueToday } from './attribute-readings.ts';
import type { Reading } from './attribute-readings.ts';
import { attributeNames } from './query-attribute-names.ts';
import type { PromotedColumn } from './query-attribute-names.ts';
import { allOf, anyOf, not, SPAN_MAPS } from './query-parameters.ts';
import type { QueryParameters, SpanMap } from './query-parameters.ts';
import { valueTest } from './query-value-test.ts';
import type { ValueTest } from './query-value-test.ts';
import { FINGERPRINT_KEY, fingerprintProbe } from './query-fingerprint.ts';

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
		return negated ? allOf([has, not(match)]) : match;
	};
	switch (scope) {
		case 'span':
			return condition(spanProbe(key, term, test, bind));
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
			const ofSpan = spanProbe(key, term, test, bind);
			const ofResource = condition(tableProbe(key, test, bind));
			const inResource = allOf([someIn('resources', ofResource), inTable('resource_id', 'resources', ofResource)]);
			return anyOf([condition(ofSpan), allOf([inResource, not(ofSpan.has)])]);
		}
	}
}

/** The rows of one project: what others send neither decides here nor costs anything. */
const rowsOf = (table: string, condition: string): string =>
	`${table} WHERE project = {project:String} AND (${condition})`;

const inTable = (column: string, table: string, condition: string): string =>
	condition === '0' ? '0' : `${column} IN (SELECT id FROM ${rowsOf(table, condition)})`;

/**
 * Worked out before any span is read, and a constant from then on: where no row of the table fulfils it, the condition that it is
 * a part of is left out, and the columns that this asks aren't read. Parts of `spans` are chosen before it is worked out, and what
 * spans name is stored before them, so that nothing which comes in meanwhile is missed. A subquery may be NULL, a condition not.
 */
const someIn = (table: string, condition: string): string =>
	condition === '0' ? '0' : `ifNull((SELECT count() FROM (SELECT 1 FROM ${rowsOf(table, condition)} LIMIT 1)), 0) > 0`;

// ---- The span's own maps ----------------------------------------------------------------------------------------

function spanProbe(key: string, term: Term, test: ValueTest, bind: QueryParameters): Probe {
	if (key === FINGERPRINT_KEY) return fingerprintProbe(term, test, bind);
	const { names, column, values, readings = [] } = attributeNames(key);
	const ofReadings = readings.map((reading) => readingProbe(reading, test, bind));
	if (column !== undefined) {
		const maps = SPAN_MAPS.filter((map) => !columnAnswers(column, map, term, test));
		const ofMaps = names.map((name) => mapsProbe(name, test, maps, bind));
		return unite([columnProbe(column, term, bind), ...ofMaps, ...ofReadings]);
	}
	const asked = values === undefined ? test : valueTest(term.operator, underAllNames(term.values, values), bind);
	const ofMaps = names.map((name) => mapsProbe(name, asked, SPAN_MAPS, bind));
	if (key.startsWith(COMMENT_PREFIX)) ofMaps.push(commentProbe(key.slice(COMMENT_PREFIX.length), test, bind));
	if (values === undefined || asksWhole(term)) return unite([...ofMaps, ...ofReadings]);
	// Whole values are asked for by all of their names, which an index knows; a part of one is looked for in today's.
	const ofToday = [...values].map(([name, renamed]) =>
		textProbe(valueToday(`attributes_string[${bind.string(name)}]`, renamed), test),
	);
	return unite([...ofMaps, ...ofToday, ...ofReadings]);
}

function readingProbe(reading: Reading, test: ValueTest, bind: QueryParameters): Probe {
	const text = madeText(reading, bind);
	const probe = text === undefined ? mapsProbe(reading.from[0] ?? '', test, SPAN_MAPS, bind) : textProbe(text, test);
	if (reading.kinds === undefined) return probe;
	const isOfSide = `kind IN (${reading.kinds.join(', ')})`;
	return { has: allOf([isOfSide, probe.has]), match: allOf([isOfSide, probe.match]) };
}

/** With what each is called now, and what it was called. */
function underAllNames(
	asked: readonly Value[],
	values: ReadonlyMap<string, ReadonlyMap<string, string>>,
): readonly Value[] {
	const pairs = [...values.values()].flatMap((renamed) => [...renamed]);
	return asked.flatMap((value): Value[] => {
		if (!('text' in value)) return [value];
		const others = pairs.flatMap(([old, today]) => (old === value.text ? [today] : today === value.text ? [old] : []));
		return [value, ...others.map((text): Value => ({ kind: 'text', text }))];
	});
}

/** Keys of pairs that stand in a comment of the span's database query: see 0027_query_comments.sql. */
export const COMMENT_PREFIX = 'sqlcommenter.';

/** The comment is read from the query when it is asked for: of queries that have none, only the end of a comment is sought. */
function commentProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const k = bind.string(key);
	const has = `(position(attr_db_query_text, '*/') > 0 AND mapContains(query_comment, ${k}))`;
	const condition = test.text?.(`query_comment[${k}]`);
	return { has, match: condition === undefined ? '0' : allOf([has, condition]) };
}

/**
 * That a map has the key is asked even where only a value that is there can match, but for texts: keys of the other maps have
 * an index each, and texts one of values.
 * @param maps in which a match is looked for; the key is looked for in all
 */
function mapsProbe(key: string, test: ValueTest, maps: readonly SpanMap[], bind: QueryParameters): Probe {
	const k = bind.string(key);
	bind.mapKeys.add(key);
	const isRead = (map: SpanMap): boolean => bind.isInMap(map);
	const matches: string[] = [];
	const add = (map: SpanMap, ask: (value: string) => string | undefined, matchesAbsent: boolean): void => {
		const condition = maps.includes(map) && isRead(map) ? ask(`attributes_${map}[${k}]`) : undefined;
		if (condition === undefined) return;
		bind.maps.add(map);
		matches.push(matchesAbsent ? `(mapContains(attributes_${map}, ${k}) AND ${condition})` : condition);
	};
	const written = (value: string): string | undefined => test.written?.(`toString(${value})`);
	add('string', (value) => test.text?.(value), test.matchesEmpty);
	for (const map of ['int64', 'double'] as const) {
		add(map, (value) => test.number?.(value), true);
		add(map, written, true);
	}
	add('bool', (value) => test.bool?.(value), true);
	add('bool', written, true);
	add('other', (value) => elementMatches(value, test), true);
	const has = anyOf(SPAN_MAPS.filter(isRead).map((map) => `mapContains(attributes_${map}, ${k})`));
	return { has, match: anyOf(matches) };
}

/**
 * Whether the column says all that a map could. It holds texts, and whole numbers in decimal, under whatever name they
 * came, so that most searches read no map but the one of arrays, which is next to empty.
 */
function columnAnswers(
	{ storage, isDerived, renamedValues, kinds }: PromotedColumn,
	map: SpanMap,
	term: Term,
	test: ValueTest,
): boolean {
	if (kinds !== undefined || isDerived || test.matchesZero) return false;
	// Of a value that was renamed only the map knows how it was written; `columnProbe` asks for whole ones by both names.
	if (renamedValues.size > 0 && !asksWhole(term)) return false;
	if (map === 'string') {
		// An empty text never leaves its map.
		if (test.matchesEmpty) return false;
		return storage === 'int64' ? term.values.every((value) => value.kind === 'number') : !asksTextOnly(term);
	}
	if (map === 'int64') return storage === 'int64' || (storage === 'dictionary' && test.number === undefined);
	return false;
}

const asksWhole = ({ operator, values }: Term): boolean =>
	(operator === ':' || operator === '!=') && values.every((value) => value.kind !== 'wildcard');

/** `"500"` asks for the text, but the column holds the number in the same form. */
const asksTextOnly = ({ values }: Term): boolean =>
	values.some((value) => value.kind === 'text' && /^(?:-?\d+)$/.test(value.text));

/** A promoted attribute that came under another name or type is in the maps too, and its column is a copy. */
function columnProbe(
	{ column, storage, bit, kinds, renamedValues }: PromotedColumn,
	term: Term,
	bind: QueryParameters,
): Probe {
	const own = `bitTest(promoted_own, ${bit})`;
	const has = `(${own} OR ${column} != ${storage === 'int64' ? '0' : "''"})`;
	const test = valueTest(term.operator, withRenamed(term.values, renamedValues), bind);
	const tests =
		storage === 'int64' ? [test.number?.(column), test.written?.(`toString(${column})`)] : [test.text?.(column)];
	const match = anyOf(tests.filter((each) => each !== undefined));
	const matchesAbsent = storage === 'int64' ? test.matchesZero || test.written !== undefined : test.matchesEmpty;
	const guards = [
		...(kinds === undefined ? [] : [`kind IN (${kinds.join(', ')})`]),
		...(storage !== 'int64' && asksTextOnly(term) ? [own] : []),
	];
	return { has: allOf([...guards, has]), match: allOf([...guards, ...(matchesAbsent ? [has] : []), match]) };
}

function withRenamed(values: readonly Value[], renamed: ReadonlyMap<string, string>): readonly Value[] {
	const more = values.flatMap((value): Value[] => {
		const text = 'text' in value ? renamed.get(value.text) : undefined;
		return text === undefined ? [] : [{ kind: 'text', text }];
	});
	return more.length === 0 ? values : [...values, ...more];
}

// ---- Tagged values: resources, scopes, events, links ------------------------------------------------------------

function tableProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	return unite(attributeNames(key).names.map((name) => taggedProbe('attributes', bind.string(name), test)));
}

function scopeProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const attribute = tableProbe(key, test, bind);
	return key === 'name' || key === 'version' ? unite([attribute, textProbe(key, test)]) : attribute;
}

const unite = (probes: readonly Probe[]): Probe => ({
	has: anyOf(probes.map(({ has }) => has)),
	match: anyOf(probes.map(({ match }) => match)),
});

/** A text that is absent when empty. */
function textProbe(column: string, test: ValueTest): Probe {
	const has = `${column} != ''`;
	return { has, match: allOf([has, test.text?.(column) ?? '0']) };
}

/** One event with the key, or one whose value matches. `event.name` is the event's name too. */
function eventProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const attribute = someElement(taggedProbe('m', bind.string(key), test), 'm', 'event_attributes');
	return key === 'name' ? unite([attribute, someElement(textProbe('n', test), 'n', 'event_name')]) : attribute;
}

function linkProbe(key: string, test: ValueTest, bind: QueryParameters): Probe {
	const attribute = someElement(taggedProbe('m', bind.string(key), test), 'm', 'link_attributes');
	const column = key === 'traceId' ? 'link_trace_id' : key === 'spanId' ? 'link_span_id' : undefined;
	if (column === undefined) return attribute;
	return unite([attribute, someElement(textProbe('lower(hex(i))', test), 'i', column)]);
}

function someElement({ has, match }: Probe, element: string, array: string): Probe {
	const exists = (condition: string): string =>
		condition === '0' ? '0' : `arrayExists(${element} -> ${condition}, ${array})`;
	return { has: exists(has), match: exists(match) };
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
	add("JSONHas(e, 'boolValue')", test.written?.(`if(${bool}, 'true', 'false')`));
	if (matches.length === 0) return undefined;
	return `arrayExists(e -> ${anyOf(matches)}, JSONExtractArrayRaw(${json}, 'arrayValue', 'values'))`;
}

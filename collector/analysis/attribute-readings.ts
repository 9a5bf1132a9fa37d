/** Attributes that are read off others, which older or newer instrumentations send in their place. */
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import { RENAMED_BY_SIDE } from '../../schema/renamed-attributes.ts';
import type { QueryParameters } from './query-parameters.ts';

/** A text that is made of texts; empty where it can't be. The same in SQL and here. */
interface MadeText {
	sql: (texts: readonly string[]) => string;
	read: (texts: readonly string[]) => string;
}

export interface Reading {
	from: readonly string[];
	/** OTLP span kinds for which it counts; all when absent. */
	kinds?: readonly number[];
	/** Absent: the value of the one attribute as it is, of whatever type. */
	text?: MadeText;
}

/** The first group of an expression, which RE2 and JavaScript read alike. */
const captured = (expression: string): MadeText => ({
	sql: ([text]) => `extract(${text}, '${expression.replaceAll('\\', '\\\\')}')`,
	read: ([text = '']) => new RegExp(expression, 'u').exec(text)?.[1] ?? '',
});

const QUERY = captured(String.raw`^[^?#]*\?([^#]*)`);
const LAST_NAME = captured(String.raw`([^.]*)$`);
const NAMESPACE = captured(String.raw`^((?:[^.]*\.)*[^.]*)\.[^.]*$`);

const TARGET: MadeText = {
	sql: ([path, query]) => `if(${path} = '' OR ${query} = '', ${path}, concat(${path}, '?', ${query}))`,
	read: ([path = '', query = '']) => (path === '' || query === '' ? path : `${path}?${query}`),
};
const FUNCTION: MadeText = {
	sql: ([space, name]) => `if(${space} = '' OR ${name} = '', ${name}, concat(${space}, '.', ${name}))`,
	read: ([space = '', name = '']) => (space === '' || name === '' ? name : `${space}.${name}`),
};

/** For each key what it is read off, beside its own names. */
export const READINGS: ReadonlyMap<string, readonly Reading[]> = Map.groupBy<string, Reading & { key: string }>(
	[
		...RENAMED_BY_SIDE.flatMap(({ old, renamed, kinds }) => [
			{ key: renamed, from: [old], kinds },
			{ key: old, from: [renamed], kinds },
		]),
		...['http.target', 'url.full', 'http.url'].map((name) => ({ key: 'url.query', from: [name], text: QUERY })),
		{ key: 'http.target', from: ['url.path', 'url.query'], text: TARGET },
		{ key: 'code.function.name', from: ['code.namespace', 'code.function'], text: FUNCTION },
		{ key: 'code.function', from: ['code.function.name'], text: LAST_NAME },
		{ key: 'code.namespace', from: ['code.function.name'], text: NAMESPACE },
	],
	({ key }) => key,
);

/** A text of the span as SQL: from its column, where it left its map for one. */
function textOf(name: string, bind: QueryParameters): string {
	const inMap = `attributes_string[${bind.string(name)}]`;
	const bit = PROMOTED_ATTRIBUTES.findIndex(({ attribute, storage }) => attribute === name && storage !== 'int64');
	const column = PROMOTED_ATTRIBUTES[bit]?.column;
	return column === undefined ? inMap : `if(bitTest(promoted_own, ${bit}), toString(${column}), ${inMap})`;
}

export const madeText = ({ from, text }: Reading, bind: QueryParameters): string | undefined =>
	text?.sql(from.map((name) => textOf(name, bind)));

/** A reading as text in SQL; empty where the span has none. `valueOf`: the same of an attribute. */
export function readingText(reading: Reading, bind: QueryParameters, valueOf: (name: string) => string): string {
	const value = madeText(reading, bind) ?? valueOf(reading.from[0] ?? '');
	return reading.kinds === undefined ? value : `if(kind IN (${reading.kinds.join(', ')}), ${value}, '')`;
}

/** A value under its name of today, as SQL. Both sides of `values` are our own words. */
export function valueToday(value: string, values: ReadonlyMap<string, string> | undefined): string {
	if (values === undefined) return value;
	const listed = (words: Iterable<string>): string => `[${[...words].map((word) => `'${word}'`).join(', ')}]`;
	return `transform(${value}, ${listed(values.keys())}, ${listed(values.values())}, ${value})`;
}

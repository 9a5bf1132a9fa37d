/** Free words and phrases: sought, whatever the case, in all that is readable of a span. */
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import { anyOf } from './query-parameters.ts';
import type { QueryParameters } from './query-parameters.ts';
import { escapeLike } from './query-value-test.ts';

/** Query text and URL are among the promoted columns or, under other names, among the string attributes. */
const TEXT_COLUMNS = [
	'operation',
	'name',
	'status_message',
	...PROMOTED_ATTRIBUTES.filter(({ storage }) => storage !== 'int64').map(({ column }) => column),
];
const EXCEPTION_KEYS = ['exception.type', 'exception.message'];

/** @param pieces of the text between its wildcards */
export function freeTextCondition(pieces: readonly string[], bind: QueryParameters): string {
	if (pieces.every((piece) => piece === '')) return '1';
	const contains = containsTest(pieces, bind);
	return anyOf([
		...TEXT_COLUMNS.map(contains),
		`arrayExists(n -> ${contains('n')}, event_name)`,
		`arrayExists(m -> ${anyOf(EXCEPTION_KEYS.map((key) => inTagged(`m['${key}']`, contains)))}, event_attributes)`,
		`arrayExists(v -> ${contains('v')}, mapValues(attributes_string))`,
	]);
}

/** The first character of a tagged value is its type: schema/span-block.ts. */
const inTagged = (tagged: string, contains: (text: string) => string): string =>
	`(startsWith(${tagged}, 's') AND ${contains(`substring(${tagged}, 2)`)})`;

function containsTest(pieces: readonly string[], bind: QueryParameters): (text: string) => string {
	const [only] = pieces;
	if (pieces.length === 1 && only !== undefined) {
		return (text) => `positionCaseInsensitiveUTF8(${text}, ${bind.string(only)}) > 0`;
	}
	const pattern = bind.string(`%${pieces.map(escapeLike).join('%')}%`);
	return (text) => `${text} ILIKE ${pattern}`;
}

/**
 * Terms that can be read as ours but were written in another language, where they mean something else. Refused, so that
 * their translation is offered instead of an answer to another question.
 *
 * TraceQL: `=~` and `!~` match whole values, `nil` asks whether there is one, intrinsics are facts that have other names
 * here (github.com/grafana/tempo, docs/sources/tempo/traceql). It has no `:` behind a key, which is ours alone.
 */
import { QueryFailure } from './query-scanner.ts';
import type { QueryScanner } from './query-scanner.ts';
import type { Key } from './query-syntax.ts';

/** Without a scope in front, and not named like a field of ours. */
const INTRINSIC =
	/^(?:rootName|rootServiceName|traceDuration|childCount|nestedSet(?:Left|Right|Parent)|instrumentation\..*)$/s;
const SCOPED_KEY = /^(?:trace|span|event|link|instrumentation):$/;
/** What follows `span:` and its like, with its comparison. */
const SCOPED_INTRINSIC =
	/^(?:id|name|kind|status|statusMessage|duration|parentID|childCount|rootName|rootService|timeSinceStart|traceID|spanID|version)\s*(?:[=<>]|![=~])/;

/** At the end of what was read. */
const SIGN = /(?::(?:>=|<=|>|<)?|!=|!~|>=|<=|[>=<~])$/;

/** Whether a key is read as ours only in quotes. */
export const isForeignKey = (key: string): boolean => INTRINSIC.test(key);

/** The same of a text behind an operator. */
export const isForeignText = (text: string): boolean =>
	text === 'nil' || text.startsWith('`') || SCOPED_INTRINSIC.test(text);

/**
 * Throws where the term whose key and operator have just been read is not ours.
 * @param start of its key
 */
export function refuseForeign(scanner: QueryScanner, start: number, key: Key, inBraces: boolean): void {
	const { text, position } = scanner;
	const written = text.slice(start, position);
	const sign = SIGN.exec(written)?.[0] ?? '';
	if (sign === '=') refuseDoubled(text, position, inBraces);
	if (!inBraces) return;
	const value = text.slice(position);
	if (isIntrinsic(key, written, sign, value)) {
		throw new QueryFailure(start, 'a key of this language, not one that is built into TraceQL');
	}
	if (sign.startsWith(':')) return;
	if (sign === '!~' && (/\s!~$/.test(written) || /^\s/.test(value))) {
		throw new QueryFailure(position - 2, '!~ without blanks, which looks anywhere in the value');
	}
	refuseValue(value, position + value.length - value.trimStart().length, sign);
}

function isIntrinsic(key: Key, written: string, sign: string, value: string): boolean {
	if (sign === ':') return SCOPED_KEY.test(written) && SCOPED_INTRINSIC.test(value);
	if (sign.startsWith(':') || written.startsWith('"')) return false;
	return key.kind === 'attribute' && key.scope === 'any' && isForeignKey(key.key);
}

function refuseValue(value: string, start: number, sign: string): void {
	if (/^\s*`/.test(value)) throw new QueryFailure(start, 'a value in double quotes');
	if ((sign === '=' || sign === '!=') && /^\s*nil(?![^\s(){}&|])/.test(value)) {
		throw new QueryFailure(start, 'has: or -has: with the key, or "nil" for the text');
	}
}

/** `=~` and `==`, which would be `=` with a value that begins with the other sign. */
function refuseDoubled(text: string, position: number, inBraces: boolean): void {
	const second = text.charAt(position);
	if (second !== '~' && second !== '=') return;
	const mended = text.slice(0, position - 1) + second + text.slice(position + 1);
	if (second === '=') throw new QueryFailure(position - 1, 'one = before the value', mended);
	// In braces it is TraceQL's, which fits whole values: that is for the translation to say.
	throw new QueryFailure(position - 1, '~ before a regular expression', inBraces ? undefined : mended);
}

/** What could stand at a place of a query that is being typed. Pure. */
import { QueryScanner } from '../../../schema/query-scanner.ts';
import { printKey } from '../../../schema/query-print.ts';

export type CompletionContext =
	/** A key, or a free word; `typed` from `from` on. */
	| { kind: 'key'; from: number; typed: string }
	/** A value of a key; `typed` without the quote that it may begin with. */
	| { kind: 'value'; from: number; typed: string; key: string };

const SEPARATOR = /[\s(){}]/;

/** Undefined within a phrase or a regular expression, where nothing is offered. */
export function completionContext(text: string, position: number): CompletionContext | undefined {
	const from = wordStart(text, position);
	const word = text.slice(from, position);
	const dash = /^-+/.exec(word)?.[0].length ?? 0;
	const scanner = new QueryScanner(word.slice(dash));
	const keyed = readKeyed(scanner);
	if (keyed === undefined) {
		if (word.slice(dash).startsWith('"')) return undefined;
		const group = groupKey(text, from);
		if (group !== undefined) return { kind: 'value', from, typed: word, key: group };
		return { kind: 'key', from: from + dash, typed: word.slice(dash) };
	}
	if (keyed.operator === '~' || keyed.operator === '!~') return undefined;
	const valueFrom = from + dash + scanner.position;
	const value = text.slice(valueFrom, position);
	const isKeyAfterHas = keyed.key.kind === 'attribute' && keyed.key.key === 'has' && keyed.operator === ':';
	if (isKeyAfterHas) return { kind: 'key', from: valueFrom, typed: value };
	return { kind: 'value', from: valueFrom, typed: value.replace(/^"/, ''), key: printKey(keyed.key) };
}

function readKeyed(scanner: QueryScanner) {
	try {
		return scanner.readKeyed();
	} catch {
		// A quote that is still open.
		return undefined;
	}
}

/** Where the term under the caret begins: after the last space or bracket that is not within quotes. */
function wordStart(text: string, position: number): number {
	let start = 0;
	let isQuoted = false;
	for (let index = 0; index < position; index++) {
		const char = text.charAt(index);
		if (char === '\\') index++;
		else if (char === '"') isQuoted = !isQuoted;
		else if (!isQuoted && SEPARATOR.test(char)) start = index + 1;
	}
	return start;
}

/** `key:(a OR b`: the key of the group that is open before a place. */
function groupKey(text: string, from: number): string | undefined {
	const open = /(\S+?)(?::|!=)\((?:[^()"]|"(?:\\.|[^"\\])*")*$/.exec(text.slice(0, from));
	if (open?.[1] === undefined) return undefined;
	const key = new QueryScanner(open[1].replace(/^-+/, '')).readKey();
	return key === undefined ? undefined : printKey(key);
}

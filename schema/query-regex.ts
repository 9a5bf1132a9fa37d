/**
 * Finds what RE2 would refuse in a regular expression, so that the mistake is shown where it is, before a query runs.
 * Syntax: https://github.com/google/re2/wiki/Syntax
 */
import { QUERY_LIMITS } from './query-syntax.ts';

export interface RegexProblem {
	/** Where in the pattern, from 0. */
	offset: number;
	expected: string;
}

/** RE2 refuses a repetition above 1000, and nested ones that multiply to more. */
const MAX_REPEAT = 1000;
/**
 * RE2 gives up beyond some 350,000 instructions. Those of a character in UTF-8 are one to ten, and of `\pL`, tried, 785: all
 * of `\p` are taken for as large.
 */
const MAX_SIZE = 300_000;
const SIZE_OF_MANY = 10;
const SIZE_OF_PROPERTY = 800;
const ESCAPED_CLASS =
	/^\\(?:[dDsSwWbBAzaftnrv]|[pP](?:[LMNPSZC]|\{\^?[A-Z][A-Za-z_]*\})|x[0-9A-Fa-f]{2}|x\{(?:10|0?[0-9A-Fa-f])?[0-9A-Fa-f]{1,4}\}|[!-/:-@[-`{-~])/;
const GROUP = /^\((?:\?(?:P?<[A-Za-z_]\w*>|[imsU]*(?:-[imsU]+)?:|[imsU]+(?:-[imsU]+)?\)|-[imsU]+\)))?/;
const REPEAT = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/;
const POSIX_CLASS = /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/;

export function regexProblem(pattern: string): RegexProblem | undefined {
	if (pattern.length > QUERY_LIMITS.regex) {
		return { offset: QUERY_LIMITS.regex, expected: `a regular expression of at most ${QUERY_LIMITS.regex} characters` };
	}
	return new RegexReader(pattern).read();
}

class RegexReader {
	readonly #pattern: string;
	#offset = 0;
	/** Where each open group began. */
	readonly #open: number[] = [];
	/** Repetitions of the item last read, multiplied with those inside it; 0 where nothing can be repeated. */
	#repeats = 0;
	/** For each open group, the largest product inside it; the first is of the whole pattern. */
	readonly #inside: number[] = [1];
	readonly #names = new Set<string>();
	/** Instructions of the item last read, and of what each open group holds; the first is of the whole pattern. */
	#size = 0;
	readonly #sizes: number[] = [0];

	constructor(pattern: string) {
		this.#pattern = pattern;
	}

	read(): RegexProblem | undefined {
		while (this.#offset < this.#pattern.length) {
			const at = this.#offset;
			const problem = this.#step(this.#pattern.slice(at));
			if (problem !== undefined) return { offset: Math.min(this.#offset, this.#pattern.length), expected: problem };
			if (this.#isTooLarge()) return { offset: at, expected: 'fewer repetitions: RE2 takes no expression so large' };
		}
		const unclosed = this.#open.at(-1);
		return unclosed === undefined ? undefined : { offset: unclosed, expected: 'a `)` that closes this group' };
	}

	/** Reads one item; says what was expected where it can't. */
	#step(rest: string): string | undefined {
		switch (rest.charAt(0)) {
			case '(':
				return this.#group(rest);
			case ')':
				return this.#close();
			case '[':
				return this.#class(rest);
			case '\\':
				return this.#escape(rest);
			case '|':
			case '^':
			case '$':
				// RE2 lets an anchor be repeated, but nothing sensible is meant by it.
				return this.#move(1, 0);
			default:
				return REPEAT.test(rest) ? this.#repeat(rest) : this.#move(firstLength(rest), 1, sizeOf(rest.charAt(0)));
		}
	}

	#isTooLarge(): boolean {
		return this.#sizes.reduce((total, size) => total + size, 0) > MAX_SIZE;
	}

	#grow(size: number): void {
		this.#sizes.push((this.#sizes.pop() ?? 0) + size);
	}

	#move(length: number, repeats: number, size = length): undefined {
		this.#offset += length;
		this.#repeats = repeats;
		this.#size = size;
		this.#grow(size);
		const last = this.#inside.length - 1;
		this.#inside[last] = Math.max(this.#inside[last] ?? 1, repeats);
		return undefined;
	}

	#group(rest: string): string | undefined {
		const opening = GROUP.exec(rest)?.[0] ?? '(';
		if (opening === '(' && rest.startsWith('(?')) {
			return 'a group that RE2 knows: (…), (?:…), (?i:…) or (?P<name>…); it has no look-around';
		}
		const name = /<(\w+)>/.exec(opening)?.[1];
		if (name !== undefined) {
			if (this.#names.has(name)) return 'a group name that is not used before';
			this.#names.add(name);
		}
		if (opening.endsWith(')')) return this.#move(opening.length, 0);
		this.#open.push(this.#offset);
		this.#inside.push(1);
		this.#sizes.push(0);
		this.#offset += opening.length;
		this.#repeats = 0;
		return this.#open.length > 50 ? 'at most 50 groups within each other' : undefined;
	}

	#close(): string | undefined {
		if (this.#open.pop() === undefined) return 'no `)` without a group';
		return this.#move(1, this.#inside.pop() ?? 1, this.#sizes.pop() ?? 0);
	}

	#escape(rest: string): string | undefined {
		if (rest.startsWith('\\Q')) {
			const end = rest.indexOf('\\E');
			// An empty quotation is nothing that could be repeated.
			return this.#move(end === -1 ? rest.length : end + 2, end === 2 ? 0 : 1);
		}
		const escape = ESCAPED_CLASS.exec(rest)?.[0];
		if (escape === undefined)
			return 'an escape that RE2 knows, such as \\d \\w \\s \\b \\. ; it has no back references';
		return this.#move(escape.length, 1, sizeOf(escape));
	}

	#repeat(rest: string): string | undefined {
		if (this.#repeats === 0) return 'something to repeat before this';
		const [written = '', least, comma, most] = REPEAT.exec(rest) ?? [];
		const from = Number(least ?? 1);
		const to = comma === undefined || most === '' || most === undefined ? from : Number(most);
		if (to < from) return 'a repetition whose end is not before its start';
		const product = this.#repeats * Math.max(from, to, 1);
		if (product > MAX_REPEAT) return `at most ${MAX_REPEAT} repetitions, nested ones multiplied`;
		this.#move(written.length, product, this.#size * (Math.max(from, to, 1) - 1));
		// RE2 refuses `a**`: a repetition repeats what stands before it, not another repetition.
		this.#repeats = 0;
		return undefined;
	}

	#class(rest: string): string | undefined {
		let index = rest.startsWith('[^') ? 2 : 1;
		let from: number | undefined;
		for (let first = true; first || rest.charAt(index) !== ']'; first = false) {
			if (index >= rest.length) return 'a `]` that closes this class';
			const item = classItem(rest.slice(index));
			if (item === undefined) return 'a class of characters that RE2 knows';
			index += item.length;
			const opens = from === undefined && /^-[^\]]/.test(rest.slice(index));
			const problem = rangeProblem(from, item.code, opens);
			if (problem !== undefined) return problem;
			from = opens ? item.code : undefined;
			index += Number(opens);
		}
		return this.#move(index + 1, 1, sizeOf(rest.slice(0, index + 1)));
	}
}

/** @param item a character, an escape, or a class of them */
function sizeOf(item: string): number {
	if (/\\p/i.test(item)) return SIZE_OF_PROPERTY;
	return item !== '.' && /^[ -~]$/.test(item) ? 1 : SIZE_OF_MANY;
}

/** @param from of the range that this item would end; undefined outside ranges */
function rangeProblem(from: number | undefined, code: number | undefined, opens: boolean): string | undefined {
	if (from !== undefined && (code === undefined || code < from)) {
		return 'a range of characters whose end is not before its start';
	}
	return opens && code === undefined ? 'single characters at both ends of a range' : undefined;
}

/** UTF-16 units of the first character. */
const firstLength = (text: string): number => ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);

/** The first item of a class, and the character that it stands for, unless it stands for many. */
function classItem(rest: string): { length: number; code: number | undefined } | undefined {
	const posix = POSIX_CLASS.exec(rest)?.[0];
	if (posix !== undefined) return { length: posix.length, code: undefined };
	if (!rest.startsWith('\\')) return { length: firstLength(rest), code: rest.codePointAt(0) };
	const escape = ESCAPED_CLASS.exec(rest)?.[0];
	return escape === undefined || /^\\[bBAz]/.test(escape) ? undefined : { length: escape.length, code: codeOf(escape) };
}

/** The character that an escape stands for; undefined where it stands for many. */
function codeOf(item: string): number | undefined {
	const hex = /^\\x\{?([0-9A-Fa-f]+)/.exec(item)?.[1];
	if (hex !== undefined) return Number.parseInt(hex, 16);
	if (/^\\[dDsSwWpP]/.test(item)) return undefined;
	const control = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }[item.charAt(1)];
	return control ?? item.codePointAt(1);
}

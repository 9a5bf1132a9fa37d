import { cutQuery } from './query-cut.ts';

/** Deep nesting serves nobody who reads it; what is deeper becomes `?`. */
const MAX_DEPTH = 32;
const WORD = /^[A-Za-z_$][\w.$-]{0,63}$/;
/** What closes the shell's `find({…});`. */
const CALL_END = /^[);]+$/;
const REPEATED = /\?(?:,\?)+/g;

export interface SanitisedJson {
	text: string;
	summary: string;
	statements: number;
}

/**
 * MongoDB, Elasticsearch and OpenSearch: the keys of the JSON stay, its leaves become `?`. A JSON text may stand behind
 * words (`GET /orders/_search {…}`, `db.orders.find({…})`) and may have been cut. Never throws.
 */
export function sanitiseJson(query: string): SanitisedJson {
	const { text, wasCut } = cutQuery(query.trim());
	const start = text.search(/[[{]/);
	const head = (start < 0 ? text : text.slice(0, start)).trim();
	const keys: string[] = [];
	const json = start < 0 ? '' : maskLeaves(text.slice(start), keys);
	const words = head === '' ? [] : head.split(/\s+/).map(maskWord);
	const joint = json === '' || words.length === 0 || head.endsWith('(') ? '' : ' ';
	const sanitised = words.join(' ') + joint + json + (wasCut ? '…' : '');
	return {
		text: sanitised,
		summary: words.length > 0 ? firstWords(words) : operationOf(keys),
		statements: sanitised === '' ? 0 : 1,
	};
}

/** The first key of a MongoDB command is its name: `{"find": …}`. The keys of a search name no operation. */
const operationOf = (keys: readonly string[]): string => {
	const [first = ''] = keys;
	return WORD.test(first) && !first.startsWith('$') && first !== 'query' ? first : '';
};

const firstWords = (words: readonly string[]): string => words.join(' ').replace(/\(.*$/s, '').slice(0, 255).trim();

/** Words and paths of letters stay, ids don't: `/orders/81f3/_doc` → `/orders/?/_doc`. */
const maskWord = (word: string): string =>
	word.replaceAll(/[^/(),;.&=]+/g, (piece) => (/^[A-Za-z_*-][A-Za-z_*-]{0,63}$/.test(piece) ? piece : '?'));

const TOKENS = /"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|[{}[\]:,]|[^\s{}[\]:,"']+/gs;

/**
 * Goes through the tokens without building what they mean, so that JSON that was cut, or the shell's notation without
 * quotes, is read as far as it goes. Equal neighbours in arrays are folded.
 */
function maskLeaves(text: string, topKeys: string[]): string {
	const masked = new MaskedJson(topKeys);
	for (const [token] of text.matchAll(TOKENS)) masked.add(token);
	return masked.finish();
}

class MaskedJson {
	readonly #topKeys: string[];
	readonly #output: string[] = [];
	readonly #nesting: string[] = [];
	/** A key, or a value: what follows will tell. */
	#pending: string | undefined;

	constructor(topKeys: string[]) {
		this.#topKeys = topKeys;
	}

	add(token: string): void {
		const isClosing = token === '}' || token === ']';
		if (token === ':') this.#endKey();
		else this.#endValue();
		if (token === '{' || token === '[') this.#nesting.push(token);
		else if (!isClosing && token !== ':' && token !== ',') {
			this.#pending = token;
			return;
		}
		if (this.#nesting.length <= MAX_DEPTH) this.#output.push(token);
		if (isClosing) this.#nesting.pop();
	}

	finish(): string {
		this.#endValue();
		return this.#output
			.join('')
			.replaceAll(/\?{2,}/g, '?')
			.replaceAll(REPEATED, '?');
	}

	#endKey(): void {
		if (this.#nesting.at(-1) !== '{' || this.#pending === undefined) {
			this.#endValue();
			return;
		}
		const key = unquoted(this.#pending);
		if (this.#nesting.length === 1) this.#topKeys.push(key);
		// Keys are names, but a map from ids to values has ids for keys.
		this.#output.push(WORD.test(key) ? `"${key}"` : '"?"');
		this.#pending = undefined;
	}

	#endValue(): void {
		if (this.#pending === undefined) return;
		const isCallEnd = this.#nesting.length === 0 && CALL_END.test(this.#pending);
		this.#output.push(isCallEnd ? this.#pending : '?');
		this.#pending = undefined;
	}
}

const unquoted = (token: string): string => token.replaceAll(/^["']|["']$/g, '');

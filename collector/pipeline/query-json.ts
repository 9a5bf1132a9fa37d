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
	const output: string[] = [];
	const nesting: ('{' | '[')[] = [];
	let pending: string | undefined;
	const leaf = (): void => {
		if (pending !== undefined) output.push(nesting.length === 0 && CALL_END.test(pending) ? pending : '?');
		pending = undefined;
	};
	for (const [token] of text.matchAll(TOKENS)) {
		if (token === '{' || token === '[') {
			leaf();
			nesting.push(token);
		} else if (token === ':') {
			if (nesting.at(-1) === '{' && pending !== undefined) {
				if (nesting.length === 1) topKeys.push(unquoted(pending));
				output.push(keyOf(pending));
				pending = undefined;
			} else leaf();
		} else if (token === '}' || token === ']' || token === ',') leaf();
		else {
			leaf();
			pending = token;
			continue;
		}
		if (nesting.length <= MAX_DEPTH) output.push(token);
		if (token === '}' || token === ']') nesting.pop();
	}
	leaf();
	return output
		.join('')
		.replaceAll(/\?{2,}/g, '?')
		.replaceAll(REPEATED, '?');
}

const unquoted = (token: string): string => token.replaceAll(/^["']|["']$/g, '');

/** Keys are names, but a map from ids to values has ids for keys. */
const keyOf = (token: string): string => (WORD.test(unquoted(token)) ? `"${unquoted(token)}"` : '"?"');

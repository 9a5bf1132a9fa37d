export const CODE = {
	space: 0x20,
	doubleQuote: 0x22,
	hash: 0x23,
	dollar: 0x24,
	percent: 0x25,
	ampersand: 0x26,
	quote: 0x27,
	open: 0x28,
	close: 0x29,
	star: 0x2a,
	plus: 0x2b,
	comma: 0x2c,
	minus: 0x2d,
	dot: 0x2e,
	slash: 0x2f,
	colon: 0x3a,
	semicolon: 0x3b,
	equals: 0x3d,
	question: 0x3f,
	at: 0x40,
	openBracket: 0x5b,
	backslash: 0x5c,
	closeBracket: 0x5d,
	underscore: 0x5f,
	backtick: 0x60,
	openBrace: 0x7b,
} as const;

export const isBlank = (code: number): boolean => code <= CODE.space;

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** A letter, an underscore, or anything beyond ASCII. NaN, which stands behind the end, is none. */
export const isWordStart = (code: number): boolean =>
	(code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === CODE.underscore || code > 0x7f;

/** What can go on in a word that has begun. */
export const isWordPart = (code: number): boolean => isWordStart(code) || isDigit(code) || code === CODE.dollar;

/** Where the word ends that goes on at `at`. */
export function wordEnd(text: string, at: number): number {
	let end = at;
	while (isWordPart(text.charCodeAt(end))) end++;
	return end;
}

const BEFORE_PARAMETERS = new Set('(,=<>+-*/|!;{'.split('').map((mark) => mark.charCodeAt(0)));

/** Whether a value can begin at `at`: what stands before ends neither a name nor a value. */
export function canBeginValue(text: string, at: number): boolean {
	if (at === 0) return true;
	const before = text.charCodeAt(at - 1);
	return isBlank(before) || BEFORE_PARAMETERS.has(before);
}

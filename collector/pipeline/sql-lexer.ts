import { CODE, canBeginValue, isBlank, isDigit, isWordPart, isWordStart, wordEnd } from './sql-characters.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { KEYWORD, keywordAt } from './sql-keywords.ts';
import { blockCommentEnd, bracketNameEnd, delimitedEnd, dollarTagEnd, quotedEnd } from './sql-strings.ts';
import type { SqlTokens } from './sql-tokens.ts';
import { TOKEN } from './sql-tokens.ts';

/** Reads what begins at `at` and returns where it ends. Every reader goes forward by at least one character. */
type Reader = (tokens: SqlTokens, at: number) => number;

/**
 * Fills `tokens` from `text` in one pass. Never throws: what no dialect could mean is punctuation, and quotes that are
 * never closed make the rest of the text a literal, since it may be a value that was cut.
 */
export function readSql(text: string, dialect: SqlDialect, tokens: SqlTokens): void {
	tokens.reset(text, dialect);
	let at = 0;
	while (at < text.length) {
		const code = text.charCodeAt(at);
		if (isBlank(code)) at++;
		else if (isWordStart(code)) at = readWord(tokens, at);
		else if (isDigit(code)) at = readNumber(tokens, at, at);
		else at = (READERS[code] ?? readMark)(tokens, at);
	}
}

const readMark: Reader = (tokens, at) => tokens.push(TOKEN.punctuation, at, at + 1);

/** A value that goes on to the end of the text when `end` says that nothing closes it. */
const pushLiteral = (tokens: SqlTokens, start: number, end: number): number =>
	tokens.push(TOKEN.literal, start, end < 0 ? tokens.text.length : end);

/** A name in quotes; without an end it may be a value that was cut. */
const pushQuoted = (tokens: SqlTokens, start: number, end: number): number =>
	end < 0 ? pushLiteral(tokens, start, end) : tokens.push(TOKEN.quoted, start, end);

const lastKeyword = (tokens: SqlTokens): number => (tokens.count === 0 ? 0 : (tokens.keywords[tokens.count - 1] ?? 0));

const readWord: Reader = (tokens, at) => {
	const { text } = tokens;
	const end = wordEnd(text, at);
	const next = text.charCodeAt(end);
	if (next === CODE.quote || next === CODE.doubleQuote || next === CODE.ampersand) {
		const stringEnd = readPrefixedString(tokens, at, end);
		if (stringEnd > 0) return stringEnd;
	}
	const isPart = at > 0 && text.charCodeAt(at - 1) === CODE.dot;
	const keyword = isPart ? KEYWORD.none : keywordAt(text, at, end);
	if (keyword === KEYWORD.boolean) return pushLiteral(tokens, at, end);
	if (keyword === KEYWORD.none && lastKeyword(tokens) === KEYWORD.passingName) return pushLiteral(tokens, at, end);
	return tokens.push(TOKEN.word, at, end, keyword);
};

/** `N'…'`, `E'…'`, `x'…'`, `U&'…'`, `_utf8'…'`, `q'[…]'`: the letters belong to the string. 0 when they don't. */
function readPrefixedString(tokens: SqlTokens, at: number, end: number): number {
	const { text, dialect } = tokens;
	const prefix = end - at > 16 ? '' : text.slice(at, end).toLowerCase();
	if (prefix === 'u' && text.startsWith("&'", end)) {
		return pushLiteral(tokens, at, quotedEnd(text, end + 1, "'", false));
	}
	const quote = text.charAt(end);
	if (quote === '&' || (quote === '"' && !dialect.doubleQuotedStrings)) return 0;
	if (dialect.delimitedStrings && (prefix === 'q' || prefix === 'nq')) {
		return pushLiteral(tokens, at, delimitedEnd(text, end));
	}
	if (!/^(?:n|e|b|x|r|rb|br|_[a-z0-9]+)$/.test(prefix)) return 0;
	return pushLiteral(tokens, at, quotedEnd(text, end, quote, dialect.backslashEscapes || prefix === 'e'));
}

/** A number from `at`, with whatever sticks to it, as a token that begins at `start`, where its sign may stand. */
function readNumber(tokens: SqlTokens, start: number, at: number): number {
	const { text } = tokens;
	const isHex = (text.charCodeAt(at + 1) | 0x20) === 0x78;
	let end = at;
	for (;;) {
		const code = text.charCodeAt(end);
		if (isWordPart(code) || code === CODE.dot) end++;
		else if (!isHex && isExponentSign(text, end)) end++;
		else break;
	}
	return tokens.push(TOKEN.literal, start, end);
}

function isExponentSign(text: string, at: number): boolean {
	const code = text.charCodeAt(at);
	if (code !== CODE.plus && code !== CODE.minus) return false;
	const before = text.charCodeAt(at - 1);
	return (before | 0x20) === 0x65 && isDigit(text.charCodeAt(at + 1));
}

function isNumberStart(text: string, at: number): boolean {
	const code = text.charCodeAt(at);
	return isDigit(code) || (code === CODE.dot && isDigit(text.charCodeAt(at + 1)));
}

/** A sign directly before digits belongs to the number, whatever stands before it: `99+100` is two literals. */
const readSign: Reader = (tokens, at) =>
	isNumberStart(tokens.text, at + 1) ? readNumber(tokens, at, at + 1) : readMark(tokens, at);

const readMinus: Reader = (tokens, at) => {
	const { text, dialect } = tokens;
	if (text.charCodeAt(at + 1) !== CODE.minus) return readSign(tokens, at);
	// MySQL's `a--1` and `a--b` are two signs; what could as well be a comment is taken for one.
	if (dialect.hashComments && beginsOperand(text, at + 2)) return readMark(tokens, at);
	return readLineComment(tokens, at);
};

const OPERAND_MARKS = new Set('.(\'"`@?:$%'.split('').map((mark) => mark.charCodeAt(0)));

const beginsOperand = (text: string, at: number): boolean =>
	isWordPart(text.charCodeAt(at)) || OPERAND_MARKS.has(text.charCodeAt(at));

const readLineComment: Reader = (tokens, at) => {
	const end = tokens.text.indexOf('\n', at);
	return tokens.pushComment(at, end < 0 ? tokens.text.length : end);
};

const readSlash: Reader = (tokens, at) => {
	if (tokens.text.charCodeAt(at + 1) !== CODE.star) return readMark(tokens, at);
	return tokens.pushComment(at, blockCommentEnd(tokens.text, at, tokens.dialect.nestedComments));
};

const readHash: Reader = (tokens, at) => {
	if (tokens.dialect.hashComments) return readLineComment(tokens, at);
	if (!tokens.dialect.hashNames) return readMark(tokens, at);
	const start = tokens.text.charCodeAt(at + 1) === CODE.hash ? at + 2 : at + 1;
	if (!isWordStart(tokens.text.charCodeAt(start))) return readMark(tokens, at);
	return tokens.push(TOKEN.word, at, wordEnd(tokens.text, start));
};

const readDot: Reader = (tokens, at) =>
	isDigit(tokens.text.charCodeAt(at + 1)) ? readNumber(tokens, at, at) : readMark(tokens, at);

const readString: Reader = (tokens, at) =>
	pushLiteral(tokens, at, quotedEnd(tokens.text, at, "'", tokens.dialect.backslashEscapes));

const readDoubleQuotes: Reader = (tokens, at) => {
	const { text, dialect } = tokens;
	const end = quotedEnd(text, at, '"', dialect.backslashEscapes && dialect.doubleQuotedStrings);
	if (lastKeyword(tokens) === KEYWORD.passingName) return pushLiteral(tokens, at, end);
	if (!dialect.doubleQuotedStrings || isNamePosition(tokens, at, end)) return pushQuoted(tokens, at, end);
	return pushLiteral(tokens, at, end);
};

const BEFORE_NAMES = new Set<number>([
	KEYWORD.from,
	KEYWORD.join,
	KEYWORD.into,
	KEYWORD.update,
	KEYWORD.objectKind,
	KEYWORD.as,
]);

/** Where quotes hold a name even in a dialect in which they hold strings unless it is told otherwise. */
function isNamePosition(tokens: SqlTokens, at: number, end: number): boolean {
	if (BEFORE_NAMES.has(lastKeyword(tokens))) return true;
	const { text } = tokens;
	return followsDot(tokens, at) || (end > 0 && text.charCodeAt(end) === CODE.dot && !isDigit(text.charCodeAt(end + 1)));
}

/** A dot between names stands right before `at`. The dot of `1.` is none: it belongs to the number. */
const followsDot = (tokens: SqlTokens, at: number): boolean =>
	tokens.text.charCodeAt(at - 1) === CODE.dot && tokens.mark(tokens.count - 1) === CODE.dot;

const readBackticks: Reader = (tokens, at) => {
	const end = quotedEnd(tokens.text, at, '`', false);
	return lastKeyword(tokens) === KEYWORD.passingName ? pushLiteral(tokens, at, end) : pushQuoted(tokens, at, end);
};

const readBracket: Reader = (tokens, at) => {
	const { text, dialect } = tokens;
	if (dialect.bracketNames === 'always') return pushQuoted(tokens, at, quotedEnd(text, at, ']', false));
	if (dialect.bracketNames === 'never') return readMark(tokens, at);
	const end = canBeginValue(text, at) || followsDot(tokens, at) ? bracketNameEnd(text, at) : -1;
	return end < 0 ? readMark(tokens, at) : tokens.push(TOKEN.quoted, at, end);
};

const readDollar: Reader = (tokens, at) => {
	const { text, dialect } = tokens;
	const tagEnd = dialect.dollarStrings ? dollarTagEnd(text, at) : -1;
	if (tagEnd > 0) {
		const close = text.indexOf(text.slice(at, tagEnd), tagEnd);
		return pushLiteral(tokens, at, close < 0 ? -1 : close + tagEnd - at);
	}
	const end = parameterEnd(text, at + 1);
	if (end === at + 1) return readMark(tokens, at);
	const isMoney = dialect.dollarIsMoney || isNumberStart(text, end);
	if (isMoney && isDigit(text.charCodeAt(at + 1))) return readNumber(tokens, at, at + 1);
	return tokens.push(TOKEN.parameter, at, end);
};

/** Where the name or number of a parameter ends. A dollar begins the next one. */
function parameterEnd(text: string, at: number): number {
	let end = at;
	for (let code = text.charCodeAt(end); isWordPart(code) && code !== CODE.dollar; code = text.charCodeAt(end)) end++;
	return end;
}

const readColon: Reader = (tokens, at) => {
	const { text } = tokens;
	const next = text.charCodeAt(at + 1);
	if (next === CODE.colon || next === CODE.equals) return tokens.push(TOKEN.punctuation, at, at + 2);
	// `:1` is Oracle's parameter, but in `a[1:2]` and `{'k':1}` it is a number.
	const isParameter = isWordStart(next) || (isDigit(next) && canBeginValue(text, at));
	return isParameter ? tokens.push(TOKEN.parameter, at, parameterEnd(text, at + 1)) : readMark(tokens, at);
};

const readAt: Reader = (tokens, at) => {
	const { text, dialect } = tokens;
	const start = text.charCodeAt(at + 1) === CODE.at ? at + 2 : at + 1;
	const first = text.charCodeAt(start);
	if (!isWordStart(first) && !(isDigit(first) && !dialect.atIsOperator)) return readMark(tokens, at);
	return tokens.push(TOKEN.parameter, at, parameterEnd(text, start));
};

const readQuestion: Reader = (tokens, at) => {
	let end = at + 1;
	if (canBeginValue(tokens.text, at)) while (isDigit(tokens.text.charCodeAt(end))) end++;
	return tokens.push(TOKEN.parameter, at, end);
};

/** Python's `%s` and `%(name)s`. */
const PERCENT_PARAMETER = /%(?:\([A-Za-z_]\w{0,63}\))?s(?!\w)/y;

const readPercent: Reader = (tokens, at) => {
	PERCENT_PARAMETER.lastIndex = at;
	if (!canBeginValue(tokens.text, at) || !PERCENT_PARAMETER.test(tokens.text)) return readMark(tokens, at);
	return tokens.push(TOKEN.parameter, at, PERCENT_PARAMETER.lastIndex);
};

const READERS: (Reader | undefined)[] = [];
READERS[CODE.plus] = readSign;
READERS[CODE.minus] = readMinus;
READERS[CODE.slash] = readSlash;
READERS[CODE.hash] = readHash;
READERS[CODE.dot] = readDot;
READERS[CODE.quote] = readString;
READERS[CODE.doubleQuote] = readDoubleQuotes;
READERS[CODE.backtick] = readBackticks;
READERS[CODE.openBracket] = readBracket;
READERS[CODE.dollar] = readDollar;
READERS[CODE.colon] = readColon;
READERS[CODE.at] = readAt;
READERS[CODE.question] = readQuestion;
READERS[CODE.percent] = readPercent;

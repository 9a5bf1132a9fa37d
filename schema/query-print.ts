/** Writes a query as text that `parseQuery` reads as the same query. */
import type { Expression, FreeText, Key, Query, SetExpression, Term, Value } from './query-syntax.ts';
import { ATTRIBUTE_SCOPES, SPAN_FIELDS, TRACE_FIELDS } from './query-syntax.ts';
import { isForeignKey, isForeignText } from './query-foreign.ts';
import { fieldType } from './query-term.ts';
import { bareValue } from './query-value.ts';

export function printQuery(query: Query): string {
	return query.where === undefined ? '' : print(query.where, 'or', false);
}

/** As `printQuery`, with the parentheses that precedence implies: `(a b) OR c` for `a b OR c`. */
export function explainQuery(query: Query): string {
	return query.where === undefined ? '' : print(query.where, 'or', true);
}

/** How tightly what surrounds a part binds: a part that binds less needs parentheses. */
type Level = 'or' | 'and' | 'not';

function print(expression: Expression, level: Level, explain: boolean): string {
	switch (expression.kind) {
		case 'or':
			return bracket(printAll(expression.operands, explain ? 'not' : 'and', ' OR ', explain), level !== 'or');
		case 'and':
			return bracket(printAll(expression.operands, 'not', ' ', explain), level === 'not');
		case 'not': {
			const operand = expression.operand.kind === 'not' ? 'or' : 'not';
			const inside = print(expression.operand, operand, explain);
			return operand === 'or' ? `-(${inside})` : `-${inside}`;
		}
		case 'term':
			return printTerm(expression);
		case 'free':
			return printFree(expression);
		default:
			return printSet(expression, explain);
	}
}

const bracket = (text: string, needed: boolean): string => (needed ? `(${text})` : text);

const printAll = (operands: readonly Expression[], level: Level, between: string, explain: boolean): string =>
	operands.map((operand) => print(operand, level, explain)).join(between);

function printSet(set: SetExpression, explain: boolean): string {
	switch (set.kind) {
		case 'spans':
			return set.where === undefined ? '{}' : `{${print(set.where, 'or', explain)}}`;
		case 'structure':
			return `${printSide(set.left, explain)} ${set.operator} ${printSide(set.right, explain)}`;
		case 'counted':
			return `${printSide(set.of, explain)} | count() ${set.operator === ':' ? '=' : set.operator} ${set.count}`;
	}
}

const printSide = (set: SetExpression, explain: boolean): string =>
	bracket(printSet(set, explain), set.kind !== 'spans');

export function printTerm({ key, operator, values }: Pick<Term, 'key' | 'operator' | 'values'>): string {
	if (operator === 'has') return `has:${printKey(key)}`;
	const isPlain = key.kind !== 'attribute';
	const printed = values.map((value) =>
		operator === '~' || operator === '!~'
			? quote('text' in value ? value.text : '')
			: printValue(value, isPlain ? fieldType(key) : undefined),
	);
	const [only] = printed;
	return printKey(key) + operator + (printed.length === 1 && only !== undefined ? only : `(${printed.join(' OR ')})`);
}

/** As it stands before an operator: quoted where it has to be. */
export function printKey(key: Key): string {
	if (key.kind !== 'attribute') return key.field;
	const scope = key.scope === 'any' ? '' : `${key.scope}.`;
	return scope + (isBareKey(key.key, key.scope === 'any') ? key.key : quote(key.key));
}

/** Whether a key, written without quotes, is read as itself. */
function isBareKey(key: string, anyScope: boolean): boolean {
	// `&&k` behind another term would be read as an operator, `has://k` as a URL.
	if (!/^[^\s:=<>~(){}"|!\\*@.&/-][^\s:=<>~(){}"|!\\*]*$/.test(key)) return false;
	// `http://…` is read as a free word.
	if (!anyScope) return true;
	if (isForeignKey(key)) return false;
	if (key === 'has' || Object.hasOwn(SPAN_FIELDS, key) || Object.hasOwn(TRACE_FIELDS, key)) return false;
	return !ATTRIBUTE_SCOPES.some((scope) => key.startsWith(`${scope}.`));
}

/** @param type of the field, where values are read as texts whatever they look like; undefined for attributes */
function printValue(value: Value, type: ReturnType<typeof fieldType>): string {
	switch (value.kind) {
		case 'text':
			return isBareText(value.text, type) ? value.text : quote(value.text);
		case 'wildcard':
			// `k://*` would be read as the beginning of a URL.
			return value.pieces
				.map(escape)
				.join('*')
				.replace(/^\/(?=\/)/, String.raw`\/`);
		case 'range':
		case 'durations':
			return `${value.from?.text ?? ''}..${value.to?.text ?? ''}`;
		default:
			return value.text;
	}
}

const ODD = /[\s(){}"\\*]/;

function isBareText(text: string, type: ReturnType<typeof fieldType>): boolean {
	if (text === '' || ODD.test(text) || /^[:=<>~!/]/.test(text) || isForeignText(text)) return false;
	return type !== undefined || bareValue([text], false).kind === 'text';
}

const quote = (text: string): string => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;

/** Of a piece of a wildcard: every odd character, and a `=` or `>` in front that would belong to the operator. */
const escape = (piece: string): string => piece.replaceAll(/[\s(){}"\\*<>=~`]/g, String.raw`\$&`);

function printFree({ pieces }: Pick<FreeText, 'pieces'>): string {
	const [only = ''] = pieces;
	if (pieces.length > 1)
		return pieces.map((piece) => piece.replaceAll(/[\s(){}"\\*<>=~:!|&-]/g, String.raw`\$&`)).join('*');
	return /^[\p{L}\p{N}_][\p{L}\p{N}_.,/-]*$/u.test(only) && !/^(?:AND|OR|NOT)$/.test(only) ? only : quote(only);
}

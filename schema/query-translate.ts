/**
 * Offers our words for a query that was pasted from elsewhere: TraceQL (`{ .http.method = "GET" && duration > 1s }`),
 * or attributes as Datadog writes them (`@http.status_code:>=500`).
 */
import { printKey } from './query-print.ts';
import { SPAN_FIELDS } from './query-syntax.ts';

const TRACEQL_TOKEN =
	/\s*("(?:[^"\\]|\\.)*"|`[^`]*`|&&|\|\||=~|!~|!=|>=|<=|!>>|!>|!<<|!<|>>|<<|[{}()=<>~|!]|-?\d[\w.]*|[.A-Za-z_@](?:[\w.:/@-]|\."[^"]*")*)/y;

/** TraceQL's intrinsics; ours where the names differ. */
const TRACEQL_NAMES = new Map([
	['rootName', 'trace.root.operation'],
	['rootServiceName', 'trace.root.service'],
	['traceDuration', 'trace.duration'],
	['trace:duration', 'trace.duration'],
	['trace:rootName', 'trace.root.operation'],
	['trace:rootService', 'trace.root.service'],
	['trace:id', 'traceId'],
	['span:id', 'spanId'],
	['span:name', 'name'],
	['span:kind', 'kind'],
	['span:status', 'status'],
	['span:statusMessage', 'statusMessage'],
	['span:duration', 'duration'],
	['event:name', 'event.name'],
	['link:traceID', 'link.traceId'],
	['link:spanID', 'link.spanId'],
	['instrumentation:name', 'scope'],
	['instrumentation:version', 'scope.version'],
	['resource.service.name', 'service'],
	['.service.name', 'service'],
]);

/** Intrinsics that stand for nothing here. */
const TRACEQL_ONLY = /^(?:(?:span:)?childCount|nestedSet\w+|span:parentID|event:timeSinceStart)$/;

/** Undefined where nothing can be offered. Whether the answer parses is for the caller to try. */
export function translateForeign(text: string): string | undefined {
	if (text.length > 4096) return undefined;
	if (/^\s*\(*\s*\{/.test(text)) return translateTraceQl(text);
	const mended = text.replaceAll(/(^|[\s(-])@(?=[\w"])/g, '$1').replaceAll(/:\[(\S+) TO (\S+)\]/g, ':$1..$2');
	return mended === text ? undefined : mended;
}

function tokenise(text: string): string[] | undefined {
	const tokens: string[] = [];
	TRACEQL_TOKEN.lastIndex = 0;
	for (let end = 0; end < text.trimEnd().length; end = TRACEQL_TOKEN.lastIndex) {
		const token = TRACEQL_TOKEN.exec(text)?.[1];
		if (token === undefined) return undefined;
		tokens.push(token);
	}
	return tokens;
}

/** One pair of braces around everything says no more than its terms. */
const withoutOuterBraces = (text: string): string => (/^\{[^{}]*\}$/.test(text) ? text.slice(1, -1) : text);

/** Between the terms of one pair of braces; beside each other means "and" here. */
const TRACEQL_OPERATORS = new Map([
	['&&', ''],
	['||', 'OR'],
	['!', 'NOT'],
]);

/** The parts with the blanks that one would type. */
const tidy = (parts: readonly string[]): string =>
	parts
		.filter((part) => part !== '')
		.join(' ')
		.replaceAll('{ ', '{')
		.replaceAll(' }', '}')
		.replaceAll('( )', '()')
		.replaceAll('count ()', 'count()');

const isComparison = (name: string, operator: string): boolean =>
	/^[.A-Za-z_]/.test(name) && /^(?:=|!=|>=?|<=?|=~|!~)$/.test(operator);

function translateTraceQl(text: string): string | undefined {
	const tokens = tokenise(text);
	if (tokens === undefined) return undefined;
	const out: (string | undefined)[] = [];
	let inside = false;
	for (let index = 0; index < tokens.length; index++) {
		const token = tokens[index] ?? '';
		if (token === '{' || token === '}') inside = token === '{';
		const operator = tokens[index + 1] ?? '';
		if (inside && isComparison(token, operator)) {
			out.push(term(translateName(token), operator, tokens[index + 2] ?? ''));
			index += 2;
		} else {
			out.push((inside ? TRACEQL_OPERATORS.get(token) : undefined) ?? token);
		}
	}
	return joined(out);
}

/** Undefined where a part can't be said. */
function joined(parts: readonly (string | undefined)[]): string | undefined {
	const said = parts.filter((part) => part !== undefined);
	return said.length < parts.length ? undefined : withoutOuterBraces(tidy(said));
}

function translateName(name: string): string | undefined {
	if (TRACEQL_ONLY.test(name)) return undefined;
	const known = TRACEQL_NAMES.get(name);
	if (known !== undefined) return known;
	const key = /^\.([^"]+)$/.exec(name)?.[1];
	if (key === undefined) return name.replace(/^instrumentation\./, 'scope.').replace(/^\./, '');
	// A field of ours wins over the attribute of its name, but for one that is asked of the span alone.
	return printKey({ kind: 'attribute', scope: Object.hasOwn(SPAN_FIELDS, key) ? 'span' : 'any', key });
}

/** Undefined where there is no value, or an expression that is not one text. */
function term(name: string | undefined, operator: string, value: string): string | undefined {
	if (name === undefined || !/^["`\w.-]/.test(value)) return undefined;
	if (value === 'nil') return operator === '!=' ? `has:${name}` : `-has:${name}`;
	const text = value.startsWith('`')
		? `"${value
				.slice(1, -1)
				.replaceAll('\\', '\\\\')
				.replaceAll('"', String.raw`\"`)}"`
		: value;
	if (operator !== '=~' && operator !== '!~') return name + (operator === '=' ? ':' : operator) + text;
	if (!text.startsWith('"')) return undefined;
	// TraceQL anchors its expressions at both ends, ours match anywhere.
	return `${name}${operator === '=~' ? '~' : '!~'}"^(?:${text.slice(1, -1)})$"`;
}

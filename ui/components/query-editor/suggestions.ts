/** What completion offers, from the API and from the language itself. */
import { FIELD_CHOICES, SPAN_FIELDS, TRACE_FIELDS } from '../../../schema/query-syntax.ts';
import type { AttributeScope, FieldType, SpanField, TraceField } from '../../../schema/query-syntax.ts';
import { printTerm } from '../../../schema/query-print.ts';
import { literalValue, readKey } from '../../../schema/query-edit.ts';
import { formatCompact, formatCount } from '../../lib/format.ts';
import type { AttributeKey, KeysAnswer, ValuesAnswer } from '../../../schema/api-attributes.ts';
import type { Partial } from '../../../schema/api.ts';
import type { Issue, IssuesAnswer } from '../../../schema/api-issues.ts';
import type { Api, QueryParameters } from '../../lib/api.ts';
import type { CompletionContext } from './completion-context.ts';

export interface Suggestion {
	/** As shown, and what is written. */
	label: string;
	text: string;
	/** Beside it: where it belongs, what it holds, how many spans have it. */
	detail: string;
	/** Operators and keywords lie behind keys and values. A note writes nothing. */
	kind: 'key' | 'value' | 'recent' | 'operator' | 'note';
}

const MOST = 50;

const FIELDS: readonly { key: string; type: FieldType }[] = [
	...Object.entries(SPAN_FIELDS).map(([key, type]) => ({ key, type })),
	...Object.entries(TRACE_FIELDS).map(([key, type]) => ({ key, type })),
];

/** Fields of the language that were not counted among the keys, because they have no values to choose from. */
function uncountedFields(typed: string, counted: readonly AttributeKey[]): Suggestion[] {
	const wanted = typed.toLowerCase();
	return FIELDS.filter(({ key }) => key.toLowerCase().includes(wanted) && !counted.some((one) => one.key === key)).map(
		({ key, type }) => ({ label: key, text: withOperator(key, type), detail: `field · ${type}`, kind: 'key' }),
	);
}

const withOperator = (key: string, type: string): string =>
	type === 'duration' || type === 'count' ? `${key}>` : `${key}:`;

export async function suggest(
	api: Api,
	window: QueryParameters,
	context: CompletionContext,
	signal: AbortSignal,
): Promise<Suggestion[]> {
	const query = { ...window, prefix: context.typed.slice(0, 256), limit: MOST };
	if (context.kind === 'key') {
		const { keys, partial } = await api.get<KeysAnswer>('/attributes/keys', query, signal);
		return [...keys.map(keySuggestion), ...uncountedFields(context.typed, keys), ...moreOf('keys', partial)];
	}
	if (context.key === ISSUE_KEY) return issueSuggestions(api, window, context.typed, signal);
	const choices = choicesOf(context.key);
	if (choices !== undefined) {
		const fitting = choices.filter((choice) => choice.startsWith(context.typed));
		return fitting.map((choice) => ({ label: choice, text: choice, detail: '', kind: 'value' }));
	}
	const path = `/attributes/${encodeURIComponent(context.key)}/values`;
	const { values, partial } = await api.get<ValuesAnswer>(path, query, signal);
	return [...values.map((one) => valueSuggestion(context.key, one)), ...moreOf('values', partial)];
}

const valueSuggestion = (key: string, { value, spans }: ValuesAnswer['values'][number]): Suggestion => ({
	label: value,
	text: writtenValue(key, value),
	detail: formatCompact(spans),
	kind: 'value',
});

/** A last line, where not all were read; an answer may be partial in other ways. */
const moreOf = (what: 'keys' | 'values', partial: Partial | undefined): Suggestion[] =>
	partial?.what === what
		? [{ label: `${formatCount(partial.of - partial.seen)} more`, text: '', detail: 'type to find them', kind: 'note' }]
		: [];

const ISSUE_KEY = 'trace.issue' satisfies TraceField;

/** Issues of the window by what they are about: nobody knows their ids. */
async function issueSuggestions(
	api: Api,
	window: QueryParameters,
	typed: string,
	signal: AbortSignal,
): Promise<Suggestion[]> {
	const { issues } = await api.get<IssuesAnswer>('/issues', window, signal);
	const wanted = typed.toLowerCase();
	const fits = ({ issueId, title, type }: Issue) => `${issueId} ${type} ${title}`.toLowerCase().includes(wanted);
	return issues
		.filter(fits)
		.slice(0, MOST)
		.map(({ issueId, type, title, service, count }) => ({
			label: [type, title].filter((part) => part !== '').join(': '),
			text: issueId,
			detail: `${service} · ${formatCompact(count)}`,
			kind: 'value',
		}));
}

const keySuggestion = ({ key, scope, type, spans }: AttributeKey): Suggestion => ({
	label: key,
	text: `${key}:`,
	detail: `${scope} · ${type} · ${formatCompact(spans)}`,
	kind: 'key',
});

/** A value as the language writes it, quoted where it has to be. */
function writtenValue(key: string, value: string): string {
	const read = readKey(key);
	if (read === undefined) return value;
	const term = printTerm({ key: read, operator: ':', values: [literalValue(read, value)] });
	return term.slice(printTerm({ key: read, operator: ':', values: [{ kind: 'text', text: 'x' }] }).length - 1);
}

/** What needs no look-up: closed sets, and keys that take anything, such as durations and ids. */
function choicesOf(key: string): readonly string[] | undefined {
	const read = readKey(key);
	if (read === undefined || read.kind === 'trace') return [];
	if (read.kind === 'attribute') return COUNTED_SCOPES.has(read.scope) ? undefined : [];
	const type = SPAN_FIELDS[read.field];
	return FIELD_CHOICES[type] ?? (type === 'text' && !UNCOUNTED.has(read.field) ? undefined : []);
}

/** Attributes of events, links and scopes are not counted. */
const COUNTED_SCOPES: ReadonlySet<AttributeScope> = new Set<AttributeScope>(['any', 'span', 'resource']);
/** Texts that are not counted, as nearly each span has another. */
const UNCOUNTED: ReadonlySet<SpanField> = new Set<SpanField>(['statusMessage', 'project']);

/**
 * The search language as a tree. `query-language.ts` reads it from text, `query-print.ts` writes it,
 * `collector/analysis/query-to-sql.ts` makes SQL of it.
 */
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from './span.ts';

export const QUERY_LIMITS = {
	/** Characters of `q`, as the API allows. */
	length: 4096,
	/** Terms, words and values of groups, counted together. */
	terms: 100,
	/** Parentheses, braces and negations within each other. */
	depth: 24,
	/** Structural operators (`>>`, `&&` and so on) and pipes: each reads the window once more. */
	structures: 8,
	/** Characters of a regular expression. */
	regex: 1000,
} as const;

/** What a reserved field holds decides which values and operators it takes. */
export type FieldType = 'text' | 'id' | 'boolean' | 'kind' | 'type' | 'status' | 'duration' | 'count';

/** Reserved keys: they win over attributes of the same name. */
export const SPAN_FIELDS = {
	service: 'text',
	namespace: 'text',
	operation: 'text',
	name: 'text',
	kind: 'kind',
	type: 'type',
	status: 'status',
	error: 'boolean',
	entry: 'boolean',
	duration: 'duration',
	env: 'text',
	version: 'text',
	instance: 'text',
	scope: 'text',
	project: 'text',
	traceId: 'id',
	spanId: 'id',
	statusMessage: 'text',
} as const satisfies Record<string, FieldType>;
export type SpanField = keyof typeof SPAN_FIELDS;

/** Facts of a whole trace, written with `trace.` in front. */
export const TRACE_FIELDS = {
	'trace.duration': 'duration',
	'trace.spans': 'count',
	'trace.errors': 'count',
	'trace.services': 'count',
	'trace.root.service': 'text',
	'trace.root.operation': 'text',
	'trace.issue': 'id',
} as const satisfies Record<string, FieldType>;
export type TraceField = keyof typeof TRACE_FIELDS;

export const FIELD_CHOICES: { readonly [type in FieldType]?: readonly string[] } = {
	boolean: ['true', 'false'],
	kind: SPAN_KINDS,
	type: SPAN_TYPES,
	status: STATUS_CODES,
};

export const ATTRIBUTE_SCOPES = ['span', 'resource', 'scope', 'event', 'link'] as const;
/** `any`: the span's attribute, or the resource's where the span has none of that key. */
export type AttributeScope = (typeof ATTRIBUTE_SCOPES)[number] | 'any';

export type Key =
	| { kind: 'span'; field: SpanField }
	| { kind: 'trace'; field: TraceField }
	| { kind: 'attribute'; scope: AttributeScope; key: string };

export type Comparison = '>' | '>=' | '<' | '<=';
/** `has` is also `key:*`. `:` and `!=` take several values: a group. */
export type Operator = ':' | '!=' | Comparison | '~' | '!~' | 'has';

/** A number or a duration. `text` is as written, so that a bare `5e2` can equal the text "5e2" too. */
export interface NumberValue {
	kind: 'number';
	text: string;
}
export interface DurationValue {
	kind: 'duration';
	/** As written, with the unit that serves it: `100` of `100..300ms` is `100ms`. */
	text: string;
	nano: bigint;
}
export type Value =
	/** Equals texts alone. */
	| { kind: 'text'; text: string }
	| NumberValue
	| DurationValue
	/** `true` or `false`: equals the truth value and the text. */
	| { kind: 'boolean'; text: 'true' | 'false' }
	/** Literal pieces with `*` between them; at least two. */
	| { kind: 'wildcard'; pieces: readonly string[] }
	/** Inclusive; at least one side is there. */
	| { kind: 'range'; from?: NumberValue; to?: NumberValue }
	| { kind: 'durations'; from?: DurationValue; to?: DurationValue };

/** Where in the text a node stands, in UTF-16 units. */
export interface Place {
	position: number;
	end: number;
}

export interface Term extends Place {
	kind: 'term';
	key: Key;
	operator: Operator;
	/** Empty for `has`, several only for `:` and `!=`, else one. */
	values: readonly Value[];
}
/** A free word or phrase, sought in all that is readable of a span, whatever the case. */
export interface FreeText extends Place {
	kind: 'free';
	/** Literal pieces with `*` between them; one piece where there is no wildcard. */
	pieces: readonly string[];
}

export const STRUCTURE_OPERATORS = ['!>>', '!>', '!<', '->', '>>', '<<', '>', '<', '~', '&&', '||'] as const;
/**
 * How the right-hand spans lie to the left-hand ones: `>>` descendants, `>` children, `<<` ancestors, `<` parents,
 * `~` siblings, `!>>`, `!>` and `!<` none such, `->` with a link to one, in any trace, `&&` in the same trace, `||` either.
 */
export type StructureOperator = (typeof STRUCTURE_OPERATORS)[number];

/** `{…}`: the spans that match; every span without a condition. */
export interface SpanSet extends Place {
	kind: 'spans';
	where?: Expression;
}
export interface Structure extends Place {
	kind: 'structure';
	operator: StructureOperator;
	left: SetExpression;
	right: SetExpression;
}
/** `… | count() > n`: the spans of the left, in traces that have so many of them. */
export interface Counted extends Place {
	kind: 'counted';
	of: SpanSet | Structure;
	operator: Comparison | ':' | '!=';
	count: number;
}
export type SetExpression = SpanSet | Structure | Counted;

export interface Combination {
	kind: 'and' | 'or';
	/** At least two, none of the same kind as this one. */
	operands: readonly Expression[];
}
export interface Negation {
	kind: 'not';
	operand: Expression;
}
export type Expression = Term | FreeText | Combination | Negation | SetExpression;

export interface Query {
	/** Absent: every span. */
	where?: Expression;
}

export interface QueryError {
	kind: 'error';
	/** In UTF-16 units from 0. */
	position: number;
	/** What stands there; empty at the end of the text. */
	found: string;
	expected: string;
	/** A sentence for people, with position, what was found and what was expected. */
	message: string;
	/** The whole text, mended; it parses. */
	suggestion?: string;
}

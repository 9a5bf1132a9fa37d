import { parseQuery } from '../../schema/query-language.ts';
import type { Expression, Term } from '../../schema/query-syntax.ts';
import type { FormField } from './query-text.ts';

export interface FormValues {
	service: string;
	operation: string;
	/** As written, `500ms`. */
	minDuration: string;
	errorsOnly: boolean;
}

/** What the form shows of a query; undefined where the query has a shape that the form can't show or change. */
export function readForm(q: string): FormValues | undefined {
	const terms = formTerms(q);
	if (terms === undefined) return undefined;
	const duration = terms.duration?.values[0];
	return {
		service: textOf(terms.service),
		operation: textOf(terms.operation),
		minDuration: duration?.kind === 'duration' ? duration.text : '',
		errorsOnly: terms.error !== undefined,
	};
}

/** The query with one of the form's terms written, changed or, for an empty text, taken out. */
export function writeField(q: string, field: FormField, term: string): string {
	const place = formTerms(q)?.[field];
	const next = place === undefined ? `${q} ${term}` : `${q.slice(0, place.position)}${term}${q.slice(place.end)}`;
	return next.replaceAll(/ {2,}/g, ' ').trim();
}

type FormTerms = Partial<Record<FormField, Term>>;

function formTerms(q: string): FormTerms | undefined {
	const parsed = parseQuery(q);
	if (parsed.kind === 'error') return undefined;
	const operands = operandsOf(parsed.query.where);
	if (operands === undefined) return undefined;
	const found: FormTerms = {};
	for (const operand of operands) {
		const field = operand.kind === 'term' ? fieldOf(operand) : undefined;
		if (field !== undefined && operand.kind === 'term') found[field] ??= operand;
	}
	return found;
}

/** What all must hold. An OR at the top would swallow a term put behind it, and braces don't mix with terms. */
function operandsOf(where: Expression | undefined): readonly Expression[] | undefined {
	if (where === undefined) return [];
	if (where.kind === 'and') return where.operands;
	return where.kind === 'term' || where.kind === 'free' || where.kind === 'not' ? [where] : undefined;
}

/** Whether a term on a field says what the form's field says, rather than more. */
const FITS: Readonly<Record<FormField, (term: Term) => boolean>> = {
	service: (term) => term.operator === ':' && textOf(term) !== '',
	operation: (term) => term.operator === ':' && textOf(term) !== '',
	duration: (term) => isAtLeast(term) && term.values[0]?.kind === 'duration',
	error: (term) => term.operator === ':' && textOf(term) === 'true',
};
const FORM_FIELDS = ['service', 'operation', 'duration', 'error'] as const;

function fieldOf(term: Term): FormField | undefined {
	const { key } = term;
	const field = key.kind === 'span' ? FORM_FIELDS.find((name) => name === key.field) : undefined;
	return field !== undefined && term.values.length === 1 && FITS[field](term) ? field : undefined;
}

const isAtLeast = (term: Term): boolean => term.operator === '>' || term.operator === '>=';

/** A single literal value; wildcards and ranges stay in the query bar alone. */
function textOf(term: Term | undefined): string {
	const value = term?.values[0];
	return value?.kind === 'text' || value?.kind === 'number' || value?.kind === 'boolean' ? value.text : '';
}

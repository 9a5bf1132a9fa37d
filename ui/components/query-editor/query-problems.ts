/** What is wrong or doubtful about a query, by place. */
import { parseQuery } from '../../../schema/query-language.ts';
import { printKey } from '../../../schema/query-print.ts';
import type { Expression, Term } from '../../../schema/query-syntax.ts';
import { nearest } from './nearest.ts';

export interface QueryProblem {
	from: number;
	to: number;
	severity: 'error' | 'warning';
	message: string;
	/** What could stand there instead; or the whole text, mended. */
	mend?: { label: string; from: number; to: number; text: string };
}

/** The one error that ends reading, or keys that no span has. `known`: keys of the window; undefined while not read. */
export function queryProblems(text: string, known: ReadonlySet<string> | undefined): QueryProblem[] {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') {
		const { position, found, message, suggestion } = parsed;
		const from = Math.min(position, Math.max(0, text.length - 1));
		const to = Math.min(text.length, Math.max(from + 1, position + found.length));
		const mend =
			suggestion === undefined ? {} : { mend: { label: suggestion, from: 0, to: text.length, text: suggestion } };
		return [{ from, to, severity: 'error', message, ...mend }];
	}
	if (known === undefined || known.size === 0 || parsed.query.where === undefined) return [];
	const terms = [...termsWithin(parsed.query.where)];
	return terms.flatMap((term) => unknownKey(text, term, known) ?? []);
}

function unknownKey(text: string, term: Term, known: ReadonlySet<string>): QueryProblem | undefined {
	const { key } = term;
	// Keys of events, links and scopes are not counted.
	if (key.kind !== 'attribute' || !['any', 'span', 'resource'].includes(key.scope)) return undefined;
	const name = printKey(key);
	const others =
		key.scope === 'any' ? [`span.${name}`, `resource.${name}`] : [name.replace(/^(?:span|resource)\./, '')];
	if ([name, ...others].some((one) => known.has(one))) return undefined;
	const from = text.indexOf(name, term.position);
	if (from === -1 || from >= term.end) return undefined;
	const meant = nearest(name, [...known]);
	const message = `No span in this time has ${name}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
	const to = from + name.length;
	return {
		from,
		to,
		severity: 'warning',
		message,
		...(meant === undefined ? {} : { mend: { label: meant, from, to, text: meant } }),
	};
}

function* termsWithin(expression: Expression): Generator<Term> {
	switch (expression.kind) {
		case 'term':
			yield expression;
			break;
		case 'and':
		case 'or':
			for (const operand of expression.operands) yield* termsWithin(operand);
			break;
		case 'not':
			yield* termsWithin(expression.operand);
			break;
		case 'spans':
			if (expression.where !== undefined) yield* termsWithin(expression.where);
			break;
		case 'structure':
			yield* termsWithin(expression.left);
			yield* termsWithin(expression.right);
			break;
		case 'counted':
			yield* termsWithin(expression.of);
			break;
		case 'free':
			break;
	}
}

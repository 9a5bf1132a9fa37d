import { parseQuery } from '../../schema/query-language.ts';
import type { Query } from '../../schema/query-syntax.ts';
import { compileQuery } from '../analysis/query-to-sql.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import { ProblemError } from '../problem.ts';

/** Reads a query that a caller wrote; what is wrong with it is told with its place, and with what could be meant. */
export function readQuery(q: string): Query {
	const parsed = parseQuery(q);
	if (parsed.kind === 'query') return parsed.query;
	throw new ProblemError(400, 'BAD_QUERY', parsed.message, parsed);
}

/** @param prefix of what it binds, where two queries go into one statement */
export function compiledQuery(query: Query, prefix?: string): CompiledQuery {
	const compiled = compileQuery(query, prefix);
	if (!('kind' in compiled)) return compiled;
	throw new ProblemError(400, 'UNSUPPORTED_QUERY', compiled.message, { position: compiled.position });
}

import { clausesOf } from '../../../schema/query-choose.ts';
import type { Api, QueryParameters } from '../../lib/api.ts';
import type { CountAnswer } from '../../../schema/api.ts';

/** More parts than this are not tried one by one: each is a query. */
const MOST_CLAUSES = 6;

export interface StrictClause {
	clause: string;
	/** The query without it, and how many traces match that. */
	without: string;
	traces: number;
}

/** The part of a query without which most traces match; null where none of them alone leaves everything out. */
export async function strictestClause(
	api: Api,
	parameters: QueryParameters,
	query: string,
	signal: AbortSignal,
): Promise<StrictClause | null> {
	const clauses = clausesOf(query);
	if (clauses.length < 2 || clauses.length > MOST_CLAUSES) return null;
	const tried = await Promise.all(
		clauses.map(async (clause) => {
			const count = await api.get<CountAnswer>('/count', { ...parameters, q: clause.without }, signal);
			return { ...clause, traces: count.traces };
		}),
	);
	const strictest = tried.reduce((a, b) => (b.traces > a.traces ? b : a));
	return strictest.traces > 0 ? strictest : null;
}

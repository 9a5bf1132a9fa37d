import { keysOf } from '../traces/facet-keys.ts';
import { MOST_KEYS } from './explore-query.ts';
import type { exploreQuery } from './explore-query.ts';
import type { QueryValues } from '../../lib/query-state.ts';
import type { SeriesBody } from '../../../schema/api-measures.ts';

/** What a chart of series shows. */
export interface SeriesQuestion {
	q: string;
	spans: 'entry' | 'all';
	measure: string;
	by: readonly string[];
	/** Groups that are drawn apart; the others are one. */
	limit: number;
	shape: 'lines' | 'stack';
}

export const questionOf = (view: QueryValues<typeof exploreQuery>): SeriesQuestion => ({
	q: view.q,
	spans: view.spans,
	measure: view.measure,
	by: keysOf(view.by).slice(0, MOST_KEYS),
	limit: Number(view.groups),
	shape: view.shape,
});

/** For `POST /series`. */
export const bodyOf = (
	{ q, spans, measure, by, limit }: SeriesQuestion,
	window: Pick<SeriesBody, 'from' | 'to' | 'env'>,
): SeriesBody => ({ query: q, spans, measure, by: [...by], limit, ...window });

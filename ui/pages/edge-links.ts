import { edgeQuery } from '../../collector/analysis/edge-query.ts';
import { inTracesOf } from '../../schema/query-choose.ts';
import type { ServiceMapEdge } from '../../schema/api-service-map.ts';
import type { TimeWindow } from '../../schema/api.ts';
import type { Router } from '../lib/router.svelte.ts';
import { nodeOfId } from './map/node-facts.ts';

/** A list of the very window that a number was counted in: one that ends now would have moved on. */
export const tracesHref = (router: Router, window: TimeWindow, q: string): string =>
	router.href('/traces', { q, t: undefined, from: window.fromMs, to: window.toMs, live: undefined });

/**
 * In the search language, the spans that an edge counts; empty where no search says which they are.
 * @param of what the traces that were counted have in common
 */
export function edgeSearch({ type, caller, callee }: ServiceMapEdge, also = '', of = ''): string {
	const query = edgeQuery({ type, caller: nodeOfId(caller), callee: nodeOfId(callee) }, also);
	return of === '' || query === '' ? query : (inTracesOf(of, query) ?? '');
}

/** The spans that an edge counts, all or those that failed; undefined where no search says which they are. */
export function edgeHref(
	router: Router,
	window: TimeWindow,
	edge: ServiceMapEdge,
	also = '',
	of = '',
): string | undefined {
	const q = edgeSearch(edge, also, of);
	return q === '' ? undefined : tracesHref(router, window, q);
}

import { FACETS_AT_ONCE } from '../../../schema/facet-limits.ts';
import { readKeyList } from '../../../schema/query-edit.ts';
import { printKey } from '../../../schema/query-print.ts';
import type { Preferences } from '../../lib/preferences.svelte.ts';

/** What most searches are narrowed by, in this order. */
export const USUAL_FACETS: readonly string[] = [
	'service',
	'error',
	'operation',
	'http.response.status_code',
	'kind',
	'status',
	'db.system.name',
	'env',
	'version',
];

/** Keys of a list as the address holds it; none where it can't be read. */
export const keysOf = (list: string): string[] => [...new Set((readKeyList(list) ?? []).map(printKey))];

export const pinnedFacets = (preferences: Preferences): string[] => keysOf(preferences.recall('facets.pinned') ?? '');

/** Pinned first, then those that the address adds, then the usual ones. */
export const arrangeFacets = (pinned: readonly string[], added: readonly string[]): string[] =>
	[...new Set([...pinned, ...added, ...USUAL_FACETS])].slice(0, FACETS_AT_ONCE);

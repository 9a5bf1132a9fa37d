import type { Facet } from '../../schema/api-attributes.ts';
import type { Partial } from '../../schema/api.ts';
import type { FacetGroup } from '../analysis/facet-plan.ts';
import { escapeLike } from '../analysis/query-value-test.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { ReadBudget } from './read-budget.ts';
import { oneIn, scopeParameters } from './read-scope.ts';
import type { WindowScope } from './reader-types.ts';
import { countInScope, spansInScope } from './whole-partitions.ts';

export interface FacetReader {
	/** Counts by the keys of each group. @param find a text that values have to hold, whatever the case; empty for all */
	facets(
		scope: WindowScope,
		groups: readonly FacetGroup[],
		limit: number,
		find: string,
	): Promise<{ facets: Facet[]; partial?: Partial }>;
}

/** Of more spans than this in a window, every second, third … is counted, by a hash of its id, and stands for all of them. */
const maxSpans = 2_000_000;

interface Sample {
	scope: WindowScope;
	every: number;
	isSharded: boolean;
}

const facetSql = ({ values, query }: FacetGroup, { scope, every, isSharded }: Sample): string => {
	const names = values.map((_, index) => `v${index}`);
	const isOne = names.length === 1;
	// ClickHouse 26.7 can't ask several shards for `grouping` where there is a single set.
	const place = isOne ? '1' : `indexOf([${names.map((name) => `grouping(${name})`).join(', ')}], 0)`;
	const groups = isOne ? 'v0' : `GROUPING SETS (${names.map((name) => `(${name})`).join(', ')})`;
	const columns = values.map((value, index) => `${value} AS v${index}`).join(', ');
	return `
	SELECT place, sum(n) AS spans, count() AS distinct,
		groupArraySortedIf({limit:UInt8})((-n, v), v ILIKE {find:String}) AS top
	FROM (
		SELECT ${place} AS place, [${names.map((name) => `toString(${name})`).join(', ')}][place] AS v, toInt64(count()) AS n
		FROM (${spansInScope(columns, `(${query.where})${oneIn(every)}`, scope, isSharded)})
		GROUP BY ${groups})
	WHERE v != ''
	GROUP BY place`;
};

interface FacetRow {
	place: number;
	spans: number;
	distinct: number;
	top: [minusSpans: number, value: string][];
}

export function createFacetReader(clickhouse: ClickHouse, budget: ReadBudget): FacetReader {
	const isSharded = clickhouse.shards.length > 1;
	/** A project with few spans has no window with many; its spans needn't be counted first: 0 stands for few. */
	async function countedIn(scope: WindowScope): Promise<number> {
		if (await budget.hasAtMost(maxSpans, scope)) return 0;
		const sql = countInScope(scope, isSharded);
		const [total] = await clickhouse.rows<{ spans: number }>(sql, scopeParameters(scope), scope.signal);
		return total?.spans ?? 0;
	}

	return {
		async facets(scope, groups, limit, find) {
			const window = scopeParameters(scope);
			const inWindow = await countedIn(scope);
			const every = Math.max(1, Math.ceil(inWindow / maxSpans));
			const found = await Promise.all(
				groups.map(async (group) => {
					const rows = await clickhouse.rows<FacetRow>(
						facetSql(group, { scope, every, isSharded }),
						{ ...group.query.parameters, ...window, every, limit, find: `%${escapeLike(find)}%` },
						scope.signal,
					);
					return group.keys.map((key, index) =>
						toFacet(
							key,
							rows.find(({ place }) => place === index + 1),
							every,
						),
					);
				}),
			);
			const reason = `Counted from one span in ${every}, and multiplied.`;
			return {
				facets: found.flat(),
				...(every === 1 ? {} : { partial: { reason, seen: Math.round(inWindow / every), of: inWindow } }),
			};
		},
	};
}

const toFacet = (key: string, row: FacetRow | undefined, every: number): Facet => ({
	key,
	spans: (row?.spans ?? 0) * every,
	distinct: row?.distinct ?? 0,
	values: (row?.top ?? []).map(([minusSpans, value]) => ({ value, spans: -minusSpans * every })),
});

import type { Facet } from '../../../schema/api-attributes.ts';
import type { Partial } from '../../../schema/api.ts';
import type { FacetGroup } from '../../analysis/facet-plan.ts';
import { printKey } from '../../../schema/query-print.ts';
import { escapeLike } from '../../analysis/query-value-test.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { absentResourceKeys, withoutAbsent } from '../absent-resource-keys.ts';
import type { ReadBudget } from '../read-budget.ts';
import { scopeParameters } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { ALL_SPANS, countByService, sampleSpans } from './span-sample.ts';
import type { SpanSample } from './span-sample.ts';
import { countInScope, spansInScope } from '../whole-partitions.ts';

export interface FacetReader {
	/** Counts by the keys of each group. @param find a text that values have to hold, whatever the case; empty for all */
	facets(
		scope: WindowScope,
		groups: readonly FacetGroup[],
		limit: number,
		find: string,
	): Promise<{ facets: Facet[]; partial?: Partial }>;
}

/** Of more spans than this in a window some are counted, and stand for all of them. */
const maxSpans = 2_000_000;

/** Selects columns of the spans in a scope that fulfil a condition. */
type Spans = (columns: string, condition: string) => string;

const facetSql = ({ columns: { values }, query }: FacetGroup, spans: Spans, { condition }: SpanSample): string => {
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
		FROM (${spans(columns, `(${query.where})${condition}`)})
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

export function createFacetReader(clickhouse: ClickHouse, budget: ReadBudget, most = maxSpans): FacetReader {
	const isSharded = clickhouse.shards.length > 1;
	const spansOf =
		(scope: WindowScope): Spans =>
		(columns, condition) =>
			spansInScope(columns, condition, scope, isSharded);
	/** Partitions with few spans have no window with many. */
	async function hasFew(scope: WindowScope): Promise<boolean> {
		if (await budget.hasAtMost(most, scope)) return true;
		const sql = countInScope(scope, isSharded);
		const [total] = await clickhouse.rows<{ spans: number }>(sql, scopeParameters(scope), scope.signal);
		return (total?.spans ?? 0) <= most;
	}

	async function sampleOf(scope: WindowScope): Promise<SpanSample> {
		if (await hasFew(scope)) return ALL_SPANS;
		const spans = spansOf(scope);
		const count = countByService(
			clickhouse,
			['count()'],
			(columns, condition) => spans(columns, `1${condition}`),
			scopeParameters(scope),
			scope.signal,
		);
		return sampleSpans(most, count);
	}

	return {
		async facets(scope, groups, limit, find) {
			const plans = groups.map(({ columns }) => columns);
			const [sample, resourceKeys] = await Promise.all([sampleOf(scope), absentResourceKeys(clickhouse, scope, plans)]);
			const { every, of, counted, all } = sample;
			const count = async ({ query, ...group }: FacetGroup): Promise<Facet[]> => {
				const columns = withoutAbsent(group.columns, { resourceKeys });
				const parameters = { ...query.parameters, ...columns.parameters, ...scopeParameters(scope) };
				const rows = await clickhouse.rows<FacetRow>(
					facetSql({ query, columns }, spansOf(scope), sample),
					{ ...parameters, limit, find: `%${escapeLike(find)}%` },
					scope.signal,
				);
				const rowOf = (index: number) => rows.find(({ place }) => place === index + 1);
				return columns.keys.map((key, index) => toFacet(printKey(key), rowOf(index), every));
			};
			const found = await Promise.all(groups.map(count));
			const reason = `Counted from one ${of} in ${every}, and multiplied.`;
			return {
				facets: found.flat(),
				...(every === 1 ? {} : { partial: { reason, seen: counted[0] ?? 0, of: all[0] ?? 0 } }),
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

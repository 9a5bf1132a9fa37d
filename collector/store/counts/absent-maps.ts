import { compileQuery } from '../../analysis/query-to-sql.ts';
import type { ColumnPlan } from '../../analysis/column-plan.ts';
import type { LooksFor, SpanMap } from '../../analysis/query-parameters.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { absentResourceKeys, withoutAbsent } from '../absent-resource-keys.ts';
import type { ReadBudget } from '../read-budget.ts';
import { inScope, scopeParameters } from '../read-scope.ts';
import type { MeasuredQuery, WindowScope } from '../reader-types.ts';

/** Of so many spans maps are read in less time than it takes to ask for them. */
const fewSpans = 1_000_000;
/** Keys of a query; of more, it is no longer likely that no span has one. */
const mostKeys = 20;

/** Maps whose keys an index knows (schema/clickhouse/0062_search_indexes.sql). */
const isIndexed = (map: SpanMap): boolean => map !== 'string';

const hasSome = (keys: readonly string[], map: SpanMap, scope: WindowScope): string => `
	SELECT '${map}' AS map FROM spans
	WHERE ${inScope(scope)} AND (${keys.map((_, place) => `mapContains(attributes_${map}, {mapKey${place}:String})`).join(' OR ')})
	LIMIT 1`;

/**
 * Maps in which no span of a window has a key that is looked for, so that they needn't be read: attributes are looked for in every map
 * where a value could be, and most maps have none. Indexes tell in ten milliseconds what takes a third of a chart to read.
 */
async function absentMaps(
	clickhouse: ClickHouse,
	budget: Pick<ReadBudget, 'hasAtMost'>,
	scope: WindowScope,
	{ maps = [], keys = [] }: Partial<LooksFor> = {},
): Promise<ReadonlySet<SpanMap>> {
	const asked = maps.filter(isIndexed);
	if (asked.length === 0 || keys.length > mostKeys || (await budget.hasAtMost(fewSpans, scope))) return new Set();
	const parameters = Object.fromEntries(keys.map((key, place) => [`mapKey${place}`, key]));
	const sql = asked.map((map) => hasSome(keys, map, scope)).join('\n\tUNION ALL');
	const found = await clickhouse.rows<{ map: SpanMap }>(
		sql,
		{ ...parameters, ...scopeParameters(scope) },
		scope.signal,
	);
	return new Set(asked.filter((map) => found.every((row) => row.map !== map)));
}

/** A query about all spans of a window without the maps that are absent there. */
export async function withoutAbsentMaps(
	clickhouse: ClickHouse,
	budget: Pick<ReadBudget, 'hasAtMost'>,
	scope: WindowScope,
	measured: MeasuredQuery,
): Promise<MeasuredQuery> {
	const absent = await absentMaps(clickhouse, budget, scope, measured.looksFor);
	if (absent.size === 0) return measured;
	const compiled = compileQuery(measured.query, undefined, { maps: absent });
	return 'kind' in compiled ? measured : { ...compiled, query: measured.query };
}

/** Columns of spans, likewise, and without the keys that no resource has. */
export async function columnsWithoutAbsent(
	clickhouse: ClickHouse,
	budget: Pick<ReadBudget, 'hasAtMost'>,
	scope: WindowScope,
	columns: ColumnPlan,
): Promise<ColumnPlan> {
	const [maps, resourceKeys] = await Promise.all([
		absentMaps(clickhouse, budget, scope, columns.looksFor),
		absentResourceKeys(clickhouse, scope, [columns]),
	]);
	return withoutAbsent(columns, { maps, resourceKeys });
}

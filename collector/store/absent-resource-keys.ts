import { planColumns } from '../analysis/column-plan.ts';
import type { ColumnPlan } from '../analysis/column-plan.ts';
import type { Absent } from '../analysis/query-parameters.ts';
import type { ClickHouse } from './engine/clickhouse.ts';
import { projectParameters } from './read-scope.ts';
import type { ReadScope } from './reader-types.ts';

const KEYS_OF_RESOURCES = `
	SELECT groupUniqArrayArray(arrayIntersect(mapKeys(attributes), {resourceKeys:Array(String)})) AS found
	FROM resources WHERE project = {project:String}`;

/**
 * Keys of these columns that no resource of the project has. Each attribute is looked for in resources too, and most are of spans alone:
 * one statement says so, where each would take two of its own, worked out while the statement that they are in is planned.
 */
export async function absentResourceKeys(
	clickhouse: ClickHouse,
	scope: ReadScope,
	plans: readonly ColumnPlan[],
): Promise<ReadonlySet<string>> {
	const resourceKeys = new Set(plans.flatMap(({ looksFor }) => looksFor?.resourceKeys ?? []));
	if (resourceKeys.size === 0) return resourceKeys;
	const parameters = { ...projectParameters(scope), resourceKeys: [...resourceKeys] };
	const [row] = await clickhouse.rows<{ found: string[] }>(KEYS_OF_RESOURCES, parameters, scope.signal);
	return new Set([...resourceKeys].filter((key) => row?.found.includes(key) !== true));
}

/** The columns as they are read where that is absent. */
export function withoutAbsent(columns: ColumnPlan, absent: Absent): ColumnPlan {
	const planned = planColumns(columns.keys, absent);
	return 'uncountable' in planned ? columns : planned;
}

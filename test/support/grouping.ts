import { planGrouping } from '../../collector/analysis/column-plan.ts';
import type { ColumnPlan } from '../../collector/analysis/column-plan.ts';

export function groupingOf(...by: string[]): ColumnPlan {
	const planned = planGrouping(by);
	if ('values' in planned) return planned;
	throw new Error(`${planned.uncountable} has no single value on a span`);
}

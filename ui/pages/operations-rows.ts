import type { Operation } from '../../schema/api.ts';
import type { OperationSort } from './service-query.ts';

const MEASURES: Readonly<Record<Exclude<OperationSort, 'operation'>, (operation: Operation) => number>> = {
	rate: (operation) => operation.requests,
	errors: (operation) => (operation.requests === 0 ? 0 : operation.errors / operation.requests),
	p50: (operation) => operation.p50Nano ?? -1,
	p95: (operation) => operation.p95Nano ?? -1,
	p99: (operation) => operation.p99Nano ?? -1,
	total: (operation) => operation.totalNano,
};
const MEASURE_NAMES = ['rate', 'errors', 'p50', 'p95', 'p99', 'total'] as const;

/** Filtered by a part of the name, whatever its case, and sorted; equals stand by name. */
export function arrangeOperations(
	operations: readonly Operation[],
	sort: OperationSort | `-${OperationSort}`,
	filter: string,
): Operation[] {
	const sought = filter.trim().toLowerCase();
	const found = operations.filter((operation) => operation.operation.toLowerCase().includes(sought));
	const sign = sort.startsWith('-') ? -1 : 1;
	const by = MEASURE_NAMES.find((name) => name === sort.replace('-', ''));
	return found.sort((a, b) => {
		const names = a.operation < b.operation ? -1 : a.operation > b.operation ? 1 : 0;
		if (by === undefined) return sign * names;
		return sign * (MEASURES[by](a) - MEASURES[by](b)) || names;
	});
}

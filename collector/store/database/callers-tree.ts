/** Who calls a query: services, their requests, and the functions that the call stands in. */
import type { CallingFunction, CallingOperation, CallingService } from '../../../schema/api-database.ts';
import { bucketOf } from '../../../schema/histogram.ts';
import { RedSums } from '../counts/red-sums.ts';
import type { QueryCall } from './calls-above.ts';

/** More than anybody reads; what takes the least time is left out and counted. */
const maxServices = 50;
const maxOperations = 50;
const maxFunctions = 20;

/** Most time first on every level. */
export function callersTree(calls: readonly QueryCall[]): { callers: CallingService[]; of: number } {
	const services = grouped(calls, ({ service }) => service).map(([service, members]): CallingService => {
		const operations = operationsOf(members);
		return { service, ...numbersOf(members), operations: operations.slice(0, maxOperations), of: operations.length };
	});
	const callers = services.sort(byTime(({ service }) => service));
	return { callers: callers.slice(0, maxServices), of: callers.length };
}

const operationsOf = (calls: readonly QueryCall[]): CallingOperation[] =>
	grouped(calls, ({ caller }) => caller.operation)
		.map(([operation, members]): CallingOperation => {
			const functions = functionsOf(members);
			return { operation, ...numbersOf(members), functions: functions.slice(0, maxFunctions), of: functions.length };
		})
		.sort(byTime(({ operation }) => operation));

const functionsOf = (calls: readonly QueryCall[]): CallingFunction[] =>
	grouped(
		calls.filter(({ caller }) => caller.code !== undefined),
		({ caller: { code } }) => JSON.stringify([code?.function, code?.file, code?.line]),
	)
		.flatMap(([, members]): CallingFunction[] => {
			const code = members[0]?.caller.code;
			return code === undefined ? [] : [{ ...code, ...numbersOf(members) }];
		})
		.sort(byTime((place) => `${place.function} ${place.file} ${place.line}`));

const grouped = (calls: readonly QueryCall[], keyOf: (call: QueryCall) => string): [string, QueryCall[]][] => [
	...Map.groupBy(calls, keyOf),
];

function numbersOf(calls: readonly QueryCall[]) {
	const sums = new RedSums();
	for (const { weight, isError, durationNano } of calls) {
		sums.add({
			requests: weight,
			errors: isError ? weight : 0,
			totalNano: weight * durationNano,
			spans: 1,
			buckets: [bucketOf(durationNano)],
			bucketRequests: [weight],
			satisfied: 0,
			tolerating: 0,
		});
	}
	const { requests, ...red } = sums.red();
	return { calls: requests, ...red, totalNano: sums.totalNano };
}

/** Equals stand by their name, so that an answer is the same each time. */
const byTime =
	<Row extends { totalNano: number }>(nameOf: (row: Row) => string) =>
	(a: Row, b: Row): number =>
		b.totalNano - a.totalNano || (nameOf(a) < nameOf(b) ? -1 : 1);

import type { Trace } from '../../schema/trace-columns.ts';
import { membersOf } from './repeats.ts';
import type { Repeats } from './repeats.ts';
import { durationOf, hasFlag, startOf, typeOf } from './span-facts.ts';

/** What a group of repeats amounts to. */
export interface RepeatFacts {
	first: number;
	members: Int32Array;
	/** From the start of the first to the end of the last. */
	start: number;
	end: number;
	/** Time in which at least one of them ran. */
	union: number;
	/** Sum of their durations. */
	total: number;
	errors: number;
	/** Queries that could most likely have been one. */
	isQueryPerItem: boolean;
}

/** Repeated queries count as an N+1 from this time on, however they overlap. */
const LEAST_NANO = 50e6;

export function repeatFacts(trace: Trace, repeats: Repeats, group: number): RepeatFacts {
	const members = membersOf(repeats, group);
	const first = members[0] ?? 0;
	let [end, total, union, errors] = [0, 0, 0, 0];
	for (const row of members) {
		const rowEnd = startOf(trace, row) + durationOf(trace, row);
		total += durationOf(trace, row);
		// Members come by start, so what one adds to the union begins where the union ends, or later.
		union += Math.max(0, rowEnd - Math.max(end, startOf(trace, row)));
		end = Math.max(end, rowEnd);
		if (hasFlag(trace, row, 'error')) errors++;
	}
	const isQueryPerItem = typeOf(trace, first) === 'db' && union >= LEAST_NANO;
	return { first, members, start: startOf(trace, first), end, union, total, errors, isQueryPerItem };
}

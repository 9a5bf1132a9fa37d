import { endOf, factsOf, findingOf, isFailed, longestNano, serviceOf, startOf, unionNano } from './trace-calls.ts';
import type { Finding, TraceOfCalls } from './trace-calls.ts';

const millisecond = 1e6;
const FEWEST_IN_SEQUENCE = 3;
const LEAST_SAVED_NANO = 50 * millisecond;
const LEAST_SAVED_SHARE = 0.3;
/** Between calls that wait for nothing but each other the program does next to nothing. */
const LONGEST_PAUSE_SHARE = 0.1;

/**
 * Reads of different things below one span, each begun when the one before had ended, with nothing to speak of in between.
 * A trace can't tell whether one used what another found; that they are reads, of different things, and that the program
 * did no work between them is what makes it likely that they could have run at once.
 */
export function findSequentialCalls(of: TraceOfCalls, calls: readonly number[]): Finding[] {
	const found: Finding[] = [];
	let sequence: number[] = [];
	const close = () => {
		const finding = sequenceFinding(of, sequence);
		if (finding !== undefined) found.push(finding);
		sequence = [];
	};
	for (const row of calls) {
		if (!goesOn(of, sequence, row)) close();
		if (isIndependentRead(of, row)) sequence.push(row);
	}
	close();
	return found;
}

const isIndependentRead = (of: TraceOfCalls, row: number): boolean => factsOf(of, row).isRead && !isFailed(of, row);

function goesOn(of: TraceOfCalls, sequence: readonly number[], row: number): boolean {
	const before = sequence.at(-1);
	if (before === undefined) return true;
	const pause = startOf(of, row) - endOf(of, before);
	const longestPause = Math.max(millisecond, (endOf(of, before) - startOf(of, before)) * LONGEST_PAUSE_SHARE);
	return (
		isIndependentRead(of, row) && serviceOf(of, row) === serviceOf(of, before) && pause >= 0 && pause <= longestPause
	);
}

function sequenceFinding(of: TraceOfCalls, sequence: readonly number[]): Finding | undefined {
	const subjects = [...new Set(sequence.map((row) => factsOf(of, row).subject))].sort();
	if (subjects.length < FEWEST_IN_SEQUENCE || subjects.length < sequence.length) return undefined;
	const union = unionNano(of, sequence);
	const saved = union - longestNano(of, sequence);
	if (saved < LEAST_SAVED_NANO || saved < union * LEAST_SAVED_SHARE) return undefined;
	return findingOf(of, 'sequential-calls', sequence, subjects.join('\n'), saved);
}

import { durationOf, endOf, factsOf, isKind, serviceOf, startOf } from './trace-calls.ts';
import type { Finding, TraceOfCalls } from './trace-calls.ts';

const LEAST_GAP_NANO = 300e6;
const LEAST_GAP_SHARE = 0.4;

/**
 * Long stretches of a span in which none of its children ran: work that nobody instrumented, a lock, a full event loop.
 * Only of spans with children, because one without says nothing of what happens in it, and not of calls, whose rest is the
 * way through the network. Between two of the rows `waits` a program waits on purpose.
 */
export function findGaps(of: TraceOfCalls, waits: ReadonlySet<number>): Finding[] {
	return [...longestGaps(of, waits)].flatMap(([row, gap]) => {
		const isLong = gap.length >= LEAST_GAP_NANO && gap.length >= durationOf(of, row) * LEAST_GAP_SHARE;
		return isLong && !isCall(of, row) ? [gapFinding(of, row, gap)] : [];
	});
}

/** By row, for spans with children. Siblings come by start, so one cursor for each parent is enough. */
function longestGaps(of: TraceOfCalls, waits: ReadonlySet<number>): Map<number, Gap> {
	const { count, parent, start } = of.trace;
	const coveredUntil = start.slice();
	const lastChild = new Int32Array(count).fill(-1);
	const gaps = new Map<number, Gap>();
	const note = (row: number, to: number, next: number) => {
		const length = to - (coveredUntil[row] ?? 0);
		const before = lastChild[row] ?? -1;
		if (waits.has(before) && waits.has(next)) return;
		if (length > (gaps.get(row)?.length ?? 0)) gaps.set(row, { length, before, next });
	};
	for (let row = 0; row < count; row++) {
		const above = parent[row] ?? -1;
		if (above < 0 || startOf(of, row) >= endOf(of, above)) continue;
		note(above, startOf(of, row), row);
		const end = Math.min(endOf(of, row), endOf(of, above));
		if (lastChild[above] !== -1 && end <= (coveredUntil[above] ?? 0)) continue;
		coveredUntil[above] = end;
		lastChild[above] = row;
	}
	lastChild.forEach((child, row) => {
		if (child >= 0) note(row, endOf(of, row), -1);
	});
	return gaps;
}

interface Gap {
	length: number;
	/** Children around it, -1 at the ends of the span. */
	before: number;
	next: number;
}

const isCall = (of: TraceOfCalls, row: number): boolean =>
	factsOf(of, row).isCall || isKind(of, row, 'client') || isKind(of, row, 'producer');

function gapFinding(of: TraceOfCalls, row: number, { length, before, next }: Gap): Finding {
	const { operation } = factsOf(of, row);
	const after = before < 0 ? 'the start' : factsOf(of, before).operation;
	const until = next < 0 ? 'the end' : factsOf(of, next).operation;
	const subject = `between ${after} and ${until}`;
	return {
		kind: 'gap',
		parent: row,
		row,
		rows: [],
		service: serviceOf(of, row),
		operation,
		subject,
		wastedNano: length,
	};
}

import type { TraceSpans } from '../../schema/trace-spans.ts';
import { criticalPath } from './critical-path.ts';
import { arrangeTrace } from './span-tree.ts';

/** What a service and one of its operations had of the critical paths of many traces. */
export interface PathPart {
	service: string;
	operation: string;
	nano: number;
}

/** Critical paths laid over each other. */
export interface PathSums {
	/** Paths that were added. */
	traces: number;
	/** Together: what all parts add up to. */
	nano: number;
	parts: Map<string, PathPart>;
}

export const noPaths = (): PathSums => ({ traces: 0, nano: 0, parts: new Map() });

/**
 * Adds the critical path of one span and what it waited for: from its start to its end, each moment under the service
 * and operation that was worked in. `spans` is its trace. False when the span is not in it.
 */
export function addCriticalPath(sums: PathSums, spans: TraceSpans, spanId: bigint, operation: string): boolean {
	const tree = arrangeTrace(spans);
	// Client and server of one call may share an id: then the operation tells which is meant.
	const isMeant = (row: number) => tree.id[row] === spanId && tree.names[tree.operation[row] ?? 0] === operation;
	let root = 0;
	while (root < tree.count && !isMeant(root)) root += 1;
	if (root === tree.count) return false;
	const path = criticalPath(tree, root);
	for (const [segment, row] of path.row.entries()) {
		const nano = (path.to[segment] ?? 0) - (path.from[segment] ?? 0);
		const part = partOf(sums, tree.services[tree.service[row] ?? 0] ?? '', tree.names[tree.operation[row] ?? 0] ?? '');
		part.nano += nano;
		sums.nano += nano;
	}
	sums.traces += 1;
	return true;
}

function partOf({ parts }: PathSums, service: string, operation: string): PathPart {
	const key = JSON.stringify([service, operation]);
	const found = parts.get(key);
	if (found !== undefined) return found;
	const part = { service, operation, nano: 0 };
	parts.set(key, part);
	return part;
}

/** Nanoseconds a trace, and shares of the whole path; 0 where there were no traces. */
export interface PathShare {
	service: string;
	operation: string;
	nano: number;
	ratio: number;
	beforeNano: number;
	beforeRatio: number;
}

/** Parts of both, those that take most now first; what follows the first `limit` is one part without names. */
export function pathShares(now: PathSums, before: PathSums, limit: number): PathShare[] {
	const keys = new Set([...now.parts.keys(), ...before.parts.keys()]);
	const shares = [...keys].map((key): PathShare => {
		const part = now.parts.get(key) ?? before.parts.get(key);
		return {
			service: part?.service ?? '',
			operation: part?.operation ?? '',
			...shareOf(now, now.parts.get(key)?.nano ?? 0),
			...beforeOf(shareOf(before, before.parts.get(key)?.nano ?? 0)),
		};
	});
	shares.sort((a, b) => b.nano - a.nano || b.beforeNano - a.beforeNano || (a.operation < b.operation ? -1 : 1));
	return shares.length <= limit ? shares : [...shares.slice(0, limit), together(shares.slice(limit))];
}

const shareOf = ({ traces, nano: whole }: PathSums, nano: number): { nano: number; ratio: number } => ({
	nano: traces === 0 ? 0 : nano / traces,
	ratio: whole === 0 ? 0 : nano / whole,
});

const beforeOf = ({ nano, ratio }: { nano: number; ratio: number }) => ({ beforeNano: nano, beforeRatio: ratio });

function together(shares: readonly PathShare[]): PathShare {
	const sum = { service: '', operation: '', nano: 0, ratio: 0, beforeNano: 0, beforeRatio: 0 };
	for (const share of shares) {
		sum.nano += share.nano;
		sum.ratio += share.ratio;
		sum.beforeNano += share.beforeNano;
		sum.beforeRatio += share.beforeRatio;
	}
	return sum;
}

import { mainRoot } from '../../collector/analysis/span-tree.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import { hasFlag, nameOf, serviceOf, spanIdOf } from './span-facts.ts';

/** The trace in a few numbers, for its header. */
export interface TraceFacts {
	root: number;
	service: string;
	operation: string;
	rootSpanId: string;
	spans: number;
	services: number;
	errors: number;
	depth: number;
	database: number;
	critical: number;
	startMs: number;
	/** Whole milliseconds after the last end, for links. */
	endMs: number;
	/** By share, the largest first. */
	pathShares: PathShare[];
}
export interface PathShare {
	/** Index into the trace's services. */
	index: number;
	service: string;
	nano: number;
	ratio: number;
}

const DATABASE = 2;

export function traceFacts(trace: Trace, whole: number): TraceFacts {
	const root = mainRoot(trace, trace.flags);
	const startMs = Number(trace.baseUnixNano / 1000n) / 1000;
	return {
		root,
		service: serviceOf(trace, root),
		operation: nameOf(trace, root),
		rootSpanId: spanIdOf(trace, root),
		spans: trace.truncated ? trace.total : trace.count,
		...countRows(trace),
		startMs,
		endMs: Math.ceil(startMs + whole / 1e6),
		pathShares: pathShares(trace),
	};
}

type Counts = Pick<TraceFacts, 'services' | 'errors' | 'depth' | 'database' | 'critical'>;

function countRows(trace: Trace): Counts {
	const counts: Counts = { services: 0, errors: 0, depth: 0, database: 0, critical: 0 };
	const seen = new Uint8Array(trace.services.length);
	for (let row = 0; row < trace.count; row++) {
		seen[trace.service[row] ?? 0] = 1;
		if (hasFlag(trace, row, 'error')) counts.errors++;
		if (hasFlag(trace, row, 'critical')) counts.critical++;
		if (trace.type[row] === DATABASE) counts.database++;
		counts.depth = Math.max(counts.depth, (trace.depth[row] ?? 0) + 1);
	}
	for (const isSeen of seen) counts.services += isSeen;
	return counts;
}

function pathShares(trace: Trace): PathShare[] {
	const nanos = new Map<number, number>();
	let sum = 0;
	trace.pathRow.forEach((row, segment) => {
		const nano = (trace.pathTo[segment] ?? 0) - (trace.pathFrom[segment] ?? 0);
		const index = trace.service[row] ?? 0;
		nanos.set(index, (nanos.get(index) ?? 0) + nano);
		sum += nano;
	});
	return [...nanos]
		.map(([index, nano]) => ({ index, service: trace.services[index] ?? '', nano, ratio: nano / sum }))
		.sort((a, b) => b.nano - a.nano);
}

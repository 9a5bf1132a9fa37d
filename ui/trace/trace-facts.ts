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
	const count = (test: (row: number) => boolean): number => {
		let found = 0;
		for (let row = 0; row < trace.count; row++) if (test(row)) found++;
		return found;
	};
	const startMs = Number(trace.baseUnixNano / 1000n) / 1000;
	return {
		root,
		service: serviceOf(trace, root),
		operation: nameOf(trace, root),
		rootSpanId: spanIdOf(trace, root),
		spans: trace.truncated ? trace.total : trace.count,
		services: new Set(trace.service).size,
		errors: count((row) => hasFlag(trace, row, 'error')),
		depth: trace.depth.reduce((deepest, depth) => Math.max(deepest, depth + 1), 0),
		database: count((row) => trace.type[row] === DATABASE),
		critical: count((row) => hasFlag(trace, row, 'critical')),
		startMs,
		endMs: Math.ceil(startMs + whole / 1e6),
		pathShares: pathShares(trace),
	};
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

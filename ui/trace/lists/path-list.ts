import type { Trace } from '../../../schema/trace-columns.ts';
import { hasFlag } from '../span-facts.ts';
import { idleWithin, selfTimesWithin } from '../../../collector/analysis/self-time.ts';
import type { TimeSpan } from '../trace-query.ts';

/** How long a span kept everybody waiting. */
export interface PathStep {
	row: number;
	/** Nanoseconds in all, and when it first did. */
	nano: number;
	from: number;
	/** Of the whole path. */
	ratio: number;
}

/** The spans of the critical path in the order in which they come to be on it. */
export function pathSteps(trace: Trace): PathStep[] {
	const steps = new Map<number, PathStep>();
	let sum = 0;
	for (let segment = trace.pathRow.length - 1; segment >= 0; segment--) {
		const row = trace.pathRow[segment] ?? 0;
		const from = trace.pathFrom[segment] ?? 0;
		const nano = (trace.pathTo[segment] ?? 0) - from;
		const step = steps.get(row) ?? { row, nano: 0, from, ratio: 0 };
		steps.set(row, step);
		step.nano += nano;
		sum += nano;
	}
	return [...steps.values()].map((step) => ({ ...step, ratio: sum === 0 ? 0 : step.nano / sum }));
}

/** A span that failed; `isOrigin` when nothing below it did. */
export interface ErrorEntry {
	row: number;
	isOrigin: boolean;
}

export function errorEntries(trace: Trace): ErrorEntry[] {
	const entries: ErrorEntry[] = [];
	let nextFailed = Infinity;
	for (let row = trace.count - 1; row >= 0; row--) {
		if (!hasFlag(trace, row, 'error')) continue;
		entries.push({ row, isOrigin: nextFailed >= (trace.end[row] ?? 0) });
		nextFailed = row;
	}
	return entries.reverse();
}

/** Who worked how long within a stretch of time. */
export interface Worked {
	service: number;
	/** Index into the trace's names. */
	operation: number;
	self: number;
	spans: number;
}

/** Self time by service and operation, the longest first, and how long nobody worked. */
export function workedWithin(trace: Trace, { from, to }: TimeSpan): { worked: Worked[]; idle: number; sum: number } {
	const self = selfTimesWithin(trace, from, to);
	const groups = new Map<number, Worked>();
	let sum = 0;
	for (let row = 0; row < trace.count; row++) {
		const nano = self[row] ?? 0;
		if (nano <= 0) continue;
		const service = trace.service[row] ?? 0;
		const operation = trace.operation[row] ?? 0;
		const key = service * trace.names.length + operation;
		const group = groups.get(key) ?? { service, operation, self: 0, spans: 0 };
		groups.set(key, group);
		group.self += nano;
		group.spans++;
		sum += nano;
	}
	return { worked: [...groups.values()].sort((a, b) => b.self - a.self), idle: idleWithin(trace, from, to), sum };
}

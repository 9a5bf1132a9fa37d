/** Who calls a database query, and how its repeats below one span lie to each other. */
import type { REPEAT_PATTERNS } from '../../schema/api-database.ts';

/** A span that may be above a call. */
export interface SpanAbove {
	spanId: string;
	parentSpanId: string;
	service: string;
	operation: string;
	/** Of kind server or consumer, or without a parent. */
	isEntry: boolean;
}

/** Deeper nesting within one service than any that was seen; it ends a circle too. */
const maxSteps = 64;

/**
 * Operation of the nearest request above a call in the same service; where there is none, of the highest span that was found
 * before the service ends. Empty when not even the parent is there, or it belongs to another service.
 */
export function callerOperation(
	call: { parentSpanId: string; service: string },
	spans: ReadonlyMap<string, SpanAbove>,
): string {
	let operation = '';
	let at = spans.get(call.parentSpanId);
	for (let step = 0; step < maxSteps && at !== undefined && at.service === call.service; step += 1) {
		operation = at.operation;
		if (at.isEntry) break;
		at = spans.get(at.parentSpanId);
	}
	return operation;
}

type RepeatPattern = (typeof REPEAT_PATTERNS)[number];

/**
 * Side by side when together they take a fifth longer than the time in which any of them ran; taking turns when there are half
 * as many other queries between the first and the last; else one after the other.
 */
export function repeatPattern(calls: {
	repeats: number;
	totalNano: number;
	busyNano: number;
	firstStartNano: number;
	lastStartNano: number;
	/** Starts of the other queries below the same span. */
	otherStartsNano: readonly number[];
}): RepeatPattern {
	if (calls.totalNano > calls.busyNano * 1.2) return 'parallel';
	const between = calls.otherStartsNano.filter(
		(startNano) => startNano > calls.firstStartNano && startNano < calls.lastStartNano,
	);
	return between.length * 2 >= calls.repeats ? 'interleaved' : 'sequential';
}

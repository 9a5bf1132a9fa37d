import type { TimeWindow } from '../../../schema/api.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Where a window is cut: its whole minutes, and among these its whole hours. */
export interface Bounds {
	fromMs: number;
	wholeFromMs: number;
	hourFromMs: number;
	hourToMs: number;
	wholeToMs: number;
	toMs: number;
}

export type Bound = keyof Bounds;

export function boundsOf({ fromMs, toMs }: TimeWindow): Bounds {
	// Within one minute there is no whole one: then all of it comes from spans.
	const wholeFromMs = Math.min(Math.ceil(fromMs / minuteMs) * minuteMs, toMs);
	const wholeToMs = Math.max(Math.floor(toMs / minuteMs) * minuteMs, wholeFromMs);
	const hourFromMs = Math.min(Math.ceil(wholeFromMs / hourMs) * hourMs, wholeToMs);
	const hourToMs = Math.max(Math.floor(wholeToMs / hourMs) * hourMs, hourFromMs);
	return { fromMs, wholeFromMs, hourFromMs, hourToMs, wholeToMs, toMs };
}

/** How the bounds of a window are written in a statement. */
export interface Times {
	/** For columns of days, of seconds, of the hours of seconds, and of milliseconds. */
	day: (bound: Bound) => string;
	second: (bound: Bound) => string;
	hour: (bound: Bound) => string;
	time: (bound: Bound) => string;
	/** `lastBefore` of the end. */
	lastWhole: string;
}

/** What a column of seconds holds. */
const [firstMs, lastMs] = [0, (2 ** 32 - 1) * 1_000];

/**
 * A text costs far less to plan than a function of a number that is bound (docs/adr/0061-as-little-to-plan-as-can-be.md), and there
 * are dozens of them. Nothing in it is anybody's but digits of numbers.
 */
export function writtenTimes(bounds: Bounds, lastWhole: number): Times {
	const written = (ms: number, length: number): string =>
		`'${new Date(Math.min(Math.max(ms, firstMs), lastMs)).toISOString().replace('T', ' ').slice(0, length)}'`;
	return {
		day: (bound) => written(bounds[bound], 10),
		second: (bound) => written(bounds[bound], 19),
		hour: (bound) => written(Math.floor(bounds[bound] / hourMs) * hourMs, 19),
		time: (bound) => written(bounds[bound], 23),
		lastWhole: String(lastWhole),
	};
}

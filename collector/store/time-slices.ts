import type { TimeWindow } from '../../schema/api.ts';

/** The part of a window from `{sliceFromMs}` on. */
export const FROM_SLICE = "time >= fromUnixTimestamp64Milli({sliceFromMs:Int64}, 'UTC')";

const firstSliceMs = 60_000;
const growth = 8;

/**
 * Where to begin to read for a page of what ended last: a minute before its newest possible row, and each time that this
 * was too little, eight times further back. A page of a day costs as much as one of its last minutes then, and one that
 * finds little an eighth more than reading all at once.
 */
export function* sliceStarts(window: TimeWindow, afterKey: string | undefined): Generator<number> {
	const newestMs = Math.min(window.toMs, afterKey === undefined ? window.toMs : Number(afterKey));
	for (let lengthMs = firstSliceMs; newestMs - lengthMs > window.fromMs; lengthMs *= growth) yield newestMs - lengthMs;
	yield window.fromMs;
}

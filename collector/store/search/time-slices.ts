import type { TimeWindow } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import { STRETCH_MS } from '../stretch.ts';

/** The part of a window from `{sliceFromMs}` on. */
export const FROM_SLICE = "time >= fromUnixTimestamp64Milli({sliceFromMs:Int64}, 'UTC')";

const firstSliceMs = 60_000;
/** To read so much more takes some milliseconds longer, and a second statement ten at least. */
const firstOfNarrowMs = 20 * 60_000;
const leastGrowth = 4;
const mostGrowth = 24;

/** What a query tells of how much it may find. */
export type Finds = Pick<CompiledQuery, 'isSought' | 'isNarrow'>;

/** Of the window: a slice that reaches so far might as well be all of it. */
const mostOfWindow = 1 / 4;

/**
 * Where to begin to read for a page of what ended last: a minute before its newest possible row, or some where several conditions
 * have to hold (`isNarrow`), and where that was too little, as much further back as what was found lets expect. So a page of a day
 * costs as much as one of its last minutes, and one that finds little hardly more than reading all at once. `next` is to be given
 * which share of the page was found.
 *
 * Where nothing was, a slice of a good part of the window would mostly be too little as well, and each is planned anew; and what
 * has an index (`isSought`) is found in the whole window by opening little more than what it is in.
 */
export function* sliceStarts(
	window: TimeWindow,
	afterKey: string | undefined,
	{ isSought = false, isNarrow = false }: Finds = {},
): Generator<number, void, number> {
	const newestMs = Math.min(window.toMs, afterKey === undefined ? window.toMs : Number(afterKey));
	for (let lengthMs = isNarrow ? firstOfNarrowMs : firstSliceMs; newestMs - lengthMs > window.fromMs;) {
		// Of whole stretches: to read less than one costs as much.
		const startMs = Math.floor((newestMs - lengthMs) / STRETCH_MS) * STRETCH_MS;
		if (startMs <= window.fromMs) break;
		const found = yield startMs;
		const growth = Math.min(Math.max(1.5 / found, leastGrowth), mostGrowth);
		lengthMs = (newestMs - startMs) * growth;
		if (found === 0 && (isSought || lengthMs >= (newestMs - window.fromMs) * mostOfWindow)) break;
	}
	yield window.fromMs;
}

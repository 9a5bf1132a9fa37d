import { SPAN_MARKS } from '../../schema/span-block.ts';
import { Words64List } from '../pipeline/growable-columns.ts';
import type { RowMarks } from './attribute-columns.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { SpanFields } from './span-fields.ts';

const HOUR_MS = 3_600_000;

/** Whole milliseconds of nanoseconds given as two words: every step stays below 2^53, so the result is exact. */
const toMs = (low: number, high: number): number => high * 4294 + Math.floor((high * 967_296 + low) / 1_000_000);

/** The sent times, kept as they came, and the derived ones: duration, and where windows and partitions place the span. */
export class SpanTimes {
	readonly start = new Words64List();
	readonly end = new Words64List();
	readonly duration = new Words64List();
	readonly timeMs = new Words64List();
	#receivedMs = 0;
	#earliestMs = 0;
	#latestMs = 0;

	open(context: DecodeContext): void {
		this.#receivedMs = context.receivedMs;
		this.#earliestMs = context.receivedMs - context.retentionMs;
		this.#latestMs = context.receivedMs + HOUR_MS;
	}

	push(fields: SpanFields, marks: RowMarks): void {
		const { startLow, startHigh, endLow, endHigh } = fields;
		this.start.push(startLow, startHigh);
		this.end.push(endLow, endHigh);
		const neverEnded = endLow === 0 && endHigh === 0;
		if (neverEnded) marks.set(SPAN_MARKS.neverEnded);
		const isBackwards = endHigh < startHigh || (endHigh === startHigh && endLow < startLow);
		if (isBackwards) {
			if (!neverEnded) marks.set(SPAN_MARKS.endBeforeStart);
			this.duration.push(0, 0);
		} else {
			this.duration.push((endLow - startLow) >>> 0, (endHigh - startHigh - (endLow < startLow ? 1 : 0)) >>> 0);
		}
		this.#pushTime(neverEnded ? toMs(startLow, startHigh) : toMs(endLow, endHigh), marks);
	}

	#pushTime(sentMs: number, marks: RowMarks): void {
		let timeMs = sentMs;
		if (timeMs < this.#earliestMs || timeMs > this.#latestMs) {
			marks.set(SPAN_MARKS.clockAdjusted);
			timeMs = this.#receivedMs;
		}
		this.timeMs.push(timeMs >>> 0, Math.floor(timeMs / 2 ** 32));
	}
}

import type { BackOff } from './back-off.ts';
import type { BatchLimits } from './collect-batch.ts';
import { usualAskEveryMs, usualPartLimits } from './part-pressure.ts';
import type { PartLimits } from './part-pressure.ts';
import { usualPatience } from './postponed.ts';
import type { Patience } from './postponed.ts';

/** How fast the drain goes and how often it tries, as far as somebody wants it otherwise than usual. */
export interface DrainSettings {
	batch?: BatchLimits;
	lingerMs?: number;
	backoffMs?: Pick<BackOff, 'first' | 'last'> & Partial<BackOff>;
	patience?: Partial<Patience>;
	parts?: Partial<PartLimits> & { askEveryMs?: number };
}

export interface DrainPace {
	limits: BatchLimits;
	/** Small batches don't follow each other faster than this, so that the store isn't given a part for every request. */
	lingerMs: number;
	backoffMs: BackOff;
	patience: Patience;
	parts: PartLimits & { askEveryMs: number };
}

const mebibyte = 1024 ** 2;

export const drainPace = ({ batch, lingerMs = 500, backoffMs, patience, parts }: DrainSettings): DrainPace => ({
	limits: batch ?? { maxSpans: 100_000, maxBytes: 32 * mebibyte },
	lingerMs,
	backoffMs: { first: 250, last: 30_000, pressure: 5_000, ...backoffMs },
	patience: { ...usualPatience, ...patience },
	parts: { ...usualPartLimits, askEveryMs: usualAskEveryMs, ...parts },
});

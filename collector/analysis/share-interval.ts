/** Quantile of the normal distribution for a two-sided interval of 95 %. */
export const Z_95 = 1.959_963_985;

interface Interval {
	low: number;
	high: number;
}

/** Wilson's interval of a share. */
function wilson(hits: number, of: number, z: number): Interval {
	const share = hits / of;
	const centre = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
	const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
	return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Where the difference of two shares lies, the first less the other. Newcombe's hybrid score interval (Statistics in
 * Medicine 17, 1998, method 10): right for shares near 0 and 1 and for few spans. Both counts must be above 0.
 */
export function differenceInterval(
	hits: number,
	of: number,
	otherHits: number,
	otherOf: number,
	z: number = Z_95,
): Interval {
	const [share, other] = [hits / of, otherHits / otherOf];
	const a = wilson(hits, of, z);
	const b = wilson(otherHits, otherOf, z);
	return {
		low: share - other - Math.hypot(share - a.low, b.high - other),
		high: share - other + Math.hypot(a.high - share, other - b.low),
	};
}

/** How far from 0 the difference of two shares is at least, at 95 %; 0 where the interval holds 0. */
export function leastDifference(hits: number, of: number, otherHits: number, otherOf: number): number {
	if (of === 0 || otherOf === 0) return 0;
	const { low, high } = differenceInterval(hits, of, otherHits, otherOf);
	return Math.max(0, low, -high);
}

/**
 * Quantile of the normal distribution for a two-sided interval that holds in all of `tests` comparisons together with
 * 95 %, by Bonferroni's correction. Abramowitz and Stegun, 26.2.23: off by less than 0.00045.
 */
export function correctedZ(tests: number): number {
	const t = Math.sqrt(-2 * Math.log(0.05 / (2 * Math.max(1, tests))));
	return (
		t -
		(2.515_517 + 0.802_853 * t + 0.010_328 * t * t) / (1 + 1.432_788 * t + 0.189_269 * t * t + 0.001_308 * t * t * t)
	);
}

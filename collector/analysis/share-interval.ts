/** Quantile of the normal distribution for a two-sided interval of 95 %. */
const Z = 1.959_963_985;

/** Wilson's interval of a share. */
function wilson(hits: number, of: number): { low: number; high: number } {
	const share = hits / of;
	const centre = (share + (Z * Z) / (2 * of)) / (1 + (Z * Z) / of);
	const half = (Z / (1 + (Z * Z) / of)) * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
	return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * How far from 0 the difference of two shares is at least, at 95 %; 0 where the interval holds 0. Newcombe's hybrid score
 * interval (Statistics in Medicine 17, 1998, method 10): right for shares near 0 and 1 and for few spans.
 */
export function leastDifference(hits: number, of: number, otherHits: number, otherOf: number): number {
	if (of === 0 || otherOf === 0) return 0;
	const [share, other] = [hits / of, otherHits / otherOf];
	const a = wilson(hits, of);
	const b = wilson(otherHits, otherOf);
	const least =
		share >= other
			? share - other - Math.hypot(share - a.low, b.high - other)
			: other - share - Math.hypot(a.high - share, other - b.low);
	return Math.max(0, least);
}

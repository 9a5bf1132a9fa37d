/** Numbers of one attribute on two sides, by rising value. */
export interface NumberCounts {
	/** Rising, one per bucket. */
	values: readonly number[];
	selected: readonly number[];
	rest: readonly number[];
}

export interface NumberShift {
	/** Kolmogorov–Smirnov distance, negative where the selected numbers are smaller. */
	score: number;
	/** What of it chance can't explain, at 95 %. */
	leastScore: number;
	/** Nearest rank; null where a side has no number. */
	selectedMedian: number | null;
	restMedian: number | null;
}

/** Of the Kolmogorov distribution at 95 %: distances below this times √((n+m)/nm) are chance. */
const CRITICAL = 1.358;

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/**
 * How far apart two distributions are. Spans without the attribute count as below every number, so that an attribute that
 * only one side has is as far apart as a value that only one side has. Totals are all spans of a side, with it or without.
 */
export function numberShift(counts: NumberCounts, selectedSpans: number, restSpans: number): NumberShift {
	const selectedCount = sumOf(counts.selected);
	const restCount = sumOf(counts.rest);
	let below = selectedSpans - selectedCount;
	let restBelow = restSpans - restCount;
	let widest = below / selectedSpans - restBelow / restSpans;
	counts.values.forEach((_, index) => {
		below += counts.selected[index] ?? 0;
		restBelow += counts.rest[index] ?? 0;
		const gap = below / selectedSpans - restBelow / restSpans;
		if (Math.abs(gap) > Math.abs(widest)) widest = gap;
	});
	const chance = CRITICAL * Math.sqrt((selectedSpans + restSpans) / (selectedSpans * restSpans));
	return {
		// More of the selected spans below a value than of the rest: their numbers are smaller.
		score: widest === 0 ? 0 : -widest,
		leastScore: Math.max(0, Math.abs(widest) - chance),
		selectedMedian: medianOf(counts.values, counts.selected, selectedCount),
		restMedian: medianOf(counts.values, counts.rest, restCount),
	};
}

function medianOf(values: readonly number[], counts: readonly number[], total: number): number | null {
	let seen = 0;
	for (const [index, value] of values.entries()) {
		seen += counts[index] ?? 0;
		if (total > 0 && seen >= total / 2) return value;
	}
	return null;
}

export interface NumberBin {
	from: number;
	to: number;
	selected: number;
	rest: number;
}

/** The same numbers in at most `most` bins of equal width: on a logarithmic scale where they are positive and span a decade. */
export function numberBins({ values, selected, rest }: NumberCounts, most: number): NumberBin[] {
	const [first, last] = [values[0], values.at(-1)];
	if (first === undefined || last === undefined) return [];
	if (first === last) return [{ from: first, to: last, selected: sumOf(selected), rest: sumOf(rest) }];
	const isLog = first > 0 && last / first > 10;
	const [low, high] = isLog ? [Math.log(first), Math.log(last)] : [first, last];
	const edge = (bin: number): number => {
		if (bin === 0) return first;
		if (bin === most) return last;
		const at = low + ((high - low) * bin) / most;
		return isLog ? Math.exp(at) : at;
	};
	const bins = Array.from({ length: most }, (_, bin) => ({ from: edge(bin), to: edge(bin + 1), selected: 0, rest: 0 }));
	for (const [index, value] of values.entries()) {
		const at = isLog ? Math.log(value) : value;
		const bin = bins[Math.min(most - 1, Math.floor(((at - low) / (high - low)) * most))];
		if (bin === undefined) continue;
		bin.selected += selected[index] ?? 0;
		bin.rest += rest[index] ?? 0;
	}
	return bins;
}

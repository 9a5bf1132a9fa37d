/** Nearest-rank quantile of numbers in any order. */
export function quantile(values: readonly number[], q: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** `12.3 (11.9–12.8)`: median, and the least and greatest of the runs. */
export function medianAndSpread(values: readonly number[], digits = 3): string {
	const short = (value: number) => Number(value.toPrecision(digits)).toLocaleString('en-US');
	return `${short(quantile(values, 0.5))} (${short(Math.min(...values))}–${short(Math.max(...values))})`;
}

import type { Unit } from '../../../schema/api-alerts.ts';
import { formatDuration } from '../../lib/format.ts';

/** More than anybody drags through. */
const MOST_STOPS = 400;
/** Below that share of the largest value a threshold says nothing. */
const LEAST_SHARE = 1e-4;

/**
 * Round thresholds from below the smallest value to above the largest: two significant digits, ascending. What the
 * slider moves through; as positions they are evenly spread over the orders of magnitude.
 */
export function thresholdStops(values: readonly (number | null)[], current: number, unit: Unit): number[] {
	const { least, most } = positiveRange([...values, current]);
	if (most === 0) return [];
	const from = Math.max(least / 2, most * LEAST_SHARE);
	const largest = unit === 'percent' ? 100 : unit === 'ratio' ? 1 : Infinity;
	const stops: number[] = [];
	for (let power = Math.floor(Math.log10(from)) - 1; stops.length < MOST_STOPS; power++) {
		for (let digits = 10; digits < 100; digits++) {
			const stop = Number(`${digits}e${power}`);
			if (stop >= from && stop <= largest) stops.push(stop);
			if (stop >= Math.min(most * 1.2, largest)) return stops;
		}
	}
	return stops.slice(0, MOST_STOPS);
}

function positiveRange(values: readonly (number | null)[]): { least: number; most: number } {
	let [least, most] = [Infinity, 0];
	for (const value of values) {
		if (value === null || value <= 0) continue;
		least = Math.min(least, value);
		most = Math.max(most, value);
	}
	return { least, most };
}

/** Position of the stop nearest to a value. */
export function nearestStop(stops: readonly number[], value: number): number {
	let best = 0;
	for (const [index, stop] of stops.entries()) {
		if (Math.abs(stop - value) < Math.abs((stops[best] ?? 0) - value)) best = index;
	}
	return best;
}

/** A threshold as a document writes it: `760ms`, `1.2s`, `5%`, `12`. */
export function boundText(value: number, unit: Unit): string {
	if (unit === 'percent') return `${plain(value)}%`;
	if (unit !== 'nanoseconds') return plain(value);
	const units = [
		[1e9, 's'],
		[1e6, 'ms'],
		[1e3, 'us'],
	] as const;
	const [size, name] = units.find(([size]) => value >= size) ?? [1, 'ns'];
	return `${plain(value / size)}${name}`;
}

/** At most six decimals, as the schema allows, without an exponent. */
const plain = (value: number): string => {
	const text = value.toFixed(6);
	return text.replace(/\.?0+$/, '');
};

/** How long, of a tally: `38 m`; nothing lasted no time. */
export const lasting = (ms: number): string => (ms === 0 ? '0' : formatDuration(ms * 1e6));

import type { StringColumn } from '../../schema/span-block.ts';
import { textAt } from './string-column.ts';

const THRESHOLD_DIGITS = 14;
const WHOLE = 1n << 56n;

/**
 * How many spans this one stands for: the rejection threshold `th` in the `ot` member of tracestate.
 * Source: OpenTelemetry specification, trace/tracestate-handling.md and trace/tracestate-probability-sampling.md.
 */
export function samplingWeight(traceState: string): number {
	for (const member of traceState.split(',')) {
		const [key, value] = splitOnce(member.trim(), '=');
		if (key === 'ot') return weightOf(value);
	}
	return 1;
}

function weightOf(value: string): number {
	if (value.length > 256) return 1;
	for (const field of value.split(';')) {
		const [key, digits] = splitOnce(field, ':');
		if (key !== 'th') continue;
		if (!/^[0-9a-f]{1,14}$/.test(digits)) return 1;
		const threshold = BigInt(`0x${digits.padEnd(THRESHOLD_DIGITS, '0')}`);
		return Number(WHOLE) / Number(WHOLE - threshold);
	}
	return 1;
}

function splitOnce(text: string, separator: string): [string, string] {
	const at = text.indexOf(separator);
	return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** The weight of each row of a column of tracestates. */
export function spanWeights(traceStates: StringColumn): Float64Array {
	const { bytes, ends } = traceStates;
	const weights = new Float64Array(ends.length).fill(1);
	// One byte a row is the length 0 of an empty text: nobody sampled.
	if (bytes.length === ends.length) return weights;
	const known = new Map<string, number>();
	for (let row = 0; row < ends.length; row++) {
		const text = textAt(traceStates, row);
		const weight = known.get(text) ?? samplingWeight(text);
		known.set(text, weight);
		weights[row] = weight;
	}
	return weights;
}

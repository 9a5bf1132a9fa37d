import type { DecodedSpans } from './decoded-spans.ts';

const SERVER = 2;
const CONSUMER = 5;

/** 1 where a service is asked for something: kind SERVER or CONSUMER, or the beginning of a trace. */
export function spanEntries({ rows, kind, parentSpanId }: DecodedSpans): Uint8Array {
	const entry = new Uint8Array(rows);
	for (let row = 0; row < rows; row++) {
		entry[row] = kind[row] === SERVER || kind[row] === CONSUMER || isZero(parentSpanId, row * 8) ? 1 : 0;
	}
	return entry;
}

function isZero(bytes: Uint8Array, start: number): boolean {
	for (let i = start; i < start + 8; i++) {
		if (bytes[i] !== 0) return false;
	}
	return true;
}

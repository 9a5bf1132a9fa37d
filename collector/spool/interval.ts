import { partitionMs } from './batch-sink.ts';

/**
 * The interval of partitionMs, counted from the epoch, that all times lie in; undefined when they lie in several, or when
 * there are none. Hardly any request spans two: this finds out without a BigInt a row.
 */
export function intervalOf(timesUnixMs: BigInt64Array): number | undefined {
	const words = new Int32Array(timesUnixMs.buffer, timesUnixMs.byteOffset, timesUnixMs.length * 2);
	if (words.length === 0) return undefined;
	const first = timeAt(words, 0);
	const interval = Math.floor(first / partitionMs);
	const start = interval * partitionMs;
	const end = start + partitionMs;
	for (let at = 2; at < words.length; at += 2) {
		const time = timeAt(words, at);
		if (time < start || time >= end) return undefined;
	}
	return interval;
}

/** The earliest and the latest of all; Infinity and -Infinity without any. */
export function endsOf(blocks: readonly { timeUnixMs: BigInt64Array }[]): { earliestMs: number; latestMs: number } {
	let earliestMs = Infinity;
	let latestMs = -Infinity;
	for (const { timeUnixMs: times } of blocks) {
		const words = new Int32Array(times.buffer, times.byteOffset, times.length * 2);
		for (let at = 0; at < words.length; at += 2) {
			const time = timeAt(words, at);
			if (time < earliestMs) earliestMs = time;
			if (time > latestMs) latestMs = time;
		}
	}
	return { earliestMs, latestMs };
}

/** Exact for times up to 2^53 ms; beyond, their order is kept. */
const timeAt = (words: Int32Array, at: number): number =>
	(words[at + 1] as number) * 2 ** 32 + ((words[at] as number) >>> 0);

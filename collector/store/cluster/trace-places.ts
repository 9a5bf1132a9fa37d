import { cityHash64 } from './city-hash.ts';

const idBytes = 16;

/**
 * At which place each row lies, by the ids of traces, as a `Distributed` table with the key `cityHash64(trace_id)` puts them:
 * the remainder by the sum of all weights falls to the shard whose share of it that is.
 */
export function tracePlaces(traceIds: Uint8Array, weights: readonly number[]): Uint16Array {
	const shares = weights.flatMap((weight, place) => Array.from({ length: weight }, () => place));
	const view = new DataView(traceIds.buffer, traceIds.byteOffset, traceIds.byteLength);
	const places = new Uint16Array(traceIds.length / idBytes);
	for (let row = 0; row < places.length; row += 1) {
		const at = row * idBytes;
		// Spans of one trace mostly come one after the other.
		places[row] =
			row > 0 && isSame(view, at, at - idBytes)
				? (places[row - 1] ?? 0)
				: (shares[Number(cityHash64(view, at) % BigInt(shares.length))] ?? 0);
	}
	return places;
}

const isSame = (view: DataView, a: number, b: number): boolean =>
	view.getUint32(a, true) === view.getUint32(b, true) &&
	view.getUint32(a + 4, true) === view.getUint32(b + 4, true) &&
	view.getUint32(a + 8, true) === view.getUint32(b + 8, true) &&
	view.getUint32(a + 12, true) === view.getUint32(b + 12, true);

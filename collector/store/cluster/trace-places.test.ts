import { expect, test } from 'vitest';
import { cityHash64 } from './city-hash.ts';
import { tracePlaces } from './trace-places.ts';

const bytesOf = (...ids: string[]): Uint8Array => Uint8Array.from(Buffer.from(ids.join(''), 'hex'));

test('the hash is that of ClickHouse', () => {
	// SELECT cityHash64(toFixedString(unhex(…), 16)), ClickHouse 26.7.
	const known: Record<string, bigint> = {
		'00000000000000000000000000000000': 18251889321102256092n,
		'0141d9b7e1dce79c67c2bec4ce8d81ba': 13345744693828609714n,
		'01485ce2898b244f06b595ca1493118e': 8218261996357910656n,
	};
	for (const [id, hash] of Object.entries(known)) {
		const bytes = bytesOf('ff', id);
		expect(cityHash64(new DataView(bytes.buffer, bytes.byteOffset), 1)).toBe(hash);
	}
});

test('a row lies at the place that its share of the hash falls to', () => {
	const [even, odd] = ['0141d9b7e1dce79c67c2bec4ce8d81ba', '00000000000000000000000000000001'];
	const hash = (id: string): bigint => cityHash64(new DataView(bytesOf(id).buffer), 0);
	const expected = (id: string, shares: readonly number[]): number => shares[Number(hash(id) % BigInt(shares.length))]!;
	const ids = [even, even, odd, even];
	for (const [weights, shares] of [
		[[1], [0]],
		[
			[1, 1],
			[0, 1],
		],
		[
			[1, 3, 1],
			[0, 1, 1, 1, 2],
		],
		[
			[0, 2],
			[1, 1],
		],
	] as const) {
		expect([...tracePlaces(bytesOf(...ids), weights)]).toEqual(ids.map((id) => expected(id, shares)));
	}
});

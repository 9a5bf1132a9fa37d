import { expect, test } from 'vitest';
import { seededRandom } from '../../test/support/spool-world.ts';
import type { SpoolFile } from './disk.ts';
import { encodeRecordHead, recordHeadBytes } from './segment-format.ts';
import { crcOfPayload, recordEnd, scanRecords } from './segment-scan.ts';
import type { FoundDamage, FoundRecord } from './segment-scan.ts';

const seed = 77;

const record = (id: number, payload: Uint8Array): Buffer =>
	Buffer.concat([
		encodeRecordHead(
			{
				kind: 'spans',
				id,
				receivedMs: 5,
				fingerprint: '',
				spans: 3,
				rawBytes: payload.length,
				payloadBytes: payload.length,
				payloadCrc: crcOfPayload([payload], seed),
				projectBytes: 0,
				codec: 'raw',
			},
			seed,
		),
		payload,
	]);

const inMemory = (bytes: Buffer): SpoolFile => ({
	name: 'memory',
	read: async (into, position) => Math.max(0, bytes.copy(into, 0, position)),
	write: () => Promise.reject(new Error('only read')),
	sync: async () => {},
	truncate: async () => {},
	size: async () => bytes.length,
	close: async () => {},
});

async function scan(bytes: Buffer, checkPayloads: boolean): Promise<(FoundRecord | FoundDamage)[]> {
	const found: (FoundRecord | FoundDamage)[] = [];
	const options = { file: inMemory(bytes), seed, from: 0, end: bytes.length, checkPayloads };
	for await (const one of scanRecords(options)) found.push(one);
	return found;
}

const idsOf = (found: readonly (FoundRecord | FoundDamage)[]): number[] =>
	found.flatMap((one) => (one.kind === 'record' ? [one.head.id] : []));

test('records come in order, larger than what is read at once or not', async () => {
	const bytes = Buffer.concat([
		record(1, Buffer.alloc(10)),
		record(2, Buffer.alloc(700_000, 9)),
		record(3, Buffer.alloc(0)),
	]);
	expect(idsOf(await scan(bytes, true))).toEqual([1, 2, 3]);
});

test('a record inside a payload is not taken for one, even behind damage', async () => {
	// The sender knows the format, but not the identity from which checksums start.
	const forged = Buffer.concat([record(99, Buffer.alloc(4))]);
	forged.writeUInt32LE(forged.readUInt32LE(4) ^ 1, 4);
	const bytes = Buffer.concat([record(1, forged), record(2, Buffer.alloc(3))]);
	bytes.writeUInt8(0, 0);
	const found = await scan(bytes, true);
	expect(idsOf(found)).toEqual([2]);
	expect(found[0]).toEqual({ kind: 'damage', at: 0, end: recordHeadBytes + forged.length });
});

test('20,000 damaged segments: every byte is told of once, in order, and it ends', { timeout: 60_000 }, async () => {
	const random = seededRandom(11);
	const whole = Buffer.concat([1, 2, 3, 4].map((id) => record(id, Buffer.alloc(id * 9, id))));
	for (let run = 0; run < 20_000; run += 1) {
		const bytes = Buffer.from(whole.subarray(0, Math.ceil((0.3 + 0.7 * random()) * whole.length)));
		for (let flips = Math.floor(random() * 5); flips >= 0; flips -= 1) {
			bytes.writeUInt8(Math.floor(random() * 256), Math.floor(random() * bytes.length));
		}
		let at = 0;
		for (const found of await scan(bytes, run % 2 === 0)) {
			if (found.at !== at) throw new Error(`run ${run}: ${found.at} follows ${at}`);
			at = found.kind === 'damage' ? found.end : recordEnd(found);
		}
		if (at !== bytes.length) throw new Error(`run ${run}: ends at ${at} of ${bytes.length}`);
	}
	expect(idsOf(await scan(whole, true))).toEqual([1, 2, 3, 4]);
});

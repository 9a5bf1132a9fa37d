import { zstdCompressSync } from 'node:zlib';
import type { SpoolFile } from '../../collector/spool/disk.ts';
import { loadRecords } from '../../collector/spool/load-records.ts';
import { RecentBlocks } from '../../collector/spool/recent-blocks.ts';
import { encodeRecordHead, recordHeadBytes } from '../../collector/spool/segment-format.ts';
import { crcOfPayload, scanRecords } from '../../collector/spool/segment-scan.ts';
import type { FoundRecord } from '../../collector/spool/segment-scan.ts';
import { encodeSpanBlock } from '../../collector/spool/encode-span-block.ts';
import { spanBlockCodec } from '../../collector/spool/span-block-codec.ts';
import { readNative } from '../../collector/store/native/native-reader.ts';
import { encodeSpans } from '../../collector/store/inserts/span-native.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { randomSpans } from '../support/random-spans.ts';
import { spanBlock } from '../support/span-block.ts';
import { Dice } from './dice.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { damage } from './noise.ts';

const crcStart = 77;
const nothingRecent = new RecentBlocks<SpanBlock>(0, spanBlockCodec);

/** What a spool would have written. */
const blocks = Array.from({ length: 24 }, (_, seed) => spanBlock(randomSpans({ seed, count: 1 + (seed % 5) })));
const frames = blocks.map((block) => encodeSpanBlock(block));

function record(id: number, frame: Uint8Array, spans: number, isPacked: boolean): Buffer {
	const payload = isPacked ? zstdCompressSync(frame) : frame;
	const head = encodeRecordHead(
		{
			kind: 'spans',
			id,
			receivedMs: 1_795_000_000_000,
			fingerprint: '',
			spans,
			rawBytes: frame.length,
			payloadBytes: payload.length,
			payloadCrc: crcOfPayload([payload], crcStart),
			projectBytes: 0,
			codec: isPacked ? 'zstd' : 'raw',
		},
		crcStart,
	);
	return Buffer.concat([head, payload]);
}

/**
 * Three records, of which the middle one is damaged: inside, with a checksum that fits, so that the damage reaches what
 * reads the columns; or anywhere. Layout: how it is, the numbers of its neighbours' blocks, the length of the first.
 */
function make(random: Random): Uint8Array {
	const dice = new Dice(random);
	const [first, middle, last] = [dice.below(blocks.length), dice.below(blocks.length), dice.below(blocks.length)];
	const isInside = dice.chance(0.7);
	const frame = frames[middle] ?? Buffer.alloc(0);
	const inner = isInside ? damageFrame(frame, dice) : frame;
	const spans = blocks[middle]?.rows ?? 0;
	const before = recordOf(0, first);
	const between = record(1, inner, dice.chance(0.95) ? spans : dice.below(9), dice.chance(0.15));
	const bytes = Buffer.concat([before, isInside ? between : damage(between, dice), recordOf(2, last)]);
	return Buffer.concat([Uint8Array.of(first, last), bytes]);
}

const recordOf = (id: number, index: number): Buffer =>
	record(id, frames[index] ?? Buffer.alloc(0), blocks[index]?.rows ?? 0, false);

/** More often in the heads of columns, their ends and ids than in the middle of texts. */
function damageFrame(frame: Uint8Array, dice: Dice): Uint8Array {
	if (dice.chance(0.4)) return damage(frame, dice);
	const bytes = Buffer.from(frame);
	for (let times = 1 + dice.below(4); times > 0; times -= 1) {
		const at = dice.below(bytes.length - 4);
		bytes.writeUInt32LE(dice.pick([0, 1, 2, 127, 128, 0x7fff_ffff, 0xffff_ffff, dice.below(2 ** 32)]), at);
	}
	return bytes;
}

/** The records that are whole are found and are what was written; the damaged one is refused, or harms nobody who reads it. */
export function spoolTarget(): FuzzTarget {
	const execute = async (input: Uint8Array): Promise<Verdict> => {
		const [first = 0, last = 0] = input;
		const bytes = Buffer.from(input.subarray(2));
		const file = inMemory(bytes);
		const records: FoundRecord[] = [];
		for await (const found of scanRecords({ file, seed: crcStart, from: 0, end: bytes.length, checkPayloads: false })) {
			if (found.kind === 'record') records.push(found);
		}
		const { loaded } = await loadRecords(file, records, nothingRecent, spanBlockCodec, crcStart);
		const byId = new Map(loaded.map(({ id, block }) => [id, block]));
		expectSame(byId.get(0), first);
		// When its length says so, the damaged record reaches over the next one.
		const reaches = records.some(
			({ head, at }) => head.id === 1 && at + recordHeadBytes + head.payloadBytes > bytes.length - lengthOf(last),
		);
		if (!reaches) expectSame(byId.get(2), last);
		const middle = byId.get(1);
		if (middle === undefined) return 'refused';
		const { rows } = readNative(Buffer.concat([...encodeSpans([middle])]));
		if (rows !== middle.rows) throw new Error(`${middle.rows} rows became ${rows} in ClickHouse's format`);
		return 'taken';
	};
	return { name: 'spool', concurrency: 1, make, execute, close: async () => {} };
}

const lengthOf = (index: number): number => recordHeadBytes + (frames[index]?.length ?? 0);

function expectSame(found: SpanBlock | undefined, index: number): void {
	if (found === undefined) throw new Error('a whole record beside the damage was not found');
	if (Buffer.compare(encodeSpanBlock(found), frames[index] ?? Buffer.alloc(0)) !== 0)
		throw new Error('a whole record beside the damage was read as something else');
}

const inMemory = (bytes: Buffer): SpoolFile => ({
	name: 'memory',
	read: async (into, position) => Math.max(0, bytes.copy(into, 0, position)),
	write: () => Promise.reject(new Error('only read')),
	sync: async () => {},
	truncate: async () => {},
	size: async () => bytes.length,
	close: async () => {},
});

/**
 * A process to be killed: sends requests to a spool, as fast as it answers, and notes in a file what it sent and what was
 * acknowledged. What an earlier run sent without an answer it sends again, as a client would. Its store is a folder.
 *
 * node killed-collector.ts FOLDER (crash point | none | drain) COUNTDOWN
 */
import {
	appendFileSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../collector/log.ts';
import { MemoryError } from '../../../collector/spool/batch-sink.ts';
import type { BatchSink, Partition } from '../../../collector/spool/batch-sink.ts';
import { Spool } from '../../../collector/spool/spool.ts';
import { spanBlockCodec } from '../../../collector/spool/span-block-codec.ts';
import type { SpanBlock } from '../../../schema/span-block.ts';
import { spanBlock } from '../../support/span-block.ts';

const [folder = '', mode = 'none', countdown = '1'] = process.argv.slice(2);
const storeFolder = join(folder, 'store');
const ledger = join(folder, 'ledger');
const requestsInFlight = 4;
const maxRequests = 100_000;
mkdirSync(storeFolder, { recursive: true });
appendFileSync(ledger, '');

const fileOf = (src: string, batch: number, { startMs }: Partition): string =>
	join(storeFolder, `${src}-${batch}-${startMs}`);

const idsOf = (block: SpanBlock): string[] =>
	Array.from({ length: block.rows }, (_, row) =>
		Buffer.from(block.spanId.subarray(row * 8, row * 8 + 8)).toString('hex'),
	);

let inserts = 0;
/** For how many blocks at once there is memory, every third time. */
const fewBlocks = 2;

/** All or nothing, by rename; every fifth answer gets lost, and often there is memory for few blocks alone. */
const sink: BatchSink = {
	insert: async ({ src, batch, partition, blocks }) => {
		inserts += 1;
		if (inserts % 3 !== 0 && blocks.length > fewBlocks) throw new MemoryError('memory limit exceeded');
		const path = fileOf(src, batch, partition);
		const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
		writeFileSync(`${path}.new`, `${before}${blocks.flatMap(idsOf).join('\n')}\n`);
		renameSync(`${path}.new`, path);
		if (inserts % 5 === 0) throw new Error('the connection was reset');
	},
	countStored: async (src, { first, last }, partition) => {
		let spans = 0;
		for (let batch = first; batch <= last; batch += 1) {
			const path = fileOf(src, batch, partition);
			if (existsSync(path)) spans += readFileSync(path, 'utf8').split('\n').length - 1;
		}
		return spans;
	},
};

let left = Number(countdown);
const spool = await Spool.open({
	codec: spanBlockCodec,
	folder: join(folder, 'spool'),
	maxBytes: 1e9,
	segmentBytes: 40_000,
	lingerMs: 0,
	backoffMs: { first: 1, last: 5 },
	batch: { maxSpans: 60, maxBytes: 1e6 },
	sink,
	log: silentLog,
	crash: async (point) => {
		if (point === mode && (left -= 1) <= 0) process.kill(process.pid, 'SIGKILL');
	},
});

const lines = readFileSync(ledger, 'utf8').split('\n');
const numbersOf = (letter: string): number[] =>
	lines.filter((line) => line.startsWith(letter)).map((line) => Number(line.slice(1)));
const acknowledged = new Set(numbersOf('a'));
const unanswered = numbersOf('s').filter((request) => !acknowledged.has(request));
let next = Math.max(0, ...numbersOf('s')) + 1;
const ledgerFile = openSync(ledger, 'a');

/** Every request has 5 spans, whose ids are its number and their place. */
async function send(request: number): Promise<void> {
	const spans = Array.from({ length: 5 }, (_, place) => ({
		traceId: '0af7651916cd43dd8448eb211c80319c',
		spanId: (request * 8 + place + 1).toString(16).padStart(16, '0'),
		startUnixNano: 0n,
		endUnixNano: 1_800_000_000_000_000_000n,
		name: 'GET /',
	}));
	const fingerprint = Buffer.from(request.toString(16).padStart(32, '0'), 'hex');
	writeSync(ledgerFile, `s${request}\n`);
	await spool.append(spanBlock(spans), fingerprint);
	writeSync(ledgerFile, `a${request}\n`);
}

for (const request of new Set(unanswered)) await send(request);
if (mode === 'drain') {
	const isDrained = await spool.drain(30_000);
	writeFileSync(join(folder, 'state'), JSON.stringify({ isDrained, ...spool.state() }));
	await spool.close();
} else {
	const sender = async (): Promise<void> => {
		while (next < maxRequests) {
			await send(next++);
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
	};
	await Promise.all(Array.from({ length: requestsInFlight }, sender));
}

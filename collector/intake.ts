import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { StatusAnswer } from '../schema/api.ts';
import type { PackedBlock } from '../schema/packed-block.ts';
import type { Log } from './log.ts';
import { messageOf, ProblemError } from './problem.ts';
import { openSpanBlock } from './spool/span-block-codec.ts';
import { Spool } from './spool/spool.ts';
import { StoreBusyError } from './store/store-error.ts';
import type { Store } from './store/store.ts';

/** What a 2xx means: synced to the spool, committed in ClickHouse, or in memory. */
export const ACKS = ['spool', 'store', 'memory'] as const;
export type Ack = (typeof ACKS)[number];

/** Where blocks go on their way to the store; resolves when the configured promise holds. */
export interface Intake {
	/** `duplicate`: the same request, by its fingerprint, was acknowledged before. */
	append: (block: PackedBlock, fingerprint: Uint8Array | undefined) => Promise<'stored' | 'duplicate'>;
	describe(): StatusAnswer['spool'];
	storedSpans(): number;
	/** Unix time up to which everything acknowledged is stored. */
	watermarkMs(): number;
	/** Throws with the reason when a request would be refused now. */
	checkReady: () => Promise<void>;
	close(): Promise<void>;
}

interface IntakeOptions {
	ack: Ack;
	dataFolder: string;
	store: Store;
	log: Log;
}

const gibibyte = 1024 ** 3;
const closeMs = 4_000;
/** Beyond this share of its size the spool is not called ready: a load balancer should look elsewhere before it is full. */
const readyShare = 0.8;

export function openIntake({ ack, dataFolder, store, log }: IntakeOptions): Promise<Intake> {
	if (ack === 'spool') return openSpool(dataFolder, store, log);
	return Promise.resolve(ack === 'store' ? intoStore(store) : intoMemory(store, log));
}

/** The default: an outage of ClickHouse is bridged, a retry of a client is recognised, and nothing is stored twice. */
async function openSpool(dataFolder: string, store: Store, log: Log): Promise<Intake> {
	const disk = statfsSync(dataFolder);
	const free = disk.bavail * disk.bsize;
	const size = disk.blocks * disk.bsize;
	const spool = await Spool.open({
		folder: join(dataFolder, 'spool'),
		maxBytes: Math.min(10 * gibibyte, Math.floor(free / 4)),
		minFreeBytes: Math.min(gibibyte, Math.floor(size / 20)),
		sink: store.sink,
		log,
	});
	return {
		append: (block, fingerprint) => spool.append(block, fingerprint),
		describe: () => {
			const { bytes, maxBytes, spans, oldestAgeMs, quarantine, refused, duplicates, storeFailure } = spool.state();
			return {
				ack: 'spool',
				bytes,
				maxBytes,
				spans,
				oldestAgeMs: oldestAgeMs ?? null,
				quarantinedSpans: quarantine.spans,
				refusedSpans: refused.spans,
				repeatedRequests: duplicates,
				...(storeFailure === undefined ? {} : { storeFailure: storeFailure.reason }),
			};
		},
		storedSpans: () => spool.state().storedSpans,
		watermarkMs: () => spool.state().watermarkMs,
		checkReady: async () => {
			const { writeFailure, bytes, maxBytes } = spool.state();
			if (writeFailure !== undefined) throw new ProblemError(503, 'SPOOL_UNAVAILABLE', writeFailure);
			if (bytes > readyShare * maxBytes)
				throw new ProblemError(503, 'SPOOL_FULL', `the spool holds ${bytes} of ${maxBytes} bytes`);
		},
		close: () => spool.close(closeMs),
	};
}

const withoutSpool = (ack: Ack): StatusAnswer['spool'] => ({
	ack,
	bytes: 0,
	maxBytes: 0,
	spans: 0,
	oldestAgeMs: null,
	quarantinedSpans: 0,
	refusedSpans: 0,
	repeatedRequests: 0,
});

/** Answers wait for ClickHouse: slower, and nothing rests here. */
const intoStore = (store: Store): Intake => ({
	append: async ({ frame }) => {
		await store.writer.append(openSpanBlock(frame));
		return 'stored';
	},
	describe: () => withoutSpool('store'),
	storedSpans: () => store.writer.rowsStored,
	watermarkMs: () => store.writer.watermarkMs(),
	checkReady: () => store.status.ping(),
	close: () => Promise.resolve(), // The store waits for its writer.
});

/** Answers at once: what is queued is lost with the process, and counted when ClickHouse refuses it. */
function intoMemory(store: Store, log: Log): Intake {
	let lostSpans = 0;
	return {
		append: async ({ frame, rows }) => {
			let refusal: unknown;
			store.writer.append(openSpanBlock(frame)).catch((error: unknown) => {
				refusal = error;
				if (error instanceof StoreBusyError) return; // Told to the sender below: nothing was acknowledged.
				lostSpans += rows;
				log.error({ spans: rows, lostSpans, error: messageOf(error) }, 'acknowledged spans were lost');
			});
			await setImmediate();
			if (refusal instanceof StoreBusyError) throw refusal;
			return 'stored';
		},
		describe: () => ({ ...withoutSpool('memory'), refusedSpans: lostSpans }),
		storedSpans: () => store.writer.rowsStored,
		watermarkMs: () => store.writer.watermarkMs(),
		checkReady: () => store.status.ping(),
		close: () => Promise.resolve(),
	};
}

import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { StatusAnswer } from '../schema/api-status.ts';
import { erasableWriters } from './erasable-intake.ts';
import type { Intake } from './intake.ts';
import type { Log } from './log.ts';
import { messageOf } from './problem.ts';
import { QueueFullError } from './spool/direct-writer.ts';
import { openLogBlock } from './spool/log-block-codec.ts';
import { RecentRequests } from './spool/recent-requests.ts';
import { requestFingerprints } from './spool/request-fingerprint.ts';
import { openSpanBlock } from './spool/span-block-codec.ts';
import type { Store } from './store/store.ts';

type DirectStore = Pick<Store, 'writer' | 'logWriter' | 'status'>;

/** As many requests as a busy collector answers while senders still retry. */
const maxRemembered = 500_000;

const noLogSpool = (storedRecords: number): StatusAnswer['logSpool'] => ({
	bytes: 0,
	maxBytes: 0,
	records: 0,
	storedRecords,
	postponedRecords: 0,
	quarantinedRecords: 0,
	refusedRecords: 0,
});

/** Past the spool: nothing rests on the disk here. */
function direct(ack: 'store' | 'memory', { writer, logWriter, status }: DirectStore) {
	const recent = new RecentRequests({ maxEntries: maxRemembered, clock: Date.now });
	const recentLogs = new RecentRequests({ maxEntries: maxRemembered / 5, clock: Date.now });
	return {
		once: (fingerprint: Uint8Array | undefined, take: () => Promise<unknown>) => takeOnce(recent, fingerprint, take),
		logsOnce: (fingerprint: Uint8Array | undefined, take: () => Promise<unknown>) =>
			takeOnce(recentLogs, fingerprint, take),
		fingerprint: requestFingerprints(randomUUID()),
		describe: (): StatusAnswer['spool'] => ({
			ack,
			bytes: 0,
			maxBytes: 0,
			spans: 0,
			oldestAgeMs: null,
			holdMs: 0,
			postponedRequests: 0,
			postponedSpans: 0,
			mostParts: null,
			insertDistanceMs: 0,
			insertsPaused: false,
			quarantinedSpans: 0,
			refusedSpans: 0,
			repeatedRequests: recent.repeated,
			fillBytesPerSecond: 0,
			drainBytesPerSecond: 0,
			fullInMs: null,
			...(writer.storeFailure === undefined ? {} : { storeFailure: writer.storeFailure.reason }),
		}),
		describeLogs: () => noLogSpool(logWriter.rowsStored),
		erasable: erasableWriters({ writer, logWriter }),
		bytesOnDisk: () => ({ spool: 0, quarantine: 0 }),
		storedSpans: () => writer.rowsStored,
		watermarkMs: () => writer.watermarkMs(),
		faults: () => ({ surprises: 0, forgottenEarly: 0 }),
		heldMs: () => 0,
		pressure: () => ({ parts: undefined, distanceMs: 0, isPaused: false }),
		checkReady: () => status.ping(),
		drain: () => Promise.resolve(),
		// The store waits for its writers.
		close: () => Promise.resolve(),
	};
}

async function takeOnce(
	recent: RecentRequests,
	fingerprint: Uint8Array | undefined,
	take: () => Promise<unknown>,
): Promise<'stored' | 'duplicate'> {
	if (fingerprint !== undefined) return recent.once(fingerprint, take);
	await take();
	return 'stored';
}

/** Answers wait for ClickHouse: slower, and nothing rests here. A retry is recognised as long as this process lives. */
export function intoStore(store: DirectStore): Intake {
	const { once, logsOnce, ...intake } = direct('store', store);
	return {
		...intake,
		append: ({ frame }, fingerprint) => once(fingerprint, () => store.writer.append(openSpanBlock(frame))),
		appendLogs: ({ frame }, fingerprint) => logsOnce(fingerprint, () => store.logWriter.append(openLogBlock(frame))),
	};
}

/** Answers at once: what is queued is lost with the process, and counted when ClickHouse refuses it. */
export function intoMemory(store: DirectStore, log: Log): Intake {
	const { once, logsOnce, ...intake } = direct('memory', store);
	let lostSpans = 0;
	let lostRecords = 0;
	return {
		...intake,
		append: ({ frame, rows }, fingerprint) =>
			once(fingerprint, () =>
				unawaited(store.writer.append(openSpanBlock(frame)), (error) => {
					lostSpans += rows;
					log.error({ spans: rows, lostSpans, error: messageOf(error) }, 'acknowledged spans were lost');
				}),
			),
		appendLogs: ({ frame, rows }, fingerprint) =>
			logsOnce(fingerprint, () =>
				unawaited(store.logWriter.append(openLogBlock(frame)), (error) => {
					lostRecords += rows;
					log.error({ records: rows, lostRecords, error: messageOf(error) }, 'acknowledged log records were lost');
				}),
			),
		describe: () => ({ ...intake.describe(), refusedSpans: lostSpans }),
		describeLogs: () => ({ ...intake.describeLogs(), refusedRecords: lostRecords }),
	};
}

/** Waits just long enough to hear of a store that is too busy, of which its sender is told: nothing was acknowledged then. */
async function unawaited(stored: Promise<void>, onLoss: (error: unknown) => void): Promise<void> {
	let refusal: unknown;
	stored.catch((error: unknown) => {
		refusal = error;
		if (!(error instanceof QueueFullError)) onLoss(error);
	});
	await setImmediate();
	if (refusal instanceof QueueFullError) throw refusal;
}

import { join } from 'node:path';
import type { StatusAnswer } from '../schema/api-status.ts';
import type { LogBlock } from '../schema/log-block.ts';
import type { PackedBlock } from '../schema/packed-block.ts';
import { intoMemory, intoStore } from './direct-intake.ts';
import { erasableSpools } from './erasable-intake.ts';
import type { ErasableIntake } from './keeping/deletions.ts';
import type { Log } from './log.ts';
import { messageOf } from './problem.ts';
import { logBlockCodec } from './spool/log-block-codec.ts';
import { requestFingerprints } from './spool/request-fingerprint.ts';
import type { RequestFingerprint } from './spool/request-fingerprint.ts';
import { spanBlockCodec } from './spool/span-block-codec.ts';
import type { CrashHook } from './spool/crash-point.ts';
import type { DrainSettings } from './spool/drain-settings.ts';
import { Spool } from './spool/spool.ts';
import type { PressureState } from './spool/part-pressure.ts';
import type { SpoolState } from './spool/spool-state.ts';
import { LOG_SPOOL_FOLDER, limitsOf, SPOOL_FOLDER } from './spool-limits.ts';
import type { SpoolLimits } from './spool-limits.ts';
import type { Store } from './store/store.ts';

/** What a 2xx means: synced to the spool, committed in ClickHouse, or in memory. */
export const ACKS = ['spool', 'store', 'memory'] as const;
export type Ack = (typeof ACKS)[number];

/** Where blocks go on their way to the store; resolves when the configured promise holds. */
export interface Intake {
	/** `duplicate`: the same request, by its fingerprint, was acknowledged before. */
	append: (block: PackedBlock, fingerprint: Uint8Array | undefined) => Promise<'stored' | 'duplicate'>;
	/** The same for log records, which wait apart from spans. */
	appendLogs: Intake['append'];
	/** Tells retries from new requests. */
	fingerprint: RequestFingerprint;
	describe(): StatusAnswer['spool'];
	describeLogs(): StatusAnswer['logSpool'];
	storedSpans(): number;
	/** Unix time up to which everything acknowledged is stored, but for what is postponed or set aside. */
	watermarkMs(): number;
	/** How long answers were held back altogether, because ClickHouse was behind. */
	heldMs(): number;
	/** What of traces lies outside ClickHouse, for those who delete some. */
	erasable: Omit<ErasableIntake, 'forgetSamples'>;
	/** Bytes of the spools, and of what they set aside. */
	bytesOnDisk: () => { spool: number; quarantine: number };
	/** What ClickHouse has more of than it merges, and what that does to inserts. */
	pressure: () => PressureState;
	/** What should not happen: see SpoolState. */
	faults: () => Pick<SpoolState, 'surprises'> & { forgottenEarly: number };
	/** Throws with the reason when a request would be refused now. */
	checkReady: () => Promise<void>;
	/** Resolves when nothing acknowledged waits here to be stored any more, however long that takes, or when it is closed. */
	drain(): Promise<void>;
	close(): Promise<void>;
}

interface IntakeOptions {
	ack: Ack;
	dataFolder: string;
	store: Store;
	/** Of both spools, where there are some. */
	settings: DrainSettings;
	log: Log;
	/** For tests that die at chosen moments of the spool, and of that of logs. */
	crash: CrashHook | undefined;
	logCrash: CrashHook | undefined;
}

const gibibyte = 1024 ** 3;
const closeMs = 4_000;
const drainNoticeMs = 5_000;

export function openIntake(options: IntakeOptions): Promise<Intake> {
	const { ack, store, log } = options;
	if (ack === 'spool') return openSpool(options);
	return Promise.resolve(ack === 'store' ? intoStore(store) : intoMemory(store, log));
}

/** The default: an outage of ClickHouse is bridged, a retry of a client is recognised, and nothing is stored twice. */
async function openSpool({ dataFolder, store, settings, log, crash, logCrash }: IntakeOptions): Promise<Intake> {
	const limits = limitsOf(dataFolder);
	const spool = await Spool.open({
		...settings,
		folder: join(dataFolder, SPOOL_FOLDER),
		codec: spanBlockCodec,
		...limits.spans,
		sink: store.sink,
		log,
		...(crash === undefined ? {} : { crash }),
	});
	const forLogs = { ...limits.logs, ...settings, ...(logCrash === undefined ? {} : { crash: logCrash }) };
	const logs = await openLogSpool(dataFolder, forLogs, store, log).catch(async (error: unknown) => {
		await spool.close();
		throw error;
	});
	return {
		append: (block, fingerprint) => spool.append(block, fingerprint),
		appendLogs: (block, fingerprint) => logs.append(block, fingerprint),
		// Random, kept with the spool, and on no way to a sender.
		fingerprint: requestFingerprints(spool.state().src),
		describeLogs: () => describeLogs(logs.state()),
		describe: () => describeSpans(spool.state()),
		erasable: erasableSpools(spool, logs),
		bytesOnDisk: () => bytesOf([spool.state(), logs.state()]),
		storedSpans: () => spool.state().storedSpans,
		watermarkMs: () => spool.state().watermarkMs,
		faults: () => faultsOf([spool.state(), logs.state()]),
		heldMs: () => spool.state().heldMs + logs.state().heldMs,
		pressure: () => pressureOf([spool.state(), logs.state()]),
		checkReady: async () => {
			await spool.checkReady();
			await logs.checkReady().catch((error: unknown) => {
				throw new Error(`of log records: ${messageOf(error)}`, { cause: error });
			});
		},
		drain: async () => {
			await Promise.all([untilEmpty(spool, 'spans', log), untilEmpty(logs, 'log records', log)]);
		},
		close: async () => {
			await Promise.all([spool.close(closeMs), logs.close(closeMs)]);
		},
	};
}

/** @param what is kept in it, for people who wait and want to know for what. */
async function untilEmpty(spool: Pick<Spool, 'drain' | 'state' | 'isClosed'>, what: string, log: Log): Promise<void> {
	while (!(await spool.drain(drainNoticeMs))) {
		const { spans: waiting, bytes, storeFailure } = spool.state();
		// Nothing stores the rest before the next start: to ask on would be a loop without a pause.
		if (spool.isClosed) return log.warn({ what, waiting, bytes }, 'the spool was closed before it was empty');
		log.warn(
			{ what, waiting, bytes, ...storeFailure },
			'waiting until the spool is empty; a second signal ends at once',
		);
	}
}

const faultsOf = (states: readonly SpoolState[]) => ({
	surprises: states.reduce((total, { surprises }) => total + surprises, 0),
	forgottenEarly: states.reduce((total, { fingerprints }) => total + fingerprints.forgottenEarly, 0),
});

/** Of the one that is worse off. */
const pressureOf = (states: readonly SpoolState[]): PressureState => ({
	parts: states.reduce<number | undefined>(
		(most, { pressure: { parts } }) => (parts === undefined ? most : Math.max(most ?? 0, parts)),
		undefined,
	),
	distanceMs: Math.max(...states.map(({ pressure }) => pressure.distanceMs)),
	isPaused: states.some(({ pressure }) => pressure.isPaused),
});

const bytesOf = (states: readonly SpoolState[]) => ({
	spool: states.reduce((total, { bytes }) => total + bytes, 0),
	quarantine: states.reduce((total, { quarantine }) => total + quarantine.bytes, 0),
});

/** Of their own, so that logs never take the room of spans, and neither waits for the other. */
const openLogSpool = (
	dataFolder: string,
	options: SpoolLimits & DrainSettings & { crash?: CrashHook },
	store: Store,
	log: Log,
): Promise<Spool<LogBlock>> =>
	Spool.open({
		folder: join(dataFolder, LOG_SPOOL_FOLDER),
		codec: logBlockCodec,
		...options,
		recentBytes: 16 * 1024 ** 2,
		maxFingerprints: 100_000,
		maxQuarantineBytes: gibibyte / 8,
		sink: store.logSink,
		log,
	});

const describeSpans = ({
	bytes,
	maxBytes,
	spans,
	oldestAgeMs,
	holdMs,
	postponed,
	pressure,
	quarantine,
	refused,
	duplicates,
	fillBytesPerSecond,
	drainBytesPerSecond,
	fullInMs,
	storeFailure,
}: SpoolState): StatusAnswer['spool'] => ({
	ack: 'spool',
	bytes,
	maxBytes,
	spans,
	oldestAgeMs: oldestAgeMs ?? null,
	holdMs,
	postponedRequests: postponed.records,
	postponedSpans: postponed.spans,
	...(postponed.reason === undefined ? {} : { postponedFor: postponed.reason }),
	mostParts: pressure.parts ?? null,
	insertDistanceMs: pressure.distanceMs,
	insertsPaused: pressure.isPaused,
	quarantinedSpans: quarantine.spans,
	refusedSpans: refused.spans,
	repeatedRequests: duplicates,
	fillBytesPerSecond,
	drainBytesPerSecond,
	fullInMs: fullInMs ?? null,
	...(storeFailure === undefined ? {} : { storeFailure: storeFailure.reason }),
});

const describeLogs = ({ bytes, maxBytes, spans, storedSpans, postponed, quarantine, refused }: SpoolState) => ({
	bytes,
	maxBytes,
	records: spans,
	storedRecords: storedSpans,
	postponedRecords: postponed.spans,
	quarantinedRecords: quarantine.spans,
	refusedRecords: refused.spans,
});

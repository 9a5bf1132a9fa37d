import { silentLog } from '../../collector/log.ts';
import type { DecodePool } from '../../collector/receiver/decode-pool.ts';
import type { IngestObserver } from '../../collector/receiver/ingest-observer.ts';
import { LogQuota } from '../../collector/receiver/log-quota.ts';
import type { OtlpGrpcOptions } from '../../collector/receiver/otlp-grpc.ts';
import type { OtlpHttpOptions } from '../../collector/receiver/otlp-http.ts';
import { openLogBlock } from '../../collector/spool/log-block-codec.ts';
import { openSpanBlock } from '../../collector/spool/span-block-codec.ts';
import type { LogBlock } from '../../schema/log-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';

export const receivedMs = 1_795_000_000_000;

type IntakeEvent = [name: keyof IngestObserver, detail: unknown];

/** What a listener handed on, and what it told. */
export interface RecordedIntake {
	blocks: SpanBlock[];
	logs: LogBlock[];
	events: IntakeEvent[];
}

/** What listeners of either protocol are given. */
type IntakeOptions = Omit<OtlpHttpOptions & OtlpGrpcOptions, 'host' | 'port' | 'corsOrigins' | 'room' | 'checkReady'>;

/** Options of a listener of any protocol, that takes everything and remembers it. */
export function recordedIntake(pool: DecodePool): { recorded: RecordedIntake; options: IntakeOptions } {
	const recorded: RecordedIntake = { blocks: [], logs: [], events: [] };
	const note = (name: keyof IngestObserver) => (detail: unknown) => void recorded.events.push([name, detail]);
	return {
		recorded,
		options: {
			append: async ({ frame }) => void recorded.blocks.push(openSpanBlock(frame)),
			appendLogs: async ({ frame }) => void recorded.logs.push(openLogBlock(frame)),
			logQuota: new LogQuota(100, () => receivedMs),
			sender: () => ({ project: 'default', charge: () => {}, chargeSpans: () => {} }),
			limits: { maxBodyBytes: 64 * 1024 * 1024, retentionMs: 7 * 86_400_000 },
			clock: () => receivedMs,
			decode: pool.decode,
			decodeLogs: pool.decodeLogs,
			observe: {
				requestReceived: note('requestReceived'),
				spansAccepted: note('spansAccepted'),
				logsAccepted: note('logsAccepted'),
				spansRepeated: note('spansRepeated'),
				rejected: note('rejected'),
				requestFailed: note('requestFailed'),
				answered: note('answered'),
			},
			otherSignals: 'report',
			log: silentLog,
		},
	};
}

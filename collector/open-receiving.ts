import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import type { Config } from './config.ts';
import type { DecodeWorkerData } from './decode-worker.ts';
import type { Log } from './log.ts';
import { redactorOf } from './pipeline/redaction-settings.ts';
import { DecodePool } from './receiver/decode-pool.ts';
import { LogQuota } from './receiver/log-quota.ts';
import { IngestRoom } from './receiver/request-room.ts';
import { Refusals } from './refusals.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { packBlock, packForMemory } from './spool/pack-block.ts';

/** What all protocols share between the socket and the intake. */
export interface Receiving {
	decodePool: DecodePool;
	logQuota: LogQuota;
	room: IngestRoom;
	refusals: Refusals;
}

interface ReceivingParts {
	config: Config;
	metrics: SelfMetrics;
	log: Log;
}

/** One core is left to what receives, spools and answers; two threads keep one sender of large bodies from holding up another. */
const decodeThreads = Math.min(4, Math.max(2, availableParallelism() - 1));
/** Next to this file, as TypeScript in a checkout and as JavaScript in the package. */
const decodeWorkerUrl = new URL(`./decode-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

export function openReceiving({ config, metrics, log }: ReceivingParts): Receiving {
	return {
		decodePool: openDecodePool(config, log),
		logQuota: new LogQuota(config.logsPerMinute, Date.now),
		room: new IngestRoom(),
		refusals: new Refusals(metrics, Date.now, log),
	};
}

function openDecodePool({ ack, redaction, errorsByCode, pathsAsRoutes }: Config, log: Log): DecodePool {
	const isSpooled = ack === 'spool';
	const derivation = { errorsByCode, pathsAsRoutes };
	const workerData: DecodeWorkerData = { isSpooled, redaction, derivation };
	const pack = isSpooled ? packBlock : packForMemory;
	const redactor = redactorOf(redaction);
	return new DecodePool({
		threads: decodeThreads,
		workerUrl: decodeWorkerUrl,
		workerData,
		pack,
		redactor,
		derivation,
		log,
	});
}

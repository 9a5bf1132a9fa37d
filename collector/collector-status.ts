import type { CollectorStatus } from './api/status.ts';
import type { SourceLoop } from './desired/source/source-loop.ts';
import { diskOf } from './disk.ts';
import type { IngestStatus } from './ingest-status.ts';
import type { Intake } from './intake.ts';
import type { DiskLimit } from './keeping/disk-limit.ts';
import type { Storage } from './keeping/storage.ts';
import type { Retention } from './store/retention.ts';
import type { Store } from './store/store.ts';

interface Described {
	retention: { current(): Pick<Retention, 'spansMs'> };
	store: Store;
	intake: Intake;
	ingest: IngestStatus;
	keeping: { disk: Pick<DiskLimit, 'state'> | undefined; storage: Pick<Storage, 'expectedReach'> };
	desired: { sources: { list(project: string): Pick<SourceLoop, 'standing'>[] } };
	dataFolder: string;
	endpoints: CollectorStatus['endpoints'];
	version: string;
}

/** The collector's own state at this moment; limited to the project, without what is counted over all of them. */
export function describeCollector(described: Described, project: string, isLimited: boolean): CollectorStatus {
	const whole = describeWhole(described, project);
	if (!isLimited) return whole;
	const { ack, oldestAgeMs, holdMs, maxBytes } = whole.spool;
	return {
		...whole,
		ingest: { ...nothingTaken, ...described.ingest.describeProject(project) },
		spool: { ...noSpool, ack, oldestAgeMs, holdMs, maxBytes },
		logSpool: noLogSpool,
		derived: { ...whole.derived, spansWaiting: 0 },
		disk: { ...whole.disk, maxBytes: null, usedBytes: null },
		retention: { ...whole.retention, expectedReachMs: null, limitedBy: null },
	};
}

const nothingTaken = {
	spansStored: 0,
	spansRejected: {},
	logs: { exceptions: 0, correlated: 0, rejected: {} },
	recentFailures: [],
	redactions: [],
};
const noLogSpool = {
	bytes: 0,
	maxBytes: 0,
	records: 0,
	storedRecords: 0,
	postponedRecords: 0,
	quarantinedRecords: 0,
	refusedRecords: 0,
};
const noSpool = {
	bytes: 0,
	spans: 0,
	postponedRequests: 0,
	postponedSpans: 0,
	mostParts: null,
	insertDistanceMs: 0,
	insertsPaused: false,
	quarantinedSpans: 0,
	refusedSpans: 0,
	repeatedRequests: 0,
	fillBytesPerSecond: 0,
	drainBytesPerSecond: 0,
	fullInMs: null,
};

function describeWhole(described: Described, project: string): CollectorStatus {
	const { retention, store, intake, ingest, keeping, desired, endpoints, version } = described;
	const state = store.state();
	return {
		version,
		store: {
			kind: store.kind,
			ready: state.ready,
			version: store.version,
			...(state.ready ? {} : { reason: state.reason }),
		},
		ingest: ingest.describe(intake.storedSpans()),
		watermarkMs: Math.floor(intake.watermarkMs()),
		spool: intake.describe(),
		logSpool: intake.describeLogs(),
		derived: store.deriver.state(),
		endpoints,
		disk: describeDisk(described),
		retention: {
			configured: daysOf(retention.current().spansMs),
			expectedReachMs: null,
			limitedBy: null,
			...keeping.storage.expectedReach(),
		},
		configuration: desired.sources.list(project).map((source) => source.standing()),
	};
}

function describeDisk({ keeping, dataFolder }: Described): CollectorStatus['disk'] {
	const limit = keeping.disk?.state();
	const room = diskOf(dataFolder);
	return {
		maxBytes: limit === undefined ? null : Math.floor(limit.maxBytes),
		usedBytes: limit === undefined ? null : limit.usedBytes.store + limit.usedBytes.spool + limit.usedBytes.quarantine,
		freeBytes: room?.freeBytes ?? null,
		totalBytes: room?.totalBytes ?? null,
	};
}

const daysOf = (ms: number): string => `${Number((ms / 86_400_000).toFixed(2))}d`;

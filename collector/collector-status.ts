import type { CollectorStatus } from './api/status.ts';
import type { IngestStatus } from './ingest-status.ts';
import type { Intake } from './intake.ts';
import type { Retention } from './store/retention.ts';
import type { Store } from './store/store.ts';

interface Described {
	retention: { current(): Pick<Retention, 'spansMs'> };
	store: Store;
	intake: Intake;
	ingest: IngestStatus;
	endpoints: CollectorStatus['endpoints'];
	version: string;
}

/** The collector's own state at this moment; with a project, without what is counted over all of them. */
export function describeCollector(described: Described, project?: string): CollectorStatus {
	const whole = describeWhole(described);
	if (project === undefined) return whole;
	const { ack, oldestAgeMs, holdMs, maxBytes } = whole.spool;
	return {
		...whole,
		ingest: { ...nothingTaken, ...described.ingest.describeProject(project) },
		spool: { ...noSpool, ack, oldestAgeMs, holdMs, maxBytes },
		logSpool: { bytes: 0, maxBytes: 0, records: 0, storedRecords: 0, quarantinedRecords: 0, refusedRecords: 0 },
		derived: { ...whole.derived, spansWaiting: 0 },
	};
}

const nothingTaken = {
	spansStored: 0,
	spansRejected: {},
	logs: { exceptions: 0, correlated: 0, rejected: {} },
	recentFailures: [],
	redactions: [],
};
const noSpool = { bytes: 0, spans: 0, quarantinedSpans: 0, refusedSpans: 0, repeatedRequests: 0 };

function describeWhole({ retention, store, intake, ingest, endpoints, version }: Described): CollectorStatus {
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
		spool: intake.describe(),
		logSpool: intake.describeLogs(),
		derived: store.deriver.state(),
		endpoints,
		retention: { configured: daysOf(retention.current().spansMs) },
	};
}

const daysOf = (ms: number): string => `${Number((ms / 86_400_000).toFixed(2))}d`;

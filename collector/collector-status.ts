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

/** The collector's own state at this moment. */
export function describeCollector({
	retention,
	store,
	intake,
	ingest,
	endpoints,
	version,
}: Described): CollectorStatus {
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

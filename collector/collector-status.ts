import type { CollectorStatus } from './api/status.ts';
import type { Config } from './config.ts';
import type { IngestStatus } from './ingest-status.ts';
import type { Intake } from './intake.ts';
import type { Store } from './store/store.ts';

interface Described {
	config: Config;
	store: Store;
	intake: Intake;
	ingest: IngestStatus;
	endpoints: CollectorStatus['endpoints'];
	version: string;
}

/** The collector's own state at this moment. */
export function describeCollector({ config, store, intake, ingest, endpoints, version }: Described): CollectorStatus {
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
		retention: { configured: `${Math.round(config.retentionMs / 86_400_000)}d` },
	};
}

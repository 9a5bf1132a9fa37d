import { Access } from './access/access.ts';
import type { Config } from './config.ts';
import { IngestStatus } from './ingest-status.ts';
import type { Log } from './log.ts';
import { remoteOf } from './receiver/incoming.ts';
import type { SelfMetrics } from './self-metrics.ts';
import type { StateStore } from './state/state-store.ts';

interface AccessParts {
	config: Config;
	state: StateStore;
	metrics: SelfMetrics;
	/** Where the screen listens, once it does. */
	endpoints: { ui: string };
	log: Log;
}

/** Who may read and send, and what is counted at the door: a project has data once some was taken. */
export function openAccess({ config, state, metrics, endpoints, log }: AccessParts) {
	const access = new Access({
		policy: config,
		state,
		uiUrl: () => endpoints.ui,
		peerOf: remoteOf,
		limited: (limit) => metrics.rateLimited.inc({ limit }),
		clock: Date.now,
		log,
	});
	const ingest = new IngestStatus(metrics, Date.now, (project) => access.projects.noteSpans(project));
	return { access, ingest };
}

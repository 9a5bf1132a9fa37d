import { openAlerting } from './alerting/open-alerting.ts';
import type { OpenAlerting } from './alerting/open-alerting.ts';
import { changesIn } from './api/changes.ts';
import type { Documents } from './desired/documents.ts';
import type { Intake } from './intake.ts';
import type { Log } from './log.ts';
import type { SelfMetrics } from './self-metrics.ts';
import type { StateStore } from './state/state-store.ts';
import type { Store } from './store/store.ts';

interface AlertParts {
	store: Store;
	state: StateStore;
	intake: Intake;
	documents: Documents;
	metrics: SelfMetrics;
	log: Log;
}

/** Joins what evaluates alerts with the parts that it asks, and starts it. */
export function startAlerts({ store, state, intake, documents, metrics, log }: AlertParts): Promise<OpenAlerting> {
	return openAlerting({
		store,
		state,
		documents,
		changes: (scope) => changesIn(store.changes, scope),
		watermarkMs: () => intake.watermarkMs(),
		publish: () => Promise.resolve(),
		silencedUntilMs: () => null,
		clock: Date.now,
		log,
		metrics,
	});
}

import type { Documents } from '../desired/documents.ts';
import { BackgroundLoop } from '../jobs/background-loop.ts';
import type { Log } from '../log.ts';
import type { SelfMetrics } from '../self-metrics.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Store } from '../store/store.ts';
import { createAlertMetrics } from './alert-metrics.ts';
import { Alerting } from './alerting.ts';
import { Announcer } from './announcer.ts';
import type { SilencedUntil } from './firing-events.ts';
import { gatherEvidence } from './gather-evidence.ts';
import type { EvidenceSources } from './gather-evidence.ts';
import { measureAlerts } from './measure-alerts.ts';
import { Scheduler } from './scheduler.ts';
import type { Transition } from './transition.ts';
import { WatchList } from './watch-list.ts';

interface AlertingParts {
	store: Pick<Store, 'alertTable' | 'alertValues' | 'alertEvidence' | 'difference' | 'search' | 'serviceMap'>;
	/** Deploys and changes, newest first. */
	changes: EvidenceSources['changes'];
	documents: Documents;
	state: StateStore;
	watermarkMs: () => number;
	/** Resolves when the transition can't be lost any more. The same one may come again. */
	publish: (transition: Transition) => Promise<void>;
	silencedUntilMs: SilencedUntil;
	clock: () => number;
	log: Log;
	metrics: Pick<SelfMetrics, 'registry'>;
}

export interface OpenAlerting {
	alerting: Alerting;
	/** Lets the evaluation at hand end. */
	stop(): Promise<void>;
}

/** Builds what evaluates rules, and starts it. */
export async function openAlerting(parts: AlertingParts): Promise<OpenAlerting> {
	const { store, documents, state, clock, log, metrics } = parts;
	const table = store.alertTable;
	const watchList = new WatchList({ documents, projects: () => projectsOf(state) });
	const measure = measureAlerts(store.alertValues);
	const announcer = new Announcer({
		table,
		publish: parts.publish,
		gather: (fired, open) => gatherEvidence({ ...store, ...parts, counts: store.alertEvidence }, fired, open),
		budgetLeft: () => null,
		log,
	});
	const scheduler = await Scheduler.open({
		table,
		watched: () => watchList.all(),
		measure,
		announcer,
		watermarkMs: parts.watermarkMs,
		clock,
		epoch: await nextEpoch(state),
		log,
		metrics: createAlertMetrics(metrics.registry),
	});
	const loop = new BackgroundLoop({
		name: 'alerts',
		step: async () => {
			await scheduler.step();
			return false;
		},
		intervalMs: 1_000,
		log,
	});
	loop.start();
	const { watermarkMs, silencedUntilMs } = parts;
	const alerting = new Alerting({
		table,
		measure,
		documents,
		watchList,
		scheduler,
		watermarkMs,
		silencedUntilMs,
		clock,
	});
	return { alerting, stop: () => loop.stop() };
}

/** Whoever evaluates from now on has a larger number than all before. */
async function nextEpoch(state: StateStore): Promise<number> {
	const key = { project: 'default', kind: 'alerting', name: 'epoch' };
	const found = state.get(key);
	const epoch = ((found?.value as { epoch?: number } | undefined)?.epoch ?? 0) + 1;
	await state.put(key, { epoch }, { author: 'evaluator', expected: found?.version ?? 0 });
	return epoch;
}

const projectsOf = (state: StateStore): string[] => [
	...new Set(['config.Alert', 'config.SLO'].flatMap((kind) => state.all(kind).map(({ project }) => project))),
];

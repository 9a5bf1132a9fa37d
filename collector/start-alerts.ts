import type { AlertCrashHook } from './alerting/crash-point.ts';
import { openNotify } from './alerting/notify/open-notify.ts';
import type { Notify, NotifySources } from './alerting/notify/open-notify.ts';
import { openAlerting } from './alerting/open-alerting.ts';
import type { OpenAlerting } from './alerting/open-alerting.ts';
import { changesIn } from './api/changes.ts';
import type { Config } from './config.ts';
import type { Documents } from './desired/documents.ts';
import type { Intake } from './intake.ts';
import { Pins } from './keeping/pins.ts';
import type { Log } from './log.ts';
import type { SecretSources } from './outbound/secret-reference.ts';
import { secretSources } from './secret-sources.ts';
import type { SelfMetrics } from './self-metrics.ts';
import type { StateStore } from './state/state-store.ts';
import type { Store } from './store/store.ts';

export interface AlertCrash {
	/** For tests that die at chosen moments: see ALERT_CRASH_POINTS. */
	alertCrash?: AlertCrashHook;
}

interface AlertParts extends AlertCrash {
	config: Config;
	env: SecretSources['env'];
	dataFolder: string;
	/** Where the screen listens, once it does. */
	endpoints: { ui: string };
	store: Store;
	state: StateStore;
	intake: Intake;
	documents: Documents;
	metrics: SelfMetrics;
	log: Log;
}

export interface StartedAlerts extends OpenAlerting {
	notify: NotifySources;
	forgetProject: Notify['forgetProject'];
	/** Ends what open screens listen to, so that the server can close. */
	endStreams(): Promise<void>;
}

/** Joins what evaluates alerts, and what tells people of them, with the parts that they ask, and starts both. */
export async function startAlerts(parts: AlertParts): Promise<StartedAlerts> {
	const { config, env, dataFolder, endpoints, store, state, intake, documents, metrics, log } = parts;
	let opened: OpenAlerting | undefined;
	const notify = await openNotify({
		config,
		secrets: secretSources(env, dataFolder),
		dataFolder,
		documents,
		projects: () => [...new Set(state.all('config.Heartbeat').map(({ project }) => project))],
		screenUrl: () => endpoints.ui,
		isCurrent: () => opened?.isCurrent() ?? false,
		isTeller: () => opened?.isEvaluator() ?? store.evaluatorBeats === undefined,
		clock: Date.now,
		metrics,
		log,
	});
	const alerting = await openAlerting({
		store,
		state,
		documents,
		isEvaluator: config.evaluateAlerts,
		changes: (scope) => changesIn(store.changes, scope),
		pins: new Pins({
			state,
			traces: store.keeping.pinned,
			bytesOnDisk: () => store.keeping.partitions.pinnedBytes(),
			clock: Date.now,
		}),
		watermarkMs: () => intake.watermarkMs(),
		publish: notify.publish,
		takeOver: notify.takeOver,
		toldFirings: () => notify.sources.outbox.firings(),
		silencedUntilMs: notify.silencedUntilMs,
		clock: Date.now,
		log,
		metrics,
		...(parts.alertCrash === undefined ? {} : { crash: parts.alertCrash }),
	});
	opened = alerting;
	return {
		...alerting,
		notify: notify.sources,
		forgetProject: notify.forgetProject,
		endStreams: () => notify.sources.screens.close(),
		stop: async () => {
			await alerting.stop();
			await notify.close();
		},
	};
}

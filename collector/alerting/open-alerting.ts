import type { GateAnswer } from '../../schema/api-objectives.ts';
import type { Documents } from '../desired/documents.ts';
import { BackgroundLoop } from '../jobs/background-loop.ts';
import type { Log } from '../log.ts';
import type { SelfMetrics } from '../self-metrics.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Store } from '../store/store.ts';
import { createAlertMetrics } from './alert-metrics.ts';
import { Alerting } from './alerting.ts';
import { Announcer } from './announcer.ts';
import type { AlertCrashHook } from './crash-point.ts';
import type { SilencedUntil } from './firing-events.ts';
import { gatherEvidence } from './gather-evidence.ts';
import type { EvidenceSources } from './gather-evidence.ts';
import { askGate } from './gate.ts';
import type { GateQuestion } from './gate.ts';
import { measureAlerts } from './measure-alerts.ts';
import { measureObjectives } from './measure-objectives.ts';
import { measureObjectivePast } from './objectives/measure-past.ts';
import { ObjectiveRecorder } from './objectives/recorder.ts';
import { Objectives } from './objectives-service.ts';
import { BlindAlert } from './blind-alert.ts';
import { pinEvidence } from './pin-evidence.ts';
import { RecordPast } from './record-past.ts';
import { isBlind } from './rule-entry.ts';
import { Evaluator } from './evaluator.ts';
import { BEAT_MS, openTurn } from './evaluator-turn.ts';
import type { Turn } from './evaluator-turn.ts';
import type { SchedulerParts } from './scheduler.ts';
import type { Transition } from './transition.ts';
import { WatchList } from './watch-list.ts';
import type { MeasureBatch } from './watched.ts';

interface AlertingParts {
	store: Pick<
		Store,
		| 'alertTable'
		| 'alertValues'
		| 'alertEvidence'
		| 'objectiveTable'
		| 'evaluatorBeats'
		| 'difference'
		| 'search'
		| 'serviceMap'
		| 'red'
	>;
	/** Deploys and changes, newest first. */
	changes: EvidenceSources['changes'];
	documents: Documents;
	/** Keep traces beyond the spans' own time. */
	pins: Parameters<typeof pinEvidence>[0]['pins'];
	state: StateStore;
	/** Of several collectors on one store one evaluates; the others show what it found. Whether it may be this one: true unless said. */
	isEvaluator?: boolean;
	watermarkMs: () => number;
	/** Resolves when the transition can't be lost any more. The same one may come again. */
	publish: (transition: Transition) => Promise<void>;
	/** As `publish`, of what another collector may have told already; `publish` unless said. */
	takeOver?: (transition: Transition) => Promise<void>;
	/** What fires as far as this collector has told; none unless said. */
	toldFirings?: () => readonly Transition[];
	silencedUntilMs: SilencedUntil;
	clock: () => number;
	/** How long telling waits for what is behind a firing. */
	evidenceMs?: number;
	log: Log;
	metrics: Pick<SelfMetrics, 'registry'>;
	/** For tests. */
	crash?: AlertCrashHook;
}

export interface OpenAlerting {
	alerting: Alerting;
	objectives: Objectives;
	askGate: (question: GateQuestion) => Promise<GateAnswer>;
	/** Whether rules are being evaluated, and see what is sent. */
	isCurrent(): boolean;
	/** Whether it is this collector's turn to evaluate, and so to tell. */
	isEvaluator(): boolean;
	/** Lets the evaluation at hand end. */
	stop(): Promise<void>;
}

/** Builds what evaluates rules, and starts it. */
export async function openAlerting(parts: AlertingParts): Promise<OpenAlerting> {
	const { store, documents, state, clock, log, watermarkMs, silencedUntilMs, isEvaluator = true } = parts;
	const table = store.alertTable;
	const watchList = new WatchList({ documents, projects: () => projectsOf(state) });
	const recorder = new ObjectiveRecorder({ table: store.objectiveTable, clock });
	const measure = measureEither(measureAlerts(store.alertValues), measureObjectives(recorder));
	/** Known before anything is asked over the network. */
	let scheduler: Evaluator | undefined;
	const objectives = new Objectives({
		documents,
		recorder,
		entryOf: (project, key) => scheduler?.entry(project, key),
		difference: store.difference,
		red: store.red,
		objectives: store.objectiveTable,
		watermarkMs,
		clock,
	});
	const announcer = announcerOf(parts, objectives);
	const turn = await openTurn({ state, log }, store.evaluatorBeats, isEvaluator);
	const isOn = () => turn.epoch() !== undefined;
	const opened = await openEvaluator(parts, turn, { measure, announcer, watched: () => watchList.all() });
	scheduler = opened;
	const blindRules = () => [...opened.entries()].filter((entry) => isBlind(entry, clock() - watermarkMs())).length;
	const isBlindNow = () => blindRules() > 0;
	const blind = new BlindAlert({ table, publish: parts.publish, clock, project: 'default' });
	let steppedMs = 0;
	const evaluate = async () => {
		if (isOn()) await blind.step(clock() - watermarkMs(), blindRules());
		if (await opened.step()) steppedMs = clock();
		return false;
	};
	const past = new RecordPast({ table, spans: store.objectiveTable, values: store.alertValues, measure, clock });
	const stop = startLoops(log, {
		'turn of the evaluator': { step: () => turn.step().then(() => false), intervalMs: BEAT_MS },
		alerts: { step: evaluate, intervalMs: 1_000 },
		'past of objectives': { step: async () => isOn() && objectives.backfill(projectsOf(state)), intervalMs: 5_000 },
		'past of alerts': { step: async () => isOn() && past.step(watchList.all()), intervalMs: 10_000 },
	});
	const measurePast = measureEither(measureAlerts(store.alertValues), measureObjectivePast(store.objectiveTable));
	const asked = { documents, watchList, scheduler, watermarkMs, silencedUntilMs, clock };
	const gate = { objectives, openFirings: () => announcer.openFirings(), isBlind: isBlindNow, documents, state };
	return {
		alerting: new Alerting({ ...asked, table, measure: measurePast }),
		objectives,
		askGate: (question) => askGate(gate, question),
		isCurrent: () => clock() - steppedMs < longestStepMs && !isBlindNow(),
		isEvaluator: isOn,
		stop: async () => {
			await stop();
			await turn.close().catch(() => {}); // The others wait a little longer then.
		},
	};
}

const openEvaluator = (
	{
		store,
		watermarkMs,
		clock,
		log,
		metrics,
		crash,
		publish,
		takeOver = publish,
		toldFirings = () => [],
	}: AlertingParts,
	turn: Turn,
	own: Pick<SchedulerParts, 'measure' | 'announcer' | 'watched'>,
): Promise<Evaluator> =>
	Evaluator.open({
		scheduling: {
			...own,
			table: store.alertTable,
			watermarkMs,
			clock,
			log,
			metrics: createAlertMetrics(metrics.registry, () => turn.epoch() !== undefined),
			...(crash === undefined ? {} : { crash }),
		},
		publish,
		takeOver,
		toldFirings,
		epoch: () => turn.epoch(),
		clock,
	});

/** Whoever watches the evaluator is told nothing when its last step is longer ago. */
const longestStepMs = 120_000;

const announcerOf = (parts: AlertingParts, objectives: Objectives): Announcer => {
	const { store, pins, publish, log } = parts;
	return new Announcer({
		table: store.alertTable,
		publish,
		gather: (fired, open) => gatherEvidence({ ...store, ...parts, counts: store.alertEvidence }, fired, open),
		keep: (project, evidence) => pinEvidence({ pins, log }, project, evidence),
		budgetLeft: (watched, services) => objectives.budgetLeft(watched, services),
		...(parts.evidenceMs === undefined ? {} : { evidenceMs: parts.evidenceMs }),
		log,
		...(parts.crash === undefined ? {} : { crash: parts.crash }),
	});
};

interface Work {
	/** True when there is more. */
	step: () => Promise<boolean>;
	intervalMs: number;
}

/** Returns what stops them, once the pieces at hand are done. */
function startLoops(log: Log, work: Record<string, Work>): () => Promise<void> {
	const loops = Object.entries(work).map(
		([name, { step, intervalMs }]) => new BackgroundLoop({ name, step, intervalMs, log }),
	);
	for (const loop of loops) loop.start();
	return async () => {
		await Promise.all(loops.map((loop) => loop.stop()));
	};
}

/** Batches are of one kind. */
const measureEither =
	(ofAlerts: MeasureBatch, ofObjectives: MeasureBatch): MeasureBatch =>
	(batch, range) =>
		(batch[0]?.kind === 'SLO' ? ofObjectives : ofAlerts)(batch, range);

const projectsOf = (state: StateStore): string[] => [
	...new Set(['config.Alert', 'config.SLO'].flatMap((kind) => state.all(kind).map(({ project }) => project))),
];

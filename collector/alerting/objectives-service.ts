import type {
	ObjectiveAnswer,
	ObjectiveDetail,
	ObjectivesAnswer,
	ProposalsAnswer,
} from '../../schema/api-objectives.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import { rankDifferences } from '../analysis/difference.ts';
import { keysOfQuery } from '../analysis/query-keys.ts';
import type { DeclaredDocument, Documents } from '../desired/documents.ts';
import type { DifferenceReader } from '../store/search/difference-reader.ts';
import type { ObjectiveMinute, ObjectiveTable } from '../store/alerts/objective-table.ts';
import type { RedReader } from '../store/reader-types.ts';
import { firingQuery, isSameService, servicesOf } from './firing-query.ts';
import { measuredQuery } from './measure-alerts.ts';
import { recordedObjective } from './measure-objectives.ts';
import { objectiveAlerts, objectiveAnswer, objectivePoints, objectiveWarnings } from './objective-answers.ts';
import type { AboutObjective } from './objective-answers.ts';
import { budgetAt } from './objectives/budget.ts';
import { objectiveOf } from './objectives/objective.ts';
import { candidatesFrom } from './objectives/propose.ts';
import { queriesOf } from './objectives/recorder.ts';
import type { ObjectiveRecorder } from './objectives/recorder.ts';
import { DELAY_MS, inParallel } from './scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import { keyOf } from './watched.ts';
import type { Watched } from './watched.ts';

interface ObjectiveSources {
	documents: Documents;
	recorder: ObjectiveRecorder;
	/** What the evaluator knows. */
	entryOf: Scheduler['entry'];
	difference: DifferenceReader;
	red: Pick<RedReader, 'services'>;
	objectives: Pick<ObjectiveTable, 'count'>;
	watermarkMs: () => number;
	clock: () => number;
}

const dayMs = 86_400_000;
/** Bad events of so much time say what spent the budget: older spans may be gone. */
const spentBackMs = 7 * dayMs;
const mostSpenders = 20;

/** What people ask of objectives. */
export class Objectives {
	readonly #sources: ObjectiveSources;

	constructor(sources: ObjectiveSources) {
		this.#sources = sources;
	}

	async all(project: string): Promise<ObjectivesAnswer> {
		const slos: ObjectiveAnswer[] = [];
		for (const declared of this.#sources.documents.list(project, 'SLO')) {
			const about = await this.#about(project, declared).catch(() => undefined);
			if (about !== undefined) slos.push(objectiveAnswer(about));
		}
		return { slos };
	}

	/** Undefined where there is no such objective. */
	async one(project: string, name: string): Promise<ObjectiveDetail | undefined> {
		const declared = this.#sources.documents.get(project, 'SLO', name);
		if (declared === undefined) return undefined;
		const about = await this.#about(project, declared);
		return {
			...objectiveAnswer(about),
			...objectivePoints(about),
			alerts: objectiveAlerts(about),
			warnings: objectiveWarnings(about),
			...(await this.#spenders(project, declared.document, about)),
		};
	}

	/** Objectives that services without one would have kept over the last day, strictest first. */
	async proposals(project: string): Promise<ProposalsAnswer> {
		const { clock, red, documents, objectives } = this.#sources;
		const toMs = Math.floor(clock());
		const window = { fromMs: toMs - dayMs, toMs };
		const services = await red.services({ project, window }, { stepMs: dayMs, spans: 'entry' });
		const candidates = candidatesFrom(services, documents.list(project, 'SLO'));
		const proposals: ProposalsAnswer['proposals'] = [];
		await inParallel(candidates, 2, async ({ document, title }) => {
			const minutes = await objectives.count({ project, window }, ...queriesOf(document.spec));
			const [good, total] = [sumOf(minutes, 'good'), sumOf(minutes, 'total')];
			const sliPercent = (100 * good) / total;
			if (!(sliPercent >= document.spec.targetPercent)) return;
			proposals.push({ document, title, sliPercent, total, seenMs: toMs - (minutes[0]?.tMs ?? toMs) });
		});
		return { proposals: proposals.sort((a, b) => b.total - a.total || (a.title < b.title ? -1 : 1)) };
	}

	/** What the gate asks of the objectives of a service. Throws as reads of the store do. */
	async budgetsOf(
		project: string,
		isMeant: (query: string) => boolean,
	): Promise<{ name: string; leftRatio: number | null }[]> {
		const budgets: { name: string; leftRatio: number | null }[] = [];
		for (const declared of this.#sources.documents.list(project, 'SLO')) {
			if (!isMeant(declared.document.spec.total)) continue;
			const { budgetLeftRatio: leftRatio } = objectiveAnswer(await this.#about(project, declared));
			budgets.push({ name: declared.document.metadata.name, leftRatio });
		}
		return budgets;
	}

	/**
	 * Of an objective its own, of a rule the least that objectives of its services have left: as of the last evaluation; null of
	 * what isn't counted (yet).
	 */
	budgetLeft({ project, kind, declared }: Watched, services: readonly string[]): number | null {
		if (kind === 'SLO') return this.#knownBudget(project, declared as DeclaredDocument<'SLO'>);
		const left = this.#sources.documents
			.list(project, 'SLO')
			.filter(({ document }) => servicesOf(document.spec.total, {}).some((one) => services.some(isSameService(one))))
			.flatMap((objective) => this.#knownBudget(project, objective) ?? []);
		return left.length === 0 ? null : Math.min(...left);
	}

	#knownBudget(project: string, declared: DeclaredDocument<'SLO'>): number | null {
		if (objectiveOf(declared.document).kind === 'problems') return null;
		const { objective, recorded } = recordedObjective(project, declared);
		const known = this.#sources.recorder.known(recorded);
		return known === undefined ? null : budgetAt(objective, known.counts, known.toMs).leftRatio;
	}

	/** One piece of the past of each objective; true when there is more. */
	async backfill(projects: readonly string[]): Promise<boolean> {
		let hasMore = false;
		for (const project of projects) {
			for (const declared of this.#sources.documents.list(project, 'SLO')) {
				if (objectiveOf(declared.document).kind === 'problems') continue;
				const { recorded } = recordedObjective(project, declared);
				hasMore = (await this.#sources.recorder.backfill(recorded)) || hasMore;
			}
		}
		this.#sources.recorder.forget();
		return hasMore;
	}

	async #about(project: string, declared: DeclaredDocument<'SLO'>): Promise<AboutObjective> {
		const { recorder, entryOf, watermarkMs } = this.#sources;
		const { objective, recorded: asked } = recordedObjective(project, declared);
		const recorded = await recorder.upTo(asked, watermarkMs() - DELAY_MS);
		return {
			declared,
			objective,
			recorded,
			entry: entryOf(project, keyOf('SLO', declared.document.metadata.name)),
		};
	}

	async #spenders(
		project: string,
		{ spec }: DocumentOf<'SLO'>,
		{ objective, recorded }: AboutObjective,
	): Promise<Pick<ObjectiveDetail, 'spenders' | 'partial'>> {
		const { toMs } = recorded;
		const window = { fromMs: toMs - Math.min(spentBackMs, objective.windowMs), toMs };
		const [total, bad] = [
			measuredQuery(firingQuery(spec.total, spec.spans, {})),
			measuredQuery(`-(${spec.good})`, 'g'),
		];
		const found = await this.#sources.difference.compare({ project, window }, total, { query: bad });
		const asked = new Set([...keysOfQuery(bad.query), ...keysOfQuery(total.query)]);
		const spenders = rankDifferences({ ...found, asked })
			.attributes.filter(({ score, leastScore }) => score > 0 && leastScore > 0)
			.slice(0, mostSpenders)
			.map(({ key, value, selected, selectedRatio, score }) => ({
				key,
				value,
				bad: selected,
				badRatio: selectedRatio,
				score,
			}));
		const seen = found.selected + found.rest;
		const partial = {
			reason: 'Chosen by a hash of the span id, so that shares are those of all.',
			seen,
			of: found.matching,
		};
		return seen < found.matching ? { spenders, partial } : { spenders };
	}
}

const sumOf = (minutes: readonly ObjectiveMinute[], of: 'good' | 'total'): number =>
	minutes.reduce((sum, minute) => sum + minute[of], 0);

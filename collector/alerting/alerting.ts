import type {
	AlertAnswer,
	AlertsAnswer,
	AlertSeriesAnswer,
	BacktestAnswer,
	Firing,
	FiringDetail,
} from '../../schema/api-alerts.ts';
import type { TimeWindow } from '../../schema/api.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import type { DeclaredDocument, Documents } from '../desired/documents.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { ProblemError } from '../problem.ts';
import type { AlertEventRow, AlertTable, FiringFilter } from '../store/alerts/alert-types.ts';
import { alertAnswer } from './alert-answers.ts';
import { groupOf } from './evaluate/rule.ts';
import { firedDocumentOf, firingDetailOf, firingsOf } from './firing-events.ts';
import type { SilencedUntil } from './firing-events.ts';
import type { FiredDocument } from './make-transition.ts';
import { burnRateWarnings } from './objective-warnings.ts';
import { backtestOf, pointsOf, tallyOfRule, thinned } from './run-backtest.ts';
import { valuesOfRule } from './rule-values.ts';
import { isBlind } from './rule-entry.ts';
import { DELAY_MS } from './scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import { fromRow } from './stored-evaluation.ts';
import { keyOf } from './watched.ts';
import type { MeasureBatch, ReadDocument, Watched, WatchedDocument } from './watched.ts';
import type { WatchList } from './watch-list.ts';

/** What is evaluated. */
export type RuleDocument = DocumentOf<'Alert'> | DocumentOf<'SLO'>;

interface AlertingSources {
	table: AlertTable;
	/** Any time, of rules that nobody need have declared. */
	measure: MeasureBatch;
	documents: Documents;
	watchList: WatchList;
	scheduler: Pick<Scheduler, 'entry' | 'entries'>;
	watermarkMs: () => number;
	silencedUntilMs: SilencedUntil;
	clock: () => number;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const mostFirings = 500;
const mostPoints = 5_000;

/** What people ask of alerts, and what they do about firings. */
export class Alerting {
	readonly #sources: AlertingSources;

	constructor(sources: AlertingSources) {
		this.#sources = sources;
	}

	async alerts(project: string): Promise<AlertsAnswer> {
		const { documents, scheduler, clock, watermarkMs } = this.#sources;
		const declared = documents.list(project, 'Alert');
		const firings = await this.#firingsOfWeek(project);
		const lagMs = clock() - watermarkMs();
		return {
			alerts: declared.map((one) => this.#answer(project, one, firings)),
			blind: [...scheduler.entries()].some((entry) => isBlind(entry, lagMs)),
			watermarkMs: Math.floor(watermarkMs()),
		};
	}

	async alert(project: string, name: string): Promise<AlertAnswer | undefined> {
		const declared = this.#sources.documents.get(project, 'Alert', name);
		if (declared === undefined) return undefined;
		return this.#answer(project, declared, await this.#firingsOfWeek(project, keyOf('Alert', name)));
	}

	/** Values of a rule. Undefined where there is no such rule. */
	async series(project: string, name: string, window: TimeWindow): Promise<AlertSeriesAnswer | undefined> {
		const { documents, watchList } = this.#sources;
		const declared = documents.get(project, 'Alert', name);
		if (declared === undefined) return undefined;
		const watched = this.#readable(watchList.alert(project, declared));
		const { measured, revised, recordedSinceMs } = await valuesOfRule(this.#sources, watched, this.#ended(window));
		const keys = new Set(measured.flatMap((one) => (one.kind === 'values' ? [...one.groups.keys()] : [])));
		const { everyMs, windowMs, unit, groupBy } = watched.rule;
		const every = Math.ceil(measured.length / mostPoints);
		const shown = [...keys].slice(0, 100);
		return {
			window,
			everyMs,
			windowMs,
			unit,
			recordedSinceMs,
			series: shown.map((key) => ({
				group: groupOf(groupBy, key),
				points: thinned(pointsOf(measured, revised, key), every),
			})),
			...(shown.length === keys.size
				? {}
				: { partial: { reason: 'the first groups', seen: shown.length, of: keys.size } }),
		};
	}

	async firings(
		project: string,
		filter: FiringFilter & { service?: string; state?: Firing['state'] },
	): Promise<Firing[]> {
		const { table, silencedUntilMs } = this.#sources;
		const found = firingsOf(await table.firings(project, filter), silencedUntilMs);
		return found.filter(
			({ services, state }) =>
				(filter.state === undefined || state === filter.state) &&
				(filter.service === undefined || services.some((name) => isNamed(name, filter.service ?? ''))),
		);
	}

	async firing(project: string, firingId: string): Promise<FiringDetail | undefined> {
		const { events, of } = await this.#sources.table.eventsOf(project, firingId);
		const detail = firingDetailOf(events, this.#sources.silencedUntilMs);
		const fired = firedDocumentOf(events);
		if (detail === undefined || fired === undefined) return undefined;
		const cut = cutPartial('Of what happened the newest is told', events.length, of, 'events');
		return { ...detail, ...joinPartials(cut), points: await this.#pointsOf(fired, detail.endedMs) };
	}

	/** Resolves when it is on disk. False where there is no such firing. */
	async note(
		project: string,
		firingId: string,
		event: Pick<AlertEventRow, 'author' | 'text'> & { kind: 'acknowledged' | 'note' },
	): Promise<boolean> {
		const { table, clock } = this.#sources;
		const { events } = await table.eventsOf(project, firingId);
		const fired = events.find(({ kind }) => kind === 'fired');
		if (fired === undefined) return false;
		await table.appendEvents([{ ...fired, ...event, tMs: Math.floor(clock()), document: '' }]);
		return true;
	}

	/** What a rule would have done. Throws where the document can't be a rule. */
	async backtest(project: string, document: RuleDocument, window: TimeWindow): Promise<BacktestAnswer> {
		const { documents } = this.#sources;
		const stretch = this.#ended(window);
		const draft = { document, version: 0, author: '', changedMs: 0, owner: { source: null } } as WatchedDocument;
		const watched = this.#readable(this.#watch(project, draft));
		const values = await valuesOfRule(this.#sources, watched, stretch);
		const declared = documents.get(project, document.kind, document.metadata.name) as WatchedDocument | undefined;
		const current = declared === undefined ? undefined : this.#watch(project, declared);
		const now = current?.kind === 'watched' ? current.watched : undefined;
		const valuesNow =
			now === undefined
				? undefined
				: now.question === watched.question
					? values
					: await valuesOfRule(this.#sources, now, stretch);
		const tallyNow = now === undefined || valuesNow === undefined ? null : tallyOfRule(now.rule, valuesNow.measured);
		return {
			window,
			...(await backtestOf(watched.rule, values, tallyNow, burnRateWarnings(document, values.measured))),
		};
	}

	#watch(project: string, declared: WatchedDocument): ReadDocument {
		const { watchList } = this.#sources;
		return declared.document.kind === 'SLO'
			? watchList.objective(project, declared as DeclaredDocument<'SLO'>)
			: watchList.alert(project, declared as DeclaredDocument<'Alert'>);
	}

	#answer(project: string, declared: DeclaredDocument<'Alert'>, firings: readonly Firing[]): AlertAnswer {
		const { scheduler, watchList, clock } = this.#sources;
		const { name } = declared.document.metadata;
		const own = firings.filter(({ alert, kind }) => kind === 'Alert' && alert === name);
		return alertAnswer({
			declared,
			entry: declared.document.spec.enabled ? scheduler.entry(project, keyOf('Alert', name)) : undefined,
			problems: watchList.problemsOf(project, declared),
			firings: own,
			silenced: own.some(({ silencedUntilMs }) => silencedUntilMs !== null),
			nowMs: Math.floor(clock()),
		});
	}

	#firingsOfWeek(project: string, rule?: string): Promise<Firing[]> {
		const toMs = Math.floor(this.#sources.clock());
		const filter = { fromMs: toMs - 7 * dayMs, toMs, limit: mostFirings };
		return this.firings(project, rule === undefined ? filter : { ...filter, rule });
	}

	/** From an hour before it began until an hour after its end. */
	async #pointsOf(fired: FiredDocument, endedMs: number | null): Promise<FiringDetail['points']> {
		const { table, clock } = this.#sources;
		const { transition, groupKey, question } = fired;
		const { project, kind, rule, startedMs } = transition;
		const rows = await table.evaluations(
			{ project, rule: keyOf(kind, rule), question },
			{
				afterMs: startedMs - hourMs,
				toMs: Math.min(clock(), (endedMs ?? clock()) + hourMs),
				limit: mostPoints,
			},
		);
		return pointsOf(rows.map(fromRow), new Set(), groupKey);
	}

	#readable(read: ReadDocument): Watched {
		if (read.kind === 'watched') return read.watched;
		const problems = read.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
		throw new ProblemError(400, 'BAD_DOCUMENT', problems);
	}

	/** What is known to be stored: later windows hold less than they will. */
	#ended({ fromMs, toMs }: TimeWindow): TimeWindow {
		return { fromMs, toMs: Math.min(toMs, Math.floor(this.#sources.watermarkMs()) - DELAY_MS) };
	}
}

const isNamed = (name: string, asked: string): boolean => name === asked || name.endsWith(`/${asked}`);

import type { ResolveReason } from '../../schema/alert.ts';
import type { Evidence } from '../../schema/api-alerts.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import type { AlertEventKind, AlertEventRow, AlertTable } from '../store/alerts/alert-types.ts';
import { withinTime } from '../within-time.ts';
import type { AlertCrashHook } from './crash-point.ts';
import type { Change } from './evaluate/evaluate.ts';
import type { Gathered } from './gather-evidence.ts';
import { firedTransition, resolvedTransition } from './make-transition.ts';
import type { FiredDocument } from './make-transition.ts';
import { firingIdOf } from './rule-entry.ts';
import type { Transition } from './transition.ts';
import type { Watched } from './watched.ts';

/** The end of a firing whose rule may be gone. */
interface Ended {
	groupKey: string;
	conditionKey: string;
	startedMs: number;
	tMs: number;
	reason: ResolveReason;
	value: number | null;
}
export type Announcement =
	{ watched: Watched; change: Change } | { watched: Pick<Watched, 'project' | 'key'>; ended: Ended };

export interface AnnouncerParts {
	table: AlertTable;
	/** Resolves when the transition can't be lost any more. The same one may come again, with the same firing and sequence. */
	publish: (transition: Transition) => Promise<void>;
	/** What is found out about a firing while it is fresh; null where it can't be. */
	gather: (fired: FiredDocument, open: readonly FiredDocument[]) => Promise<Gathered | null>;
	/** Keeps what the evidence shows; never fails. */
	keep?: (project: string, evidence: Evidence) => Promise<void>;
	/** How long telling waits for it; what comes later is written down all the same. */
	evidenceMs?: number;
	/** Of an objective, as of now. */
	budgetLeft: (watched: Watched, services: readonly string[]) => number | null;
	log: Log;
	crash?: AlertCrashHook;
}

/** Evidence of so many firings of one pass: when everything burns at once, telling so comes first. */
const mostEvidence = 5;
const usualEvidenceMs = 10_000;
const mostOpen = 10_000;

/** Writes transitions down, finds out what is behind them, and hands them to whoever notifies. */
export class Announcer {
	readonly #parts: AnnouncerParts;
	readonly #open = new Map<string, FiredDocument>();

	constructor(parts: AnnouncerParts) {
		this.#parts = parts;
	}

	/** Reads what fired and has not ended. */
	async open(): Promise<void> {
		const rows = await this.#parts.table.openFirings(mostOpen);
		this.#open.clear();
		for (const row of rows) {
			const fired = JSON.parse(row.document) as FiredDocument;
			this.#open.set(fired.transition.firingId, fired);
		}
	}

	openFirings(): FiredDocument[] {
		return [...this.#open.values()];
	}

	/** Resolves when all are on disk and handed on. After a failure or a crash the same may be announced again. */
	async announce(announcements: readonly Announcement[]): Promise<void> {
		const told: Told[] = announcements.flatMap((announcement) => this.#tellBeginning(announcement));
		await this.#gather(told);
		// What began and ended before anybody looked is in here, too.
		for (const { row, fired } of told) if (fired !== undefined) this.#open.set(row.firingId, fired);
		for (const announcement of announcements) told.push(...(await this.#tellEnd(announcement)));
		await this.#handOn(told.sort((a, b) => a.row.tMs - b.row.tMs));
		for (const { row, evidence } of told) if (evidence !== undefined) await this.#parts.keep?.(row.project, evidence);
		for (const { row } of told) if (row.kind === 'resolved') this.#open.delete(row.firingId);
	}

	async #handOn(told: readonly Told[]): Promise<void> {
		const { table, publish, crash } = this.#parts;
		await crash?.('before_events');
		await table.appendEvents(told.flatMap(rowsOf));
		await crash?.('after_events');
		for (const { transition, evidence } of told) {
			if (transition !== undefined) await publish(withEvidence(transition, evidence));
		}
		await crash?.('after_publish');
	}

	/** Firings that no state knows: their rule was changed or removed at an unlucky moment. */
	async endForgotten(known: ReadonlySet<string>): Promise<void> {
		const forgotten = [...this.#open.values()].filter(({ transition }) => !known.has(transition.firingId));
		if (forgotten.length === 0) return;
		await this.announce(
			forgotten.map(({ transition, groupKey, conditionKey }) => ({
				watched: { project: transition.project, key: `${transition.kind}/${transition.rule}` },
				ended: {
					groupKey,
					conditionKey,
					startedMs: transition.startedMs,
					tMs: transition.startedMs + 1,
					reason: 'rule changed' as const,
					value: transition.value,
				},
			})),
		);
	}

	#tellBeginning(announcement: Announcement): Told[] {
		if (!('change' in announcement) || announcement.change.kind === 'resolved') return [];
		const { watched, change } = announcement;
		const { project, key: rule } = watched;
		const { kind, tMs, groupKey, conditionKey, startedMs } = change;
		const firingId = startedMs === null ? '' : firingIdOf(watched, groupKey, conditionKey, startedMs);
		const row = { project, rule, firingId, kind, tMs, groupKey, conditionKey, author: '', text: '' };
		if (kind !== 'fired') return [{ row }];
		const fired = firedTransition(watched, change, firingId, (services) => this.#parts.budgetLeft(watched, services));
		const { transition } = fired;
		return [{ row: { ...row, text: transition.title }, transition, fired }];
	}

	async #tellEnd(announcement: Announcement): Promise<Told[]> {
		const ended = endOf(announcement);
		if (ended === undefined) return [];
		const { project, key: rule } = announcement.watched;
		const { groupKey, conditionKey, startedMs, tMs, reason } = ended;
		const firingId = firingIdOf(announcement.watched, groupKey, conditionKey, startedMs);
		const fired = this.#open.get(firingId) ?? (await this.#readFired(project, firingId));
		if (fired === undefined) return [];
		const transition = resolvedTransition(fired, ended);
		const kind: AlertEventKind = 'resolved';
		const row = { project, rule, firingId, kind, tMs, groupKey, conditionKey, author: '', text: reason };
		return [{ row, transition, document: { ...fired, transition } }];
	}

	/** After a crash its end may be written and not told. */
	async #readFired(project: string, firingId: string): Promise<FiredDocument | undefined> {
		const { events } = await this.#parts.table.eventsOf(project, firingId);
		const row = events.find(({ kind }) => kind === 'fired');
		return row === undefined ? undefined : (JSON.parse(row.document) as FiredDocument);
	}

	/** Adds what can be found out in time. */
	async #gather(told: readonly Told[]): Promise<void> {
		const { gather, evidenceMs = usualEvidenceMs } = this.#parts;
		const open = this.openFirings();
		const fresh = told.filter(({ fired }) => fired !== undefined).slice(0, mostEvidence);
		await Promise.all(
			fresh.map(async (one) => {
				if (one.fired === undefined) return;
				const gathering = gather(one.fired, open).catch((error: unknown) => {
					this.#parts.log.warn({ firing: one.row.firingId, error: messageOf(error) }, 'no evidence of a firing');
					return null;
				});
				const gathered = await withinTime(gathering, evidenceMs);
				if (gathered === null) return;
				if (gathered === undefined) {
					void gathering.then((late) => this.#addLate(one.row, late));
					return;
				}
				one.evidence = gathered.evidence;
				one.fired = { ...one.fired, transition: { ...one.fired.transition, services: gathered.services } };
				one.transition = one.fired.transition;
			}),
		);
	}

	async #addLate(row: Told['row'], late: Gathered | null): Promise<void> {
		if (late === null) return;
		const { table, keep, log } = this.#parts;
		try {
			await table.appendEvents(rowsOf({ row, evidence: late.evidence }).slice(1));
			await keep?.(row.project, late.evidence);
		} catch (error) {
			log.warn({ firing: row.firingId, error: messageOf(error) }, 'late evidence of a firing was not kept');
		}
	}
}

function endOf(announcement: Announcement): Ended | undefined {
	if ('ended' in announcement) return announcement.ended;
	const { kind, tMs, groupKey, conditionKey, startedMs, reason = 'recovered', value } = announcement.change;
	return kind === 'resolved' ? { groupKey, conditionKey, startedMs: startedMs ?? tMs, tMs, reason, value } : undefined;
}

interface Told {
	row: Omit<AlertEventRow, 'document'>;
	/** Of what ended; that of what fired is in `fired`. */
	transition?: Transition;
	fired?: FiredDocument;
	evidence?: Evidence;
	/** What is kept with it. */
	document?: object;
}

function rowsOf({ row, fired, evidence, document = fired }: Told): AlertEventRow[] {
	const rows = [{ ...row, document: document === undefined ? '' : JSON.stringify(document) }];
	return evidence === undefined
		? rows
		: [...rows, { ...row, kind: 'evidence', text: '', document: JSON.stringify(evidence) }];
}

function withEvidence(transition: Transition, evidence: Evidence | undefined): Transition {
	if (evidence === undefined) return transition;
	const { differences, requests, ofRequests, comparedWith, change, violating } = evidence;
	const difference = differences[0] ?? null;
	return { ...transition, evidence: { requests, ofRequests, difference, comparedWith, change, violating } };
}

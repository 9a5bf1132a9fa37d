import type { DocumentOf } from '../../../schema/desired-state.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ObjectiveMinute, ObjectiveTable } from '../../store/alerts/objective-table.ts';
import { firingQuery } from '../firing-query.ts';
import { measuredQuery } from '../measure-alerts.ts';
import { MinuteCounts } from './minute-counts.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Late spans are counted each minute when they come so late, */
const countAgainMs = 5 * minuteMs;
/** and now and then when they come later. */
const countLateEveryMs = 15 * minuteMs;
const countLateMs = 2 * hourMs;
/** What one statement counts of the past. */
const backfillMs = 6 * hourMs;
/** A longer gap is filled like the past. */
const longestStepMs = 6 * hourMs;

export interface Recorded {
	counts: MinuteCounts;
	/** Every minute up to here is counted. */
	toMs: number;
	/** Where counting backwards has come to; null where it is at its end. */
	backfillToMs: number | null;
	/** Nobody asks for it any more once it wasn't asked for in a while. */
	askedMs: number;
}

interface RecorderParts {
	table: ObjectiveTable;
	clock: () => number;
}

export interface RecordedObjective {
	project: string;
	/** Hash of what is counted. */
	id: string;
	spec: DocumentOf<'SLO'>['spec'];
	/** How far back it is counted. */
	keptMs: number;
}

const forgottenMs = hourMs;

/** Counts good and all events of objectives minute by minute from spans, and keeps them beyond the spans' own time. */
export class ObjectiveRecorder {
	readonly #parts: RecorderParts;
	readonly #recorded = new Map<string, Recorded>();

	constructor(parts: RecorderParts) {
		this.#parts = parts;
	}

	/** What is known without asking the store. */
	known({ project, id }: RecordedObjective): Recorded | undefined {
		return this.#recorded.get(`${project} ${id}`);
	}

	/** Counts what ended by `toMs`, and what late spans may have changed. Throws as reads and inserts do. */
	async upTo(objective: RecordedObjective, toMs: number): Promise<Recorded> {
		const wholeMs = Math.floor(toMs / minuteMs) * minuteMs;
		const recorded = this.known(objective) ?? (await this.#open(objective, wholeMs));
		recorded.askedMs = this.#parts.clock();
		if (wholeMs <= recorded.toMs) return recorded;
		const isLateTurn = Math.floor(wholeMs / countLateEveryMs) > Math.floor(recorded.toMs / countLateEveryMs);
		const againMs = isLateTurn ? countLateMs : countAgainMs;
		const fromMs = Math.max(recorded.toMs - againMs, wholeMs - longestStepMs);
		await this.#count(objective, recorded, { fromMs, toMs: wholeMs });
		recorded.toMs = wholeMs;
		return recorded;
	}

	/** One piece of the past; true when there is more. */
	async backfill(objective: RecordedObjective): Promise<boolean> {
		const recorded = this.known(objective);
		if (recorded === undefined || recorded.backfillToMs === null) return false;
		const oldestMs = await this.#parts.table.oldestSpanMs(objective.project);
		const untilMs = Math.max(recorded.toMs - objective.keptMs, oldestMs ?? recorded.toMs);
		const toMs = recorded.backfillToMs;
		if (toMs <= untilMs) {
			recorded.backfillToMs = null;
			return false;
		}
		const fromMs = Math.floor(Math.max(untilMs, toMs - backfillMs) / minuteMs) * minuteMs;
		await this.#count(objective, recorded, { fromMs, toMs });
		recorded.backfillToMs = fromMs;
		return true;
	}

	/** Lets go of what no objective asks for. */
	forget(): void {
		const nowMs = this.#parts.clock();
		for (const [key, { askedMs }] of this.#recorded) if (nowMs - askedMs > forgottenMs) this.#recorded.delete(key);
	}

	/** Twice the window: the budget at its beginning looks back over another one. */
	async #open(objective: RecordedObjective, toMs: number): Promise<Recorded> {
		const { project, id, keptMs } = objective;
		const counts = new MinuteCounts(2 * keptMs + hourMs);
		const rows = await this.#parts.table.recorded(project, id, toMs - 2 * keptMs);
		for (const row of rows) counts.set(row);
		const lastMs = rows.at(-1)?.tMs;
		const countedTo = lastMs === undefined ? toMs - countAgainMs : Math.min(lastMs + minuteMs, toMs);
		const recorded = { counts, toMs: Math.max(countedTo, toMs - longestStepMs), backfillToMs: null, askedMs: 0 };
		const gapless = counts.coveredFrom(recorded.toMs) ?? recorded.toMs;
		const known: Recorded = { ...recorded, backfillToMs: gapless };
		this.#recorded.set(`${project} ${id}`, known);
		return known;
	}

	async #count(
		{ project, id, spec }: RecordedObjective,
		{ counts }: Recorded,
		window: { fromMs: number; toMs: number },
	): Promise<void> {
		const [total, good] = queriesOf(spec);
		const found = await this.#parts.table.count({ project, window }, total, good);
		const byMinute = new Map(found.map((minute) => [minute.tMs, minute]));
		const minutes: ObjectiveMinute[] = [];
		for (let tMs = window.fromMs; tMs < window.toMs; tMs += minuteMs) {
			minutes.push(byMinute.get(tMs) ?? { tMs, good: 0, total: 0 });
		}
		await this.#parts.table.record(project, id, minutes);
		for (const minute of minutes) counts.set(minute);
	}
}

/** All events, and the condition on those that makes them good. */
export const queriesOf = (spec: DocumentOf<'SLO'>['spec']): [total: CompiledQuery, good: CompiledQuery] => [
	measuredQuery(firingQuery(spec.total, spec.spans, {})),
	measuredQuery(spec.good, 'g'),
];

import type { FiredDocument } from './make-transition.ts';
import type { RuleEntry } from './rule-entry.ts';
import { Scheduler } from './scheduler.ts';
import type { SchedulerParts } from './scheduler.ts';
import type { Transition } from './transition.ts';

interface EvaluatorParts {
	scheduling: Omit<SchedulerParts, 'epoch'>;
	publish: (transition: Transition) => Promise<void>;
	/** As `publish`, of what the collector before may have told, or not. */
	takeOver: (transition: Transition) => Promise<void>;
	/** What fires as far as this collector's outbox knows. */
	toldFirings: () => readonly Transition[];
	/** This collector's number while it evaluates. */
	epoch: () => number | undefined;
	clock: () => number;
}

/** An end waits as long as its route says until it is told, 5 minutes where that says nothing; what ended earlier was told. */
const untoldMs = 3_600_000;
const mostEnded = 1_000;
/** How often a collector that doesn't evaluate reads what the other one found. */
const followMs = 15_000;

/** Evaluates while it is this collector's turn; meanwhile another one does, and what that found is shown here. */
export class Evaluator {
	readonly #parts: EvaluatorParts;
	#scheduler: Scheduler;
	/** Of the scheduler: 0 where it only shows. */
	#epoch: number;
	#followedMs: number;

	private constructor(parts: EvaluatorParts, scheduler: Scheduler, epoch: number) {
		this.#parts = parts;
		this.#scheduler = scheduler;
		this.#epoch = epoch;
		this.#followedMs = parts.clock();
	}

	static async open(parts: EvaluatorParts): Promise<Evaluator> {
		const epoch = parts.epoch() ?? 0;
		return new Evaluator(parts, await Scheduler.open({ ...parts.scheduling, epoch }), epoch);
	}

	entry(project: string, key: string): Readonly<RuleEntry> | undefined {
		return this.#scheduler.entry(project, key);
	}

	entries(): Iterable<Readonly<RuleEntry>> {
		return this.#scheduler.entries();
	}

	/** False: it is another one's turn. */
	async step(): Promise<boolean> {
		const epoch = this.#parts.epoch();
		if (epoch === undefined) {
			await this.#follow();
			return false;
		}
		if (epoch !== this.#epoch) await this.#begin(epoch);
		await this.#scheduler.step();
		return true;
	}

	async #follow(): Promise<void> {
		const { scheduling, clock } = this.#parts;
		if (this.#epoch === 0 && clock() - this.#followedMs < followMs) return;
		this.#scheduler = await Scheduler.open({ ...scheduling, epoch: 0 });
		this.#epoch = 0;
		this.#followedMs = clock();
	}

	/** Goes on where the other one stopped. What that had still to tell may lie on its disk, so it is told from here, ends as well. */
	async #begin(epoch: number): Promise<void> {
		const { scheduling, publish, takeOver, clock } = this.#parts;
		this.#scheduler = await Scheduler.open({ ...scheduling, epoch });
		const open = scheduling.announcer.openFirings().map(({ transition }) => transition);
		for (const ended of await this.#endedMeanwhile(new Set(open.map(({ firingId }) => firingId)))) await publish(ended);
		const ended = await scheduling.table.endedFirings(clock() - untoldMs, mostEnded);
		const ends = ended
			.filter(({ document }) => document !== '')
			.map((row) => (JSON.parse(row.document) as FiredDocument).transition);
		await Promise.all([...open, ...ends].map(takeOver));
		this.#epoch = epoch;
	}

	/** What this collector told of when it was its turn, and the other one saw the end of. */
	async #endedMeanwhile(open: ReadonlySet<string>): Promise<Transition[]> {
		const { toldFirings, scheduling } = this.#parts;
		const ended: Transition[] = [];
		for (const { project, firingId } of toldFirings()) {
			if (open.has(firingId)) continue;
			const { events } = await scheduling.table.eventsOf(project, firingId);
			const end = events.find(({ kind }) => kind === 'resolved');
			if (end !== undefined && end.document !== '') ended.push((JSON.parse(end.document) as FiredDocument).transition);
		}
		return ended;
	}
}

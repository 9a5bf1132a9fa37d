import type { ResolveReason } from '../../schema/alert.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import type { AlertTable } from '../store/alerts/alert-types.ts';
import type { Announcement, Announcer } from './announcer.ts';
import type { AlertCrashHook } from './crash-point.ts';
import { evaluate, keepConditions, restartPending } from './evaluate/evaluate.ts';
import type { Measured, RuleState } from './evaluate/evaluate.ts';
import { endAnnouncements } from './end-firings.ts';
import { dueTicks, firingIdsOf, isBlind, needsSaving, newEntry } from './rule-entry.ts';
import type { RuleEntry } from './rule-entry.ts';
import { fromRow, toRow } from './stored-evaluation.ts';
import type { MeasureBatch, TickRange, Watched } from './watched.ts';

export interface SchedulerMetrics {
	evaluations: { inc(labels: { outcome: string }, count?: number): void };
	evaluationDuration: { observe(seconds: number): void };
	skipped: { inc(count: number): void };
}

export interface SchedulerParts {
	table: AlertTable;
	/** What is to be evaluated now. */
	watched: () => readonly Watched[];
	measure: MeasureBatch;
	announcer: Pick<Announcer, 'announce' | 'open' | 'openFirings' | 'endForgotten'>;
	/** Unix time up to which everything acknowledged is stored. */
	watermarkMs: () => number;
	clock: () => number;
	/** Of two evaluators the one with the larger number holds; 0: another one evaluates, and this shows what that found. */
	epoch: number;
	log: Log;
	metrics?: SchedulerMetrics;
	crash?: AlertCrashHook;
}

/** Late spans are in by then: windows end so long before what is known to be stored. */
export const DELAY_MS = 30_000;
/** Rules that are written and judged together. */
const chunkRules = 64;
/** Questions to the store at once. */
const concurrency = 2;
const maxRestored = 200_000;

/**
 * Evaluates rules when their windows are over. Each evaluation is written before it is judged, and judged again after a crash:
 * the same values lead to the same transitions under the same ids, so that none is lost and none is another one.
 */
export class Scheduler {
	readonly #parts: SchedulerParts;
	readonly #entries = new Map<string, RuleEntry>();
	#sequence = 0;

	private constructor(parts: SchedulerParts) {
		this.#parts = parts;
	}

	/** Reads where the last evaluator stopped. */
	static async open(parts: SchedulerParts): Promise<Scheduler> {
		const scheduler = new Scheduler(parts);
		await scheduler.#restore();
		return scheduler;
	}

	/** What is known of a rule; undefined before it is met. */
	entry(project: string, key: string): Readonly<RuleEntry> | undefined {
		return this.#entries.get(entryKey(project, key));
	}

	entries(): Iterable<Readonly<RuleEntry>> {
		return this.#entries.values();
	}

	/** One pass: what has changed of the rules, what was left from the pass before, what is due. */
	async step(): Promise<void> {
		await this.#followDocuments();
		const left = [...this.#entries.values()].filter(({ logged }) => logged.length > 0);
		for (const chunk of chunksOf(left)) await this.#settle(chunk);
		const { clock, watermarkMs } = this.#parts;
		const nowMs = clock();
		const knownMs = Math.min(nowMs, watermarkMs());
		const due = this.#due(knownMs - DELAY_MS);
		for (const chunk of chunksOf(due)) await this.#evaluate(chunk);
		this.#noteBlindness(nowMs - knownMs);
	}

	async #restore(): Promise<void> {
		const { table, watched, announcer, epoch } = this.#parts;
		await announcer.open();
		const rows = await table.states();
		const watchedNow = new Map(watched().map((one) => [entryKey(one.project, one.key), one]));
		for (const row of rows) {
			const state = JSON.parse(row.state) as RuleState;
			const key = entryKey(row.project, row.rule);
			const found = watchedNow.get(key);
			if (found?.identity === row.question) this.#entries.set(key, newEntry(found, state));
			else if (epoch > 0) await this.#end(row, state, found === undefined ? 'rule removed' : 'rule changed');
		}
		const sinceMs = Math.min(...[...this.#entries.values()].map(({ state }) => state.evaluatedMs ?? Infinity));
		if (Number.isFinite(sinceMs)) await this.#restoreEvaluations(sinceMs);
		if (epoch > 0) await announcer.endForgotten(new Set([...this.#entries.values()].flatMap(firingIdsOf)));
	}

	async #restoreEvaluations(sinceMs: number): Promise<void> {
		for (const row of await this.#parts.table.evaluationsSince(sinceMs, maxRestored)) {
			const entry = this.#entries.get(entryKey(row.project, row.rule));
			if (entry?.watched.question !== row.question || row.tMs <= (entry.state.evaluatedMs ?? 0)) continue;
			entry.logged.push(fromRow(row));
		}
		const left = [...this.#entries.values()].filter(({ logged }) => logged.length > 0);
		if (this.#parts.epoch > 0) for (const chunk of chunksOf(left)) await this.#settle(chunk);
		else for (const entry of left) Object.assign(entry, { state: judgeAll(entry).state, logged: [] });
	}

	async #followDocuments(): Promise<void> {
		const watchedNow = new Map(this.#parts.watched().map((one) => [entryKey(one.project, one.key), one]));
		for (const [key, entry] of this.#entries) {
			const now = watchedNow.get(key);
			if (now === entry.watched) continue;
			if (entry.logged.length > 0) await this.#settle([entry]);
			if (now?.identity === entry.watched.identity) await this.#edit(entry, now);
			else {
				const reason = now === undefined ? 'rule removed' : 'rule changed';
				await this.#end({ project: entry.watched.project, rule: entry.watched.key }, entry.state, reason);
				this.#entries.delete(key);
			}
		}
		for (const [key, watched] of watchedNow) if (!this.#entries.has(key)) this.#entries.set(key, newEntry(watched));
	}

	/** State stays; what a condition fired that is no longer there ends. */
	async #edit(entry: RuleEntry, now: Watched): Promise<void> {
		const { state, changes } = keepConditions(entry.watched.rule, now.rule, entry.state, endMsOf(entry.state));
		if (changes.length > 0) {
			await this.#parts.announcer.announce(changes.map((change) => ({ watched: entry.watched, change })));
		}
		if (now.question !== entry.watched.question) entry.unlogged = [];
		entry.watched = now;
		entry.state = state;
		if (changes.length > 0) await this.#save([entry]);
	}

	/** Ends what a rule fired that is gone, or asks something else. */
	async #end(of: { project: string; rule: string }, state: RuleState, reason: ResolveReason): Promise<void> {
		const { announcer, table, epoch } = this.#parts;
		const changes = endAnnouncements({ project: of.project, key: of.rule }, state, reason, endMsOf(state));
		if (changes.length > 0) await announcer.announce(changes);
		this.#sequence += 1;
		const row = { question: '0'.repeat(16), epoch, sequence: this.#sequence, deleted: 1, state: '{}' };
		await table.appendStates([{ project: of.project, rule: of.rule, ...row }]);
	}

	/** Those that are measured together stand together, so that a chunk has them all. */
	#due(horizonMs: number): RuleEntry[] {
		const due = [...this.#entries.values()].filter(
			(entry) => entry.unlogged.length > 0 || (entry.logged.length === 0 && dueTicks(entry, horizonMs) !== undefined),
		);
		return [...Map.groupBy(due, ({ watched }) => watched.batch).values()].flat();
	}

	async #evaluate(chunk: readonly RuleEntry[]): Promise<void> {
		const startedMs = performance.now();
		const { clock, watermarkMs } = this.#parts;
		const horizonMs = Math.min(clock(), watermarkMs()) - DELAY_MS;
		await this.#begin(chunk, horizonMs);
		const batches = new Map<string, { range: TickRange; entries: RuleEntry[] }>();
		for (const entry of chunk) {
			if (entry.unlogged.length > 0) continue;
			const due = dueTicks(entry, horizonMs);
			if (due === undefined) continue;
			if (due.isRestart) entry.state = restartPending(entry.state, due.range.toMs);
			if (due.skipped > 0) this.#skip(entry, due.skipped);
			const key = JSON.stringify([entry.watched.batch, due.range]);
			const batch = batches.get(key) ?? { range: due.range, entries: [] };
			batch.entries.push(entry);
			batches.set(key, batch);
		}
		await inParallel([...batches.values()], concurrency, (batch) => this.#measure(batch));
		const measured = chunk.filter(({ unlogged }) => unlogged.length > 0);
		if (measured.length === 0) return;
		await this.#log(measured);
		await this.#settle(measured);
		this.#parts.metrics?.evaluationDuration.observe((performance.now() - startedMs) / 1_000 / measured.length);
	}

	/** A rule that is met for the first time: its state is there before its first evaluation is, which a restart then judges. */
	async #begin(chunk: readonly RuleEntry[], horizonMs: number): Promise<void> {
		const fresh = chunk.filter(({ state }) => state.evaluatedMs === null);
		for (const entry of fresh) {
			const fromMs = dueTicks(entry, horizonMs)?.range.fromMs ?? horizonMs;
			entry.state = { ...entry.state, evaluatedMs: fromMs - 1 };
		}
		await this.#save(fresh);
	}

	#skip(entry: RuleEntry, skipped: number): void {
		entry.skipped += skipped;
		this.#parts.metrics?.skipped.inc(skipped);
	}

	/** A store that is away leaves its windows due: they are measured when it is back. */
	async #measure({ range, entries }: { range: TickRange; entries: RuleEntry[] }): Promise<void> {
		try {
			const measured = await this.#parts.measure(
				entries.map(({ watched }) => watched),
				range,
			);
			for (const entry of entries) entry.unlogged = measured.get(entry.watched) ?? [];
		} catch (error) {
			this.#parts.log.warn({ rules: entries.length, error: messageOf(error) }, 'alerts could not be measured');
		}
	}

	async #log(entries: readonly RuleEntry[]): Promise<void> {
		const { table, epoch, crash } = this.#parts;
		await crash?.('before_evaluations');
		const rows = entries.flatMap(({ watched, unlogged }) =>
			unlogged.flatMap((measured) => (measured.kind === 'stale' ? [] : [toRow(watched, measured, epoch)])),
		);
		await table.appendEvaluations(rows);
		await crash?.('after_evaluations');
		for (const entry of entries) {
			entry.logged.push(...entry.unlogged);
			entry.unlogged = [];
		}
	}

	/** Judges what is written, tells what became of it, and only then takes it as done. */
	async #settle(entries: readonly RuleEntry[]): Promise<void> {
		const judged = entries.map((entry) => ({ entry, ...judgeAll(entry) }));
		const announcements: Announcement[] = judged.flatMap(({ entry, changes }) =>
			changes.map((change) => ({ watched: entry.watched, change })),
		);
		if (announcements.length > 0) await this.#parts.announcer.announce(announcements);
		const toSave: RuleEntry[] = [];
		for (const { entry, state, changes } of judged) {
			this.#count(entry.logged);
			entry.state = state;
			entry.logged = [];
			if (needsSaving(entry, changes.length > 0)) toSave.push(entry);
		}
		await this.#save(toSave);
	}

	#count(logged: readonly Measured[]): void {
		const errors = logged.filter(({ kind }) => kind === 'error').length;
		this.#parts.metrics?.evaluations.inc({ outcome: 'ok' }, logged.length - errors);
		this.#parts.metrics?.evaluations.inc({ outcome: 'error' }, errors);
	}

	async #save(entries: readonly RuleEntry[]): Promise<void> {
		if (entries.length === 0) return;
		const { table, epoch, crash } = this.#parts;
		const rows = entries.map(({ watched, state }) => {
			this.#sequence += 1;
			const { project, key: rule, identity: question } = watched;
			return { project, rule, question, epoch, sequence: this.#sequence, deleted: 0, state: JSON.stringify(state) };
		});
		await table.appendStates(rows);
		await crash?.('after_states');
		for (const entry of entries) entry.savedMs = entry.state.evaluatedMs;
	}

	/** Shown, never stored: with the next evaluation it is over. */
	#noteBlindness(lagMs: number): void {
		for (const entry of this.#entries.values()) {
			if (!isBlind(entry, lagMs)) continue;
			entry.state = evaluate(entry.watched.rule, { kind: 'stale', tMs: 0 }, entry.state).state;
		}
	}
}

const entryKey = (project: string, key: string): string => JSON.stringify([project, key]);

/** A moment after the last evaluation: the same, however often the end is worked out. */
const endMsOf = ({ evaluatedMs }: RuleState): number => (evaluatedMs ?? 0) + 1;

function judgeAll({ watched, state, logged }: RuleEntry) {
	const changes = [];
	let after = state;
	for (const measured of logged) {
		const evaluation = evaluate(watched.rule, measured, after);
		after = evaluation.state;
		changes.push(...evaluation.changes);
	}
	return { state: after, changes };
}

function* chunksOf<Item>(items: readonly Item[]): Generator<Item[]> {
	for (let from = 0; from < items.length; from += chunkRules) yield items.slice(from, from + chunkRules);
}

/** At most so many at once. */
export async function inParallel<Item>(
	items: readonly Item[],
	atOnce: number,
	work: (item: Item) => Promise<void>,
): Promise<void> {
	let next = 0;
	const run = async (): Promise<void> => {
		for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, run));
}

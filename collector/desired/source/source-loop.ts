import { setTimeout as sleep } from 'node:timers/promises';
import type { FileFinding, Revision, SourceAnswer } from '../../../schema/api-config.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import type { Log } from '../../log.ts';
import { messageOf, ProblemError } from '../../problem.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { StoredDocuments } from '../documents.ts';
import { loadDocuments } from '../load-documents.ts';
import type { LoadedConfiguration } from '../load-documents.ts';
import { identityOf, planChanges, toChange } from '../plan-changes.ts';
import type { Plan } from '../plan-changes.ts';
import type { SourceDefinition } from './source-definition.ts';
import { SourceError } from './source-reader.ts';
import { MAX_CHANGES, readRecord, recordKey } from './sync-record.ts';
import type { SyncRecord } from './sync-record.ts';

interface SourceLoopParts {
	definition: SourceDefinition;
	documents: StoredDocuments;
	state: StateStore;
	isSource: (name: string) => boolean;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
}

const maxFindings = 100;

/**
 * Keeps what is in force equal to what one source says: reads it, checks all of it, works out the difference and applies it in
 * one step together with the record of it. What can't be read or has an error changes nothing: the last good state stays.
 */
export class SourceLoop {
	readonly definition: SourceDefinition;
	readonly #parts: SourceLoopParts;
	readonly #stopped = new AbortController();
	#running: Promise<void> | undefined;
	/** The check at hand, and the one that waits for its turn: whoever asks meanwhile waits for that one. */
	#checking: Promise<void> | undefined;
	#next: Promise<void> | undefined;
	#newest: Revision | undefined;
	#loaded: LoadedConfiguration | undefined;
	#plan: Plan | undefined;
	#state: SourceAnswer['state'] = 'Waiting';
	#error: string | null = null;
	#readMs: number | null = null;
	#corrected = 0;

	constructor(parts: SourceLoopParts) {
		this.definition = parts.definition;
		this.#parts = parts;
	}

	start(): void {
		this.#running ??= this.#run();
	}

	/** Lets an application of changes that has begun end. */
	async stop(): Promise<void> {
		this.#stopped.abort();
		await this.#running;
		await this.#checking?.catch(() => {});
	}

	/** Resolves when what the source holds now has been looked at. */
	check(): Promise<void> {
		if (this.#checking === undefined) {
			this.#checking = this.#check().finally(() => (this.#checking = undefined));
			return this.#checking;
		}
		this.#next ??= this.#checking.then(() => {
			this.#next = undefined;
			return this.check();
		});
		return this.#next;
	}

	/** What is paused is still read and compared, and not applied. */
	async pause(untilMs: number, reason: string, author: string): Promise<void> {
		await this.#decide({ event: 'paused', paused: { untilMs, reason, author } }, author);
	}

	async resume(author: string): Promise<void> {
		await this.#decide({ event: 'resumed', paused: null }, author);
		await this.check();
	}

	/** Lets a revision remove as much as it does. Throws REVISION_MOVED when another one has come meanwhile. */
	async confirm(revision: string, author: string): Promise<void> {
		if (revision !== this.#newest?.revision)
			throw new ProblemError(
				409,
				'REVISION_MOVED',
				`the newest revision is ${this.#newest?.revision ?? 'not read yet'}, not ${revision}`,
			);
		await this.#decide({ event: 'confirmed', confirmed: revision }, author);
		await this.check();
	}

	describe(): SourceAnswer {
		const { project, name, type, location, declaredIn } = this.definition;
		const { documents, state } = this.#parts;
		const { applied } = readRecord(state, project, name);
		const findings = this.#findings();
		const edits = this.#plan?.edits ?? [];
		return {
			name,
			type,
			location,
			declaredIn,
			state: this.#state,
			error: this.#error,
			findings: findings.slice(0, maxFindings),
			findingCount: findings.length,
			newest: this.#newest ?? null,
			applied,
			readMs: this.#readMs,
			objects: documents.owned(project, name).length,
			changes: edits.slice(0, MAX_CHANGES).map(toChange),
			changeCount: edits.length,
			held: this.#held(),
			paused: this.#paused(),
			corrected: this.#corrected,
		};
	}

	/** Which revision is in force: the little of `describe` that is asked for again and again. */
	standing(): StatusAnswer['configuration'][number] {
		const { project, name } = this.definition;
		const { applied } = readRecord(this.#parts.state, project, name);
		return {
			source: name,
			state: this.#state,
			revision: applied?.revision ?? null,
			appliedMs: applied?.appliedMs ?? null,
			newestRevision: this.#newest?.revision ?? null,
		};
	}

	/** Whether what is in force is something else than the source says, `Kind name`. */
	differs(identity: string): boolean {
		return this.#plan?.edits.some((edit) => `${edit.kind} ${edit.name}` === identity) ?? false;
	}

	async #run(): Promise<void> {
		const { signal } = this.#stopped;
		while (!signal.aborted) {
			await this.check();
			await sleep(this.definition.everyMs, undefined, { signal }).catch(() => {});
		}
	}

	/** Never throws. */
	async #check(): Promise<void> {
		const before = this.#state;
		try {
			await this.#read();
			this.#state = await this.#reconcile();
			this.#error = null;
		} catch (error) {
			if (this.#stopped.signal.aborted) return;
			this.#state = error instanceof SourceError && error.kind === 'refused' ? 'Refused' : 'Unavailable';
			this.#error = messageOf(error);
		}
		if (this.#state === before) return;
		const { name } = this.definition;
		const [first] = this.#findings();
		const details = { source: name, state: this.#state, error: this.#error, revision: this.#newest?.revision, first };
		if (this.#error === null && this.#state === 'Synced') this.#parts.log.info(details, 'configuration source');
		else this.#parts.log.warn(details, 'configuration source');
	}

	async #read(): Promise<void> {
		const content = await this.definition.reader.read(this.#newest?.revision, this.#stopped.signal);
		this.#readMs = this.#parts.clock();
		if (content === 'unchanged') return;
		const { files, ...revision } = content;
		this.#newest = revision;
		this.#loaded = loadDocuments(files);
		this.#plan = undefined;
	}

	async #reconcile(): Promise<SourceAnswer['state']> {
		const { definition, documents, isSource, clock } = this.#parts;
		const { project, name } = definition;
		if (this.#loaded === undefined || this.#newest === undefined) return 'Waiting';
		if (this.#loaded.findings.some(({ level }) => level === 'error')) return 'Refused';
		const desired = this.#loaded.documents;
		const live = documents.everything(project);
		const plan = planChanges({ source: name, desired, live, isSource, nowMs: clock() });
		this.#plan = plan;
		if (plan.conflicts.length > 0) return 'Refused';
		if (this.#held() !== null || this.#paused() !== null) return plan.edits.length === 0 ? 'Synced' : 'OutOfSync';
		const places = new Map(desired.map(({ document, file, line }) => [identityOf(document), { file, line }]));
		documents.locate(project, name, places);
		await this.#apply(plan, this.#newest);
		return 'Synced';
	}

	async #apply({ edits }: Plan, revision: Revision): Promise<void> {
		const { documents, state, clock } = this.#parts;
		const { project, name } = this.definition;
		const record = readRecord(state, project, name);
		const isKnown = record.applied?.revision === revision.revision;
		if (isKnown && edits.length === 0) return;
		const next: SyncRecord = {
			...record,
			event: 'applied',
			applied: { ...revision, appliedMs: clock() },
			changes: edits.slice(0, MAX_CHANGES).map(toChange),
			changeCount: edits.length,
			confirmed: null,
		};
		const author = `${name}@${revision.revision.slice(0, 12)}`;
		await documents.applySource(project, edits, { key: recordKey(project, name), value: next }, author);
		if (isKnown) this.#corrected += edits.length;
		this.#plan = { ...this.#planOrNothing(), edits: [], needsConfirmation: false, removes: 0 };
	}

	#planOrNothing(): Plan {
		return this.#plan ?? { edits: [], conflicts: [], owned: 0, removes: 0, needsConfirmation: false };
	}

	async #decide(change: Partial<SyncRecord>, author: string): Promise<void> {
		const { state } = this.#parts;
		const { project, name } = this.definition;
		const record = readRecord(state, project, name);
		const next: SyncRecord = { ...record, changes: [], changeCount: 0, ...change, event: change.event ?? record.event };
		await state.put(recordKey(project, name), next, { author });
	}

	#findings(): FileFinding[] {
		return [...(this.#loaded?.findings ?? []), ...(this.#plan?.conflicts ?? [])];
	}

	#held(): SourceAnswer['held'] {
		const { needsConfirmation, removes, owned } = this.#planOrNothing();
		const revision = this.#newest?.revision;
		if (!needsConfirmation || revision === undefined) return null;
		const { project, name } = this.definition;
		if (readRecord(this.#parts.state, project, name).confirmed === revision) return null;
		return { revision, removes, of: owned };
	}

	#paused(): SourceAnswer['paused'] {
		const { project, name } = this.definition;
		const { paused } = readRecord(this.#parts.state, project, name);
		return paused !== null && paused.untilMs > this.#parts.clock() ? paused : null;
	}
}

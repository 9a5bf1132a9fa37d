import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deletion, DeletionBody, DeletionsAnswer } from '../../schema/api-keeping.ts';
import type { TimeWindow } from '../../schema/api.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { StateDocument, StateStore } from '../state/state-store.ts';
import type { DocumentKey } from '../state/state-table.ts';
import type { ChosenTraces, TraceDeletion } from '../store/keeping/trace-deletion.ts';
import type { WindowScope } from '../store/reader-types.ts';
import { withinTime } from '../within-time.ts';
import { REMAINS } from './deletion-remains.ts';
import type { Pins } from './pins.ts';

/** What of traces lies outside ClickHouse. */
export interface ErasableIntake {
	/** Unix time up to which everything acknowledged is in ClickHouse. */
	storedUpToMs(): number;
	/** Removes from the disk what is in ClickHouse already. */
	releaseStored(): Promise<void>;
	/** Removes what was set aside and belongs to one of the traces. */
	removeSetAside(traceIds: ReadonlySet<string>): Promise<NonNullable<Deletion['quarantine']>>;
	/** The same of all that belongs to a project. */
	removeSetAsideOf(project: string): Promise<NonNullable<Deletion['quarantine']>>;
	/** Forgets samples of what was rejected. */
	forgetSamples(): void;
}

/** Takes what names one of the traces out of what waits to be told. */
export type ForgetTold = (project: string, traceIds: ReadonlySet<string>) => Promise<void>;

interface DeletionsParts {
	state: StateStore;
	traces: TraceDeletion;
	pins: Pick<Pins, 'forget'>;
	intake: ErasableIntake;
	forgetTold: ForgetTold;
	/** Resolves true when what follows from stored spans is made. */
	settleDerived: (timeoutMs: number) => Promise<boolean>;
	compile: (q: string) => CompiledQuery;
	/** This collector, of all that are on the same store. */
	own: string;
	log: Log;
	/** Unix milliseconds. */
	clock: () => number;
}

/** More traces than this are asked for in several deletions: their ids are held in memory. */
const maxTraces = 200_000;
const keptDocuments = 200;
const settleMs = 30_000;
const storedPollMs = 50;
/** How long a request waits for its deletion before it is told to ask again. */
const answerWithinMs = 10_000;

const documentKind = 'deletion';

/** A deletion as its document holds it: with what the answer shortens. */
type DeletionDocument = Omit<Deletion, 'id' | 'asked'> & {
	traceIds: string[] | null;
	q: string | null;
	window: TimeWindow | null;
	environment: string | null;
	/** Which traces are meant is noted in the store. */
	isChosen: boolean;
	/** Collectors that hold nothing of these traces any more. Absent in documents of earlier versions. */
	forgottenBy?: string[];
};

interface Asked {
	scope: WindowScope;
	body: DeletionBody;
	author: string;
}

/**
 * Deletes traces wherever rows of single traces lie: what was asked for and what became of it are in a document, whose
 * history is the audit. A deletion that a crash or an outage cut off goes on where it was. One collector carries it out; the others
 * forget what they hold of it themselves when they come to know of it, or are back.
 */
export class Deletions {
	readonly #parts: DeletionsParts;
	#turn: Promise<void> = Promise.resolve();

	constructor(parts: DeletionsParts) {
		this.#parts = parts;
	}

	/** What a deletion would find now. */
	async dryRun(asked: Asked): Promise<Deletion> {
		const document = this.#newDocument(asked, 'dry-run');
		const found = await this.#parts.traces.count(asked.scope, this.#chosen(asked.scope.project, document));
		return toDeletion(null, { ...document, found });
	}

	/** Resolves when it is done, or after ten seconds with what is so far. */
	async request(asked: Asked): Promise<Deletion> {
		const { state, traces, log } = this.#parts;
		const { project } = asked.scope;
		const document = this.#newDocument(asked, 'waiting');
		const found = await traces.count(asked.scope, this.#chosen(project, document));
		if (found.traces > maxTraces) {
			const detail = `${found.traces} traces match; at most ${maxTraces} are deleted at once: narrow the window`;
			throw new ProblemError(400, 'TOO_MANY_TRACES', detail);
		}
		const key = { project, kind: documentKind, name: randomUUID() };
		await state.put(key, document, { author: asked.author });
		await this.#forgetOldest(project);
		log.info({ deletion: key.name, project }, 'a deletion was asked for');
		await withinTime(this.#inTurn(key), answerWithinMs);
		return toDeletion(key.name, documentOf(state.get(key)) ?? document);
	}

	list(project: string): DeletionsAnswer {
		const all = this.#parts.state.list(project, documentKind).map((each) => toDeletion(each.name, documentOf(each)));
		return { deletions: all.sort((a, b) => b.requestedMs - a.requestedMs) };
	}

	get(project: string, id: string): Deletion {
		const found = this.#parts.state.get({ project, kind: documentKind, name: id });
		if (found === undefined) throw new ProblemError(404, 'NO_SUCH_DELETION', `there is no deletion ${id}`);
		return toDeletion(id, documentOf(found));
	}

	/** Goes on with what is not done, or not forgotten here. */
	async step(): Promise<boolean> {
		const open = this.#parts.state.all(documentKind).filter((each) => this.#isOpen(documentOf(each)));
		for (const { project, kind, name } of open) await this.#inTurn({ project, kind, name });
		return false;
	}

	#isOpen({ state, forgottenBy }: DeletionDocument): boolean {
		return state !== 'done' || forgottenBy?.includes(this.#parts.own) === false;
	}

	/** One at a time: a mutation has the disk to itself. */
	#inTurn(key: DocumentKey): Promise<void> {
		this.#turn = this.#turn.then(() => this.#advance(key));
		return this.#turn;
	}

	async #advance(key: DocumentKey): Promise<void> {
		const { state, log } = this.#parts;
		try {
			await this.#run(key);
		} catch (error) {
			// Another collector has taken it further: what is known here of what it found is out of date.
			if (error instanceof ProblemError && error.code === 'VERSION_CONFLICT') return;
			log.warn({ deletion: key.name, error: messageOf(error) }, 'a deletion is not done yet');
			const known = state.get(key);
			if (known === undefined || documentOf(known).state === 'done') return;
			await this.#note(known, { state: 'failed', detail: messageOf(error) }).catch(() => {});
		}
	}

	async #run(key: DocumentKey): Promise<void> {
		const { state, traces, pins, settleDerived, own, clock } = this.#parts;
		let known = state.get(key);
		if (known === undefined || !this.#isOpen(documentOf(known))) return;
		const document = documentOf(known);
		if (document.state === 'done') return this.#forget(known);
		if (!(await this.#untilStored(document.requestedMs)) || !(await settleDerived(settleMs))) {
			await this.#note(known, { state: 'waiting', detail: 'what was acknowledged before is not in ClickHouse yet' });
			return;
		}
		if (!document.isChosen) {
			const chosen = this.#chosen(key.project, document);
			const found = await traces.count({ project: key.project }, chosen);
			await traces.choose(key.project, key.name, chosen);
			known = await this.#note(known, { state: 'running', detail: null, found, isChosen: true });
		}
		const traceIds = new Set(await traces.traceIds(key.name));
		await pins.forget(key.project, traceIds, document.author);
		await traces.erase(key.project, key.name);
		const quarantine = await this.#forgetHere(key.project, traceIds);
		await this.#note(known, { state: 'done', detail: null, doneMs: clock(), quarantine, forgottenBy: [own] });
	}

	/** What another collector deleted, and this one may have held and stored since. */
	async #forget(known: StateDocument): Promise<void> {
		const { traces, settleDerived, own } = this.#parts;
		const { project, name } = known;
		const { requestedMs, forgottenBy = [], quarantine } = documentOf(known);
		if (!(await this.#untilStored(requestedMs)) || !(await settleDerived(settleMs))) return;
		const traceIds = await traces.traceIds(name);
		const left = await traces.count({ project }, { traceIds });
		if (Object.values(left).some((count) => count > 0)) await traces.erase(project, name);
		const removed = await this.#forgetHere(project, new Set(traceIds));
		await this.#note(known, { quarantine: bothOf(quarantine, removed), forgottenBy: [...forgottenBy, own] });
	}

	/** What of the traces lies in this process and in its data folder. */
	async #forgetHere(project: string, traceIds: ReadonlySet<string>): Promise<Removed> {
		const { intake, forgetTold } = this.#parts;
		await forgetTold(project, traceIds);
		await intake.releaseStored();
		intake.forgetSamples();
		return intake.removeSetAside(traceIds);
	}

	async #untilStored(ms: number): Promise<boolean> {
		const { intake } = this.#parts;
		const deadlineMs = performance.now() + settleMs;
		while (intake.storedUpToMs() < ms) {
			if (performance.now() > deadlineMs) return false;
			await sleep(storedPollMs);
		}
		return true;
	}

	#chosen(project: string, { traceIds, q, window, environment }: DeletionDocument): ChosenTraces {
		if (traceIds !== null) return { traceIds };
		const scope = { project, window: window ?? { fromMs: 0, toMs: 0 } };
		return {
			query: this.#parts.compile(q ?? ''),
			scope: environment === null ? scope : { ...scope, environment },
		};
	}

	#newDocument({ scope, body, author }: Asked, state: Deletion['state']): DeletionDocument {
		const byQuery = 'q' in body;
		return {
			state,
			detail: null,
			author,
			requestedMs: this.#parts.clock(),
			doneMs: null,
			found: null,
			quarantine: null,
			remains: [...REMAINS],
			traceIds: byQuery ? null : [...new Set(body.traceIds.map((id) => id.toLowerCase()))],
			q: byQuery ? body.q : null,
			window: byQuery ? scope.window : null,
			environment: byQuery ? (scope.environment ?? null) : null,
			isChosen: false,
		};
	}

	/** Throws VERSION_CONFLICT where another collector has written it since it was read. */
	async #note(known: StateDocument, change: Partial<DeletionDocument>): Promise<StateDocument> {
		const { author, version } = known;
		return this.#parts.state.put(known, { ...documentOf(known), ...change }, { author, expected: version });
	}

	/** Their history stays. */
	async #forgetOldest(project: string): Promise<void> {
		const { state } = this.#parts;
		const done = state.list(project, documentKind).filter((each) => documentOf(each).state === 'done');
		const oldest = done.sort((a, b) => a.timeMs - b.timeMs).slice(0, Math.max(0, done.length - keptDocuments));
		for (const { kind, name, author } of oldest) await state.delete({ project, kind, name }, { author });
	}
}

type Removed = NonNullable<Deletion['quarantine']>;

const bothOf = (one: Removed | null, other: Removed): Removed => ({
	records: (one?.records ?? 0) + other.records,
	spans: (one?.spans ?? 0) + other.spans,
	unreadable: (one?.unreadable ?? 0) + other.unreadable,
});

function documentOf(found: StateDocument): DeletionDocument;
function documentOf(found: StateDocument | undefined): DeletionDocument | undefined;
function documentOf(found: StateDocument | undefined): DeletionDocument | undefined {
	return found?.value as DeletionDocument | undefined;
}

function toDeletion(id: string | null, document: DeletionDocument): Deletion {
	const { traceIds, q, window, environment: _, isChosen: __, forgottenBy: ___, ...rest } = document;
	return { id, ...rest, asked: { traceIds: traceIds?.length ?? null, q, window } };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Projects } from '../access/projects.ts';
import type { StoredDocuments } from '../desired/documents.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import type { PinnedTraces } from '../store/keeping/pinned-traces.ts';
import type { ProjectData } from '../store/keeping/project-data.ts';
import type { ErasableIntake } from './deletions.ts';

interface ProjectDropParts {
	projects: Pick<Projects, 'closed' | 'forget'>;
	state: StateStore;
	documents: Pick<StoredDocuments, 'everything' | 'delete'>;
	data: ProjectData;
	pinned: Pick<PinnedTraces, 'refresh'>;
	intake: Pick<ErasableIntake, 'storedUpToMs' | 'releaseStored' | 'removeSetAsideOf'>;
	/** Drops what this process remembers: what waits to be told, and samples of what was refused. */
	forgetProject: (name: string) => Promise<void>;
	/** Resolves true when what follows from stored spans is made. */
	settleDerived: (timeoutMs: number) => Promise<boolean>;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
}

/** What was let in just before a project was closed has been stored by then; see the limits of listeners. */
const laggardsMs = 90_000;
const settleMs = 30_000;
const storedPollMs = 50;
const author = 'spanhouse';

/** Drops what is stored of projects that were closed: at once, and once more when nothing can be on its way any more. */
export class ProjectDrops {
	readonly #parts: ProjectDropParts;
	#turn: Promise<unknown> = Promise.resolve();

	constructor(parts: ProjectDropParts) {
		this.#parts = parts;
	}

	/** Begins without waiting for the next step. */
	hurry(): void {
		void this.step().catch((error: unknown) => {
			this.#parts.log.warn({ error: messageOf(error) }, 'a project could not be dropped yet');
		});
	}

	/** One round over the closed projects; false: nothing is left for at once. */
	step(): Promise<boolean> {
		const round = this.#turn.then(() => this.#round());
		this.#turn = round.catch(() => {});
		return round;
	}

	async #round(): Promise<boolean> {
		const { projects, pinned, clock, log } = this.#parts;
		for (const { name, droppedMs = 0 } of projects.closed()) {
			const isLast = clock() >= droppedMs + laggardsMs;
			if (!(await this.#untilStored(clock()))) return false;
			await this.#dropDocuments(name);
			await this.#dropData(name);
			await pinned.refresh();
			if (!isLast) continue;
			await projects.forget(name);
			log.info({ project: name }, 'a project was dropped');
		}
		return false;
	}

	async #dropData(name: string): Promise<void> {
		const { data, intake, forgetProject } = this.#parts;
		await data.drop(name);
		await forgetProject(name);
		await intake.releaseStored();
		await intake.removeSetAsideOf(name);
	}

	/** Through the documents, so that whoever follows them hears of it: alerts end, sources stop. */
	async #dropDocuments(name: string): Promise<void> {
		const { state, documents, log } = this.#parts;
		// Sources first: what they own is nobody's afterwards.
		const declared = documents.everything(name).sort((a, b) => rank(a.document.kind) - rank(b.document.kind));
		for (const { document } of declared) {
			await documents.delete(name, document.kind, document.metadata.name, { author }).catch((error: unknown) => {
				log.warn({ project: name, error: messageOf(error) }, 'a document could not be deleted as such');
			});
		}
		for (const { project, kind, name: of } of state.ofProject(name))
			await state.delete({ project, kind, name: of }, { author });
	}

	async #untilStored(ms: number): Promise<boolean> {
		const { intake, settleDerived } = this.#parts;
		const endMs = performance.now() + settleMs;
		while (intake.storedUpToMs() < ms) {
			if (performance.now() > endMs) return false;
			await sleep(storedPollMs);
		}
		return settleDerived(settleMs);
	}
}

const rank = (kind: string): number => (kind === 'Source' ? 0 : 1);

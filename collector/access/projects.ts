import { DEFAULT_PROJECT, DEMO_PROJECT, PROJECT_NAME, PROJECT_NAME_WORDS } from '../../schema/project.ts';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import { ACCESS_KINDS, AccessDocuments } from './documents.ts';

interface ProjectDocument {
	title: string;
	createdMs: number;
	/** Since then its data is being dropped: nobody reads or sends any more. */
	droppedMs?: number;
}

export interface Project extends ProjectDocument {
	/** In addresses and headers; for good. */
	name: string;
	/** Spans arrived there. */
	hasData: boolean;
}

/** Names of the projects that somebody reads; undefined: all. */
export type ReadableProjects = readonly string[] | undefined;

interface ProjectParts {
	state: StateStore;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
}

const maxProjects = 200;
const program = 'spanhouse';

/** What is kept apart: each span, view, alert and key belongs to one project. */
export class Projects {
	readonly #documents: AccessDocuments<ProjectDocument>;
	/** By name, of those that spans arrived in. */
	readonly #data: AccessDocuments<{ sinceMs: number }>;
	readonly #clock: () => number;
	readonly #log: Log;
	/** What this process has seen itself: asked with each request. */
	readonly #noted = new Set<string>();

	constructor({ state, clock, log }: ProjectParts) {
		this.#documents = new AccessDocuments(state, ACCESS_KINDS.project);
		this.#data = new AccessDocuments(state, ACCESS_KINDS.projectData);
		this.#clock = clock;
		this.#log = log;
	}

	/** The default one first, then by name. */
	list(readable?: ReadableProjects): Project[] {
		const kept = this.#documents.list().map(({ name }) => name);
		const names = [DEFAULT_PROJECT, ...kept.filter((name) => name !== DEFAULT_PROJECT)];
		const found = readable === undefined ? names : names.filter((name) => readable.includes(name));
		return found.flatMap((name) => this.get(name) ?? []);
	}

	get(name: string): Project | undefined {
		const found = this.#documents.get(name) ?? (name === DEFAULT_PROJECT ? defaultDocument : undefined);
		return found === undefined ? undefined : { ...found, name, hasData: this.#hasData(name) };
	}

	async create(name: string, title: string, author: string): Promise<Project> {
		if (!PROJECT_NAME.test(name)) throw badName(name);
		if (this.get(name) !== undefined)
			throw new ProblemError(409, 'PROJECT_EXISTS', `there is a project ${name} already`);
		if (this.#documents.list().length >= maxProjects) {
			throw new ProblemError(409, 'TOO_MANY_PROJECTS', `there are ${maxProjects} projects already; delete some`);
		}
		await this.#documents.put(name, { title, createdMs: this.#clock() }, author);
		return this.#found(name);
	}

	/** Only the title: addresses and keys go on. */
	async rename(name: string, title: string, author: string): Promise<void> {
		const { createdMs } = this.#found(name);
		await this.#documents.put(name, { title, createdMs }, author);
	}

	/** From now on nobody reads it or sends there. Its data is for the caller to drop, and then to call `forget`. */
	async close(name: string, author: string): Promise<void> {
		const { title, createdMs } = this.#found(name);
		if (name === DEFAULT_PROJECT) {
			throw new ProblemError(409, 'DEFAULT_PROJECT', 'the default project stays: data without a project belongs there');
		}
		await this.#documents.put(name, { title, createdMs, droppedMs: this.#clock() }, author);
	}

	/** Those that `close` closed. */
	closed(): Project[] {
		return this.list().filter(({ droppedMs }) => droppedMs !== undefined);
	}

	async forget(name: string): Promise<void> {
		this.#noted.delete(name);
		await this.#data.delete(name, program);
		await this.#documents.delete(name, program);
	}

	/** Told with each accepted request: the first one of a project is written down. */
	noteSpans(name: string): void {
		if (this.#hasData(name)) return;
		this.#noted.add(name);
		void this.#noteData(name);
	}

	/** What is read where nothing is asked for: the default project, as long as nothing but another one has data. */
	home(readable?: ReadableProjects): string {
		const open = this.list(readable).filter(({ droppedMs }) => droppedMs === undefined);
		const isDefault = open.some(({ name, hasData }) => name === DEFAULT_PROJECT && hasData);
		if (isDefault) return DEFAULT_PROJECT;
		const withData = open.filter(({ hasData }) => hasData);
		const only = withData.length === 1 || readable !== undefined ? withData[0] : undefined;
		return only?.name ?? open[0]?.name ?? DEFAULT_PROJECT;
	}

	/** The project that is read. Throws alike for one that isn't there and one that somebody may not know of. */
	readable(asked: string | undefined, readable: ReadableProjects): string {
		const name = asked ?? this.home(readable);
		const isIn = readable === undefined || readable.includes(name);
		if (isIn && this.#isOpen(name)) return name;
		throw new ProblemError(404, 'NO_SUCH_PROJECT', `there is no project ${JSON.stringify(name)} that you may read`);
	}

	/** Throws a ProblemError of 404 when one of them isn't there. */
	checkAll(names: ReadableProjects = []): void {
		for (const name of names) this.#found(name);
	}

	/** The project of a sender that no key says it of. The demo's comes to be by its first span. */
	forSender(asked: string | undefined): string {
		const name = asked ?? DEFAULT_PROJECT;
		if (name === DEMO_PROJECT && this.get(name) === undefined) void this.#makeDemo();
		else if (!this.#isOpen(name)) {
			throw new ProblemError(
				403,
				'NO_SUCH_PROJECT',
				`there is no project ${JSON.stringify(name.slice(0, 100))} to send to`,
			);
		}
		return name;
	}

	#isOpen(name: string): boolean {
		const found = this.get(name);
		return found !== undefined && found.droppedMs === undefined;
	}

	async #makeDemo(): Promise<void> {
		await this.create(DEMO_PROJECT, 'Demo shop', program).catch((error: unknown) => {
			const isThere = error instanceof ProblemError && error.code === 'PROJECT_EXISTS';
			if (!isThere) this.#log.warn({ error: messageOf(error) }, 'the project of the demo could not be made');
		});
	}

	#hasData(name: string): boolean {
		return this.#noted.has(name) || this.#data.get(name) !== undefined;
	}

	async #noteData(name: string): Promise<void> {
		await this.#data.put(name, { sinceMs: this.#clock() }, program).catch((error: unknown) => {
			this.#noted.delete(name);
			this.#log.warn({ error: messageOf(error), project: name }, 'that a project has data could not be written down');
		});
	}

	#found(name: string): Project {
		const project = this.get(name);
		if (project === undefined || project.droppedMs !== undefined) {
			throw new ProblemError(404, 'NO_SUCH_PROJECT', `there is no project ${JSON.stringify(name)}`);
		}
		return project;
	}
}

const defaultDocument: ProjectDocument = { title: 'Default', createdMs: 0 };

const badName = (name: string): ProblemError =>
	new ProblemError(400, 'BAD_PROJECT', `project is ${JSON.stringify(name)}; expected ${PROJECT_NAME_WORDS}`);

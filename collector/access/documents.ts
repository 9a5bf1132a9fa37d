import type { StateStore } from '../state/state-store.ts';
import type { DocumentKey } from '../state/state-table.ts';

/** No project has this name, so that nothing that reads a project's documents reads these. */
const project = '';

export const ACCESS_KINDS = {
	user: 'user',
	invitation: 'invitation',
	session: 'session',
	login: 'login',
	token: 'api-token',
	ingestKey: 'ingest-key',
	ingestSecret: 'ingest-secret',
	ingestUse: 'ingest-key-use',
	project: 'project',
	projectData: 'project-data',
} as const;
type AccessKind = (typeof ACCESS_KINDS)[keyof typeof ACCESS_KINDS];

interface Named<Value> {
	name: string;
	timeMs: number;
	/** Of its newest version. */
	author: string;
	value: Value;
}

/** Documents of one kind, by name. */
export class AccessDocuments<Value extends object> {
	readonly #state: StateStore;
	readonly #kind: AccessKind;

	constructor(state: StateStore, kind: AccessKind) {
		this.#state = state;
		this.#kind = kind;
	}

	get(name: string): Value | undefined {
		return this.#state.get(this.#key(name))?.value as Value | undefined;
	}

	list(): Named<Value>[] {
		const documents = this.#state.list(project, this.#kind);
		return documents.map(({ name, timeMs, author, value }) => ({ name, timeMs, author, value: value as Value }));
	}

	async put(name: string, value: Value, author: string): Promise<void> {
		await this.#state.put(this.#key(name), value, { author });
	}

	/** Whether there was one. */
	async delete(name: string, author: string): Promise<boolean> {
		return (await this.#state.delete(this.#key(name), { author })) !== undefined;
	}

	#key = (name: string): DocumentKey => ({ project, kind: this.#kind, name });
}

import { ProblemError } from '../problem.ts';
import type { DocumentKey, DocumentVersion, RecentQuery, StateTable } from './state-table.ts';

/** A document as it stands now. */
export interface StateDocument extends DocumentKey {
	version: number;
	timeMs: number;
	author: string;
	value: unknown;
}

/** What a writer says of a write beside the document itself. */
export interface Write {
	author: string;
	/** The version that it changes: 0 for one that is not there yet; undefined for whichever. */
	expected?: number | undefined;
}

/** One of several changes; a `value` that is undefined deletes. */
export interface Edit {
	key: DocumentKey;
	value: unknown;
	expected?: number | undefined;
}

export interface StateLimits {
	documents: number;
	documentBytes: number;
	totalBytes: number;
	/** Writes that wait for their turn. */
	waiting: number;
}

const usualLimits: StateLimits = {
	documents: 10_000,
	documentBytes: 64 * 1024,
	totalBytes: 64 * 1024 * 1024,
	waiting: 256,
};

/** A key that is revoked, or a role that is changed, is so everywhere within five seconds. */
const refreshMs = 3_000;

/** How often a write begins anew because another process came before it. */
const mostTries = 20;

interface StateStoreParts {
	table: StateTable;
	/** Unix milliseconds. */
	clock: () => number;
	limits?: StateLimits;
}

/**
 * Views, states of issues and whatever else is decided rather than measured: JSON documents with compare-and-set by
 * version. ClickHouse has no such thing, so writes are numbered: one reads the number of the newest, compares, and appends the
 * next; of two processes that append the same number one holds, and the other begins anew with what is there then. A write is
 * answered when its row is synced; what this object remembers is only for reading. Several collectors on one server see each
 * other's changes within seconds.
 */
export class StateStore {
	readonly #table: StateTable;
	readonly #clock: () => number;
	readonly #limits: StateLimits;
	readonly #documents = new Map<string, StateDocument>();
	readonly #bytes = new Map<string, number>();
	#totalBytes = 0;
	#turn: Promise<unknown> = Promise.resolve();
	#waiting = 0;
	/** An append threw: it may still land. */
	#isUnsettled = false;
	/** Looks for what others wrote. */
	#refreshing: NodeJS.Timeout | undefined;
	#versionsSeen = -1;
	/** Of the newest write that is remembered. */
	#position = -1;

	private constructor({ table, clock, limits = usualLimits }: StateStoreParts) {
		this.#table = table;
		this.#clock = clock;
		this.#limits = limits;
	}

	static async open(parts: StateStoreParts): Promise<StateStore> {
		const store = new StateStore(parts);
		await store.#reload(await parts.table.position());
		if (parts.table.countVersions !== undefined) {
			// While the store is away there is nothing new: the next look finds it.
			store.#refreshing = setInterval(() => void store.#refresh().catch(() => {}), refreshMs);
		}
		return store;
	}

	get(key: DocumentKey): StateDocument | undefined {
		return this.#documents.get(keyText(key));
	}

	/** Of every project, in no order. */
	all(kind: string): StateDocument[] {
		return [...this.#documents.values()].filter((document) => document.kind === kind);
	}

	/** Of every kind, in no order. */
	ofProject(project: string): StateDocument[] {
		return [...this.#documents.values()].filter((document) => document.project === project);
	}

	/** By name. */
	list(project: string, kind: string): StateDocument[] {
		return [...this.#documents.values()]
			.filter((document) => document.project === project && document.kind === kind)
			.sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	/** Newest first, deletions included, each with its author. */
	async history(key: DocumentKey, limit: number): Promise<DocumentVersion[]> {
		return this.#table.history(key, limit);
	}

	/** Without deletions. The number of the newest says more: where a write failed it was given in vain. */
	async countVersions(key: DocumentKey): Promise<number> {
		return this.#table.countVersionsOf(key);
	}

	/** What was written last, whatever document it was; see StateTable. */
	async recent(query: RecentQuery): Promise<DocumentVersion[]> {
		return this.#table.recent(query);
	}

	/** Resolves when it is on disk. Throws VERSION_CONFLICT when another version than the expected one is there. */
	async put(key: DocumentKey, value: unknown, write: Write): Promise<StateDocument> {
		const json = JSON.stringify(value);
		this.#checkSize(key, json);
		const [written] = await this.#write(async (): Promise<[DocumentVersion]> => {
			this.#checkRoom([{ key, json }]);
			return [await this.#next(key, json, write)];
		});
		return toDocument(written, json);
	}

	/** Resolves with the version of the deletion; undefined when there is nothing to delete. */
	async delete(key: DocumentKey, write: Write): Promise<number | undefined> {
		const [written] = await this.#write(async (): Promise<DocumentVersion[]> =>
			this.get(key) === undefined ? [] : [await this.#next(key, undefined, write)],
		);
		return written?.version;
	}

	/**
	 * Several changes in one step: all of them are there afterwards, or none. Resolves when they are on disk; throws as put does.
	 * Nothing to delete is no error.
	 */
	async applyAll(edits: readonly Edit[], author: string): Promise<void> {
		const written = edits.map(({ key, value, expected }) => {
			const json = value === undefined ? undefined : JSON.stringify(value);
			if (json !== undefined) this.#checkSize(key, json);
			return { key, json, expected };
		});
		await this.#write(async () => {
			this.#checkRoom(written);
			const versions: DocumentVersion[] = [];
			for (const { key, json, expected } of written) {
				if (json === undefined && this.get(key) === undefined) continue;
				versions.push(await this.#next(key, json, { author, expected }));
			}
			return versions;
		});
	}

	/** Resolves when nothing waits any more. */
	async close(): Promise<void> {
		clearInterval(this.#refreshing);
		await this.#turn;
	}

	/** Appends what `make` makes of what is there, which it is asked again when another process wrote in between. */
	async #write<Made extends readonly DocumentVersion[]>(make: () => Promise<Made>): Promise<Made> {
		return this.#inTurn(async () => {
			for (let tries = 0; tries < mostTries; tries += 1) {
				await this.#settle();
				const position = await this.#table.position();
				if (position !== this.#position) await this.#reload(position);
				const versions = await make();
				if (versions.length === 0 || (await this.#append(versions, position))) return versions;
			}
			throw new ProblemError(503, 'STORE_BUSY', 'other collectors write all the time; try again', {
				retryAfterMs: 1_000,
			});
		});
	}

	/** The version to write, unless another than the expected one is there. */
	async #next(
		{ project, kind, name }: DocumentKey,
		json: string | undefined,
		{ author, expected }: Write,
	): Promise<DocumentVersion> {
		const key = { project, kind, name };
		const newest = await this.#table.newest(key);
		const found = newest?.json === undefined ? 0 : newest.version;
		if (expected !== undefined && expected !== found) throw versionConflict(key, expected, found);
		return { ...key, author, json, version: (newest?.version ?? 0) + 1, timeMs: this.#clock() };
	}

	/** False: another process came before. */
	async #append(versions: readonly DocumentVersion[], position: number): Promise<boolean> {
		try {
			if (!(await this.#table.append(versions, position))) return false;
		} catch (error) {
			this.#isUnsettled = true;
			void this.#inTurn(() => this.#settle()).catch(() => {}); // Else the next write does.
			throw error;
		}
		for (const version of versions) this.#remember(version);
		this.#position = position + 1;
		return true;
	}

	async #settle(): Promise<void> {
		if (!this.#isUnsettled) return;
		await this.#table.settle();
		await this.#reload(await this.#table.position());
		this.#isUnsettled = false;
	}

	async #refresh(): Promise<void> {
		if (this.#waiting > 0) return;
		const versions = await this.#table.countVersions?.();
		if (versions === undefined || versions === this.#versionsSeen) return;
		await this.#inTurn(async () => this.#reload(await this.#table.position()));
		this.#versionsSeen = versions;
	}

	async #reload(position: number): Promise<void> {
		const current = await this.#table.current(this.#limits.documents);
		this.#documents.clear();
		this.#bytes.clear();
		this.#totalBytes = 0;
		for (const version of current) this.#remember(version);
		this.#position = position;
	}

	async #inTurn<Result>(write: () => Promise<Result>): Promise<Result> {
		if (this.#waiting >= this.#limits.waiting) {
			throw new ProblemError(503, 'STORE_BUSY', `${this.#waiting} changes wait already; try again`, {
				retryAfterMs: 1_000,
			});
		}
		this.#waiting += 1;
		const done = this.#turn.then(write).finally(() => (this.#waiting -= 1));
		this.#turn = done.catch(() => {});
		return done;
	}

	#checkSize({ kind }: DocumentKey, json: string): void {
		const bytes = Buffer.byteLength(json);
		if (bytes > this.#limits.documentBytes) {
			throw new ProblemError(
				413,
				'DOCUMENT_TOO_LARGE',
				`a ${kind} of ${bytes} bytes; at most ${this.#limits.documentBytes} are kept`,
			);
		}
	}

	#checkRoom(written: readonly { key: DocumentKey; json: string | undefined }[]): void {
		let [documents, bytes] = [this.#documents.size, this.#totalBytes];
		for (const { key, json } of written) {
			const text = keyText(key);
			const before = this.#bytes.get(text);
			documents += Number(json !== undefined) - Number(before !== undefined);
			bytes += (json === undefined ? 0 : Buffer.byteLength(json)) - (before ?? 0);
		}
		const grows = documents > this.#documents.size;
		if ((grows && documents > this.#limits.documents) || bytes > this.#limits.totalBytes) {
			throw new ProblemError(
				409,
				'STATE_FULL',
				`${this.#documents.size} documents with ${this.#totalBytes} bytes are kept already; delete some first`,
			);
		}
	}

	#remember(version: DocumentVersion): void {
		const text = keyText(version);
		this.#totalBytes -= this.#bytes.get(text) ?? 0;
		if (version.json === undefined) {
			this.#documents.delete(text);
			this.#bytes.delete(text);
			return;
		}
		const bytes = Buffer.byteLength(version.json);
		this.#documents.set(text, toDocument(version, version.json));
		this.#bytes.set(text, bytes);
		this.#totalBytes += bytes;
	}
}

const keyText = ({ project, kind, name }: DocumentKey): string => JSON.stringify([project, kind, name]);

const toDocument = (version: DocumentVersion, json: string): StateDocument => ({
	project: version.project,
	kind: version.kind,
	name: version.name,
	version: version.version,
	timeMs: version.timeMs,
	author: version.author,
	value: JSON.parse(json) as unknown,
});

const versionConflict = ({ kind, name }: DocumentKey, expected: number, found: number): ProblemError =>
	new ProblemError(
		412,
		'VERSION_CONFLICT',
		`${kind} ${JSON.stringify(name)} ${found === 0 ? 'does not exist' : `has version ${found}`}; the change was made to ${expected === 0 ? 'a new one' : `version ${expected}`}`,
	);

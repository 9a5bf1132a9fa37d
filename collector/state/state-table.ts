/** Names a document: within a project and a kind, such as `view`, names are unique. */
export interface DocumentKey {
	project: string;
	kind: string;
	name: string;
}

/** One row of the history of a document. */
export interface DocumentVersion extends DocumentKey {
	/** From 1, growing; one may be missing where a write failed. */
	version: number;
	/** Unix milliseconds. */
	timeMs: number;
	author: string;
	/** Undefined: from here on there is no such document. */
	json: string | undefined;
}

export interface RecentQuery {
	beforeMs: number;
	limit: number;
	/** Kinds that are left out. */
	without: readonly string[];
}

/** Where versions are kept, append-only. */
export interface StateTable {
	/** The newest version of each document that is there; at most `limit`. */
	current(limit: number): Promise<DocumentVersion[]>;
	/** The newest version of one, deleted or not. */
	newest(key: DocumentKey): Promise<DocumentVersion | undefined>;
	/** Newest first. */
	history(key: DocumentKey, limit: number): Promise<DocumentVersion[]>;
	/** How many versions of one there are, without deletions. */
	countVersionsOf(key: DocumentKey): Promise<number>;
	/** Of all documents, those before a time, newest first; more than `limit` where the last ones share their millisecond. */
	recent(query: RecentQuery): Promise<DocumentVersion[]>;
	/** The number of the newest write, once no write that has begun can still get that number or a smaller one. */
	position(): Promise<number>;
	/**
	 * Writes all of them at once as the write that follows `position`. Resolves when they are on disk; false: another process
	 * wrote that one before, and nothing of these counts. Throws when they may be there or not.
	 */
	append(versions: readonly DocumentVersion[], position: number): Promise<boolean>;
	/** Resolves when no append that threw can still land. */
	settle(): Promise<void>;
	/** How many versions there are, where other processes write too; not there where this one is the only one. */
	countVersions?(): Promise<number>;
}

import { DOCUMENT_KINDS } from '../../schema/alert.ts';
import type { DocumentKind } from '../../schema/alert.ts';
import type { Declared } from '../../schema/api-alerts.ts';
import { documentSchema } from '../../schema/desired-state.ts';
import type { DesiredDocument, DocumentOf } from '../../schema/desired-state.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { PlannedEdit } from './plan-changes.ts';
import type { Edit, StateDocument, StateStore, Write } from '../state/state-store.ts';
import type { DocumentKey, DocumentVersion } from '../state/state-table.ts';

/** Which source decides over a document, and where in it the document stands. */
export interface Origin {
	/** Name of the source. */
	source: string;
	file: string;
	/** From 1. */
	line: number;
	/** It was there before the source declared it: the source lets go of it rather than delete it. */
	adopted?: true;
}

/** Of a document that a source declares: somebody wanted something else for a while. */
export interface Override {
	/** Unix milliseconds. */
	untilMs: number;
	reason: string;
	author: string;
	/** What the source says, to go back to it even while the source can't be read. */
	desired: DesiredDocument;
}

/** What the state store keeps of a document. */
export interface StoredDocument {
	document: DesiredDocument;
	/** Undefined: made on the screen or through the API. */
	origin?: Origin;
	override?: Override;
	/** What was said of this version when it was saved, for those who read its history. */
	note?: string;
}

/** A document as it is in force. */
export type DeclaredDocument<Kind extends DocumentKind = DocumentKind> = Declared & {
	document: DocumentOf<Kind>;
	origin?: Origin;
	override?: Override;
};

export interface DocumentWrite {
	author: string;
	/** As of the state store: 0 for one that is not there yet; undefined for whichever. */
	expected?: number | undefined;
	/** Of a document that a source declares: how long this stays, and why. Without it such a document can't be changed. */
	override?: { untilMs: number; reason: string } | undefined;
	note?: string | undefined;
}

/** `before` is undefined of a new document, `after` of a deleted one. */
export interface DocumentChange {
	project: string;
	kind: DocumentKind;
	name: string;
	author: string;
	before: DeclaredDocument | undefined;
	after: DeclaredDocument | undefined;
}

/**
 * Alerts, objectives, channels and whatever else is declared: the one place that stores them, whoever wrote them. Reading is
 * from memory; a write resolves when it is on disk.
 */
export interface Documents {
	/** By name. */
	list<Kind extends DocumentKind>(project: string, kind: Kind): DeclaredDocument<Kind>[];
	get<Kind extends DocumentKind>(project: string, kind: Kind, name: string): DeclaredDocument<Kind> | undefined;
	/**
	 * Throws VERSION_CONFLICT when another version than the expected one is there, and MANAGED_BY_SOURCE for what a source
	 * declares.
	 */
	put(project: string, document: DesiredDocument, write: DocumentWrite): Promise<DeclaredDocument>;
	/** Resolves with the version of the deletion; undefined when there is nothing to delete. Throws as put does. */
	delete(project: string, kind: DocumentKind, name: string, write: DocumentWrite): Promise<number | undefined>;
	/** Resolves with the document as its source says, undefined when there is none. */
	endOverride(project: string, kind: DocumentKind, name: string, author: string): Promise<DeclaredDocument | undefined>;
	/** Newest first, deletions included. */
	history(project: string, kind: DocumentKind, name: string, limit: number): Promise<DocumentVersion[]>;
	/** Called after each write, in order. What a listener throws is the writer's to log, and stops nobody else. */
	onChange(listener: (change: DocumentChange) => void): () => void;
}

interface DocumentsParts {
	state: StateStore;
	/** A document whose source is gone is nobody's, and can be changed again. */
	isSource: (project: string, name: string) => boolean;
	/** Hears of stored documents that can't be read, and of listeners that throw. */
	report: (message: string) => void;
}

export class StoredDocuments implements Documents {
	readonly #state: StateStore;
	readonly #report: (message: string) => void;
	readonly #isSource: (project: string, name: string) => boolean;
	/** Where documents stand by now, by project and source: lines move without anything else changing. */
	readonly #places = new Map<string, ReadonlyMap<string, { file: string; line: number }>>();
	readonly #listeners = new Set<(change: DocumentChange) => void>();
	/** The state store hands out the same object until a document changes. */
	readonly #read = new WeakMap<StateDocument, DeclaredDocument | null>();

	constructor({ state, isSource, report }: DocumentsParts) {
		this.#state = state;
		this.#isSource = isSource;
		this.#report = report;
	}

	list<Kind extends DocumentKind>(project: string, kind: Kind): DeclaredDocument<Kind>[] {
		return this.#state.list(project, stateKind(kind)).flatMap((found) => {
			const declared = this.#toDeclared(found);
			return declared === undefined ? [] : [declared as DeclaredDocument<Kind>];
		});
	}

	get<Kind extends DocumentKind>(project: string, kind: Kind, name: string): DeclaredDocument<Kind> | undefined {
		const found = this.#state.get(keyOf(project, kind, name));
		return found === undefined ? undefined : (this.#toDeclared(found) as DeclaredDocument<Kind> | undefined);
	}

	async put(project: string, document: DesiredDocument, write: DocumentWrite): Promise<DeclaredDocument> {
		const { kind } = document;
		const { name } = document.metadata;
		const before = this.get(project, kind, name);
		const { author } = write;
		const stored = this.#storedAfter(project, document, before, write);
		return this.#write({ project, kind, name, author, before }, stored, expecting(write, before));
	}

	async delete(project: string, kind: DocumentKind, name: string, write: DocumentWrite): Promise<number | undefined> {
		const before = this.get(project, kind, name);
		const manager = this.#managerOf(project, before);
		if (before !== undefined && manager !== undefined) throw managedBySource(before, manager);
		const version = await this.#state.delete(keyOf(project, kind, name), expecting(write, before));
		if (version !== undefined) this.#tell({ project, kind, name, author: write.author, before, after: undefined });
		return version;
	}

	async endOverride(project: string, kind: DocumentKind, name: string, author: string) {
		const before = this.get(project, kind, name);
		if (before?.override === undefined) return before;
		const { origin, override } = before;
		const stored = { document: override.desired, ...(origin === undefined ? {} : { origin }) };
		return this.#write({ project, kind, name, author, before }, stored, { author, expected: before.version });
	}

	history(project: string, kind: DocumentKind, name: string, limit: number): Promise<DocumentVersion[]> {
		return this.#state.history(keyOf(project, kind, name), limit);
	}

	/** Of every kind. */
	everything(project: string): DeclaredDocument[] {
		return DOCUMENT_KINDS.flatMap((kind): DeclaredDocument[] => this.list(project, kind));
	}

	/** What a source declares, by kind and name. */
	owned(project: string, source: string): DeclaredDocument[] {
		return this.everything(project).filter(({ origin }) => origin?.source === source);
	}

	/** Of every project. */
	everywhere<Kind extends DocumentKind>(kind: Kind): { project: string; declared: DeclaredDocument<Kind> }[] {
		return this.#state.all(stateKind(kind)).flatMap((found) => {
			const declared = this.#toDeclared(found);
			return declared === undefined ? [] : [{ project: found.project, declared: declared as DeclaredDocument<Kind> }];
		});
	}

	/** Of every project and kind: what is in force for a while instead of what its source says. */
	overridden(): { project: string; declared: DeclaredDocument }[] {
		return DOCUMENT_KINDS.flatMap((kind) => this.everywhere(kind)).filter(
			({ declared }) => declared.override !== undefined,
		);
	}

	/** Where the documents of a source stand now, by `Kind name`. */
	locate(project: string, source: string, places: ReadonlyMap<string, { file: string; line: number }>): void {
		this.#places.set(JSON.stringify([project, source]), places);
	}

	/**
	 * Makes what a source says be in force: all of the edits and the record of them in one step, or nothing. Throws
	 * VERSION_CONFLICT when one of the documents has changed since the edits were planned.
	 */
	async applySource(
		project: string,
		edits: readonly PlannedEdit[],
		record: { key: DocumentKey; value: unknown },
		author: string,
	): Promise<void> {
		const changes = edits.map(({ kind, name, before, after }): Edit => ({
			key: keyOf(project, kind, name),
			value: after,
			expected: before?.version ?? 0,
		}));
		await this.#state.applyAll([...changes, record], author);
		for (const { kind, name, before } of edits)
			this.#tell({ project, kind, name, author, before, after: this.get(project, kind, name) });
	}

	onChange(listener: (change: DocumentChange) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#storedAfter(
		project: string,
		document: DesiredDocument,
		before: DeclaredDocument | undefined,
		{ author, override, note }: DocumentWrite,
	): StoredDocument {
		const said = note === undefined ? {} : { note };
		const origin = this.#managerOf(project, before);
		if (before === undefined || origin === undefined) return { document, ...said };
		if (override === undefined) throw managedBySource(before, origin);
		const desired = before.override?.desired ?? before.document;
		return { document, origin, override: { ...override, author, desired }, ...said };
	}

	#managerOf(project: string, found: DeclaredDocument | undefined): Origin | undefined {
		const origin = found?.origin;
		return origin !== undefined && this.#isSource(project, origin.source) ? origin : undefined;
	}

	async #write(change: Omit<DocumentChange, 'after'>, stored: StoredDocument, write: Write): Promise<DeclaredDocument> {
		const { project, kind, name } = change;
		const after = declaredOf(await this.#state.put(keyOf(project, kind, name), stored, write), stored);
		this.#tell({ ...change, after });
		return after;
	}

	#tell(change: DocumentChange): void {
		for (const listener of this.#listeners) {
			try {
				listener(change);
			} catch (error) {
				this.#report(`after ${change.kind} ${change.name} changed: ${messageOf(error)}`);
			}
		}
	}

	#toDeclared(found: StateDocument): DeclaredDocument | undefined {
		const declared = this.#parse(found);
		const { origin } = declared ?? {};
		if (declared === undefined || origin === undefined) return declared;
		const places = this.#places.get(JSON.stringify([found.project, origin.source]));
		const place = places?.get(`${declared.document.kind} ${found.name}`);
		if (place === undefined || (place.line === origin.line && place.file === origin.file)) return declared;
		return { ...declared, owner: { ...declared.owner, ...place }, origin: { ...origin, ...place } };
	}

	/** Defaults that came later are filled in; what this program can't read is left alone and told once. */
	#parse(found: StateDocument): DeclaredDocument | undefined {
		const known = this.#read.get(found);
		if (known !== undefined) return known ?? undefined;
		const stored = found.value as StoredDocument;
		const parsed = documentSchema.safeParse(stored.document);
		if (!parsed.success) this.#report(`${found.kind} ${found.name} can't be read: ${parsed.error.message}`);
		const declared = parsed.success ? declaredOf(found, { ...stored, document: parsed.data }) : null;
		this.#read.set(found, declared);
		return declared ?? undefined;
	}
}

/** A version out of the history, whatever it may hold by now. */
export function readStored(value: unknown): StoredDocument | undefined {
	const stored = value as StoredDocument;
	const parsed = documentSchema.safeParse(stored.document);
	return parsed.success ? { ...stored, document: parsed.data } : undefined;
}

const stateKind = (kind: DocumentKind): string => `config.${kind}`;
const keyOf = (project: string, kind: DocumentKind, name: string): DocumentKey => ({
	project,
	kind: stateKind(kind),
	name,
});

/** What a check before the write looked at must still be there when it is written. */
const expecting = ({ author, expected }: DocumentWrite, before: DeclaredDocument | undefined) => ({
	author,
	expected: expected ?? (before?.origin === undefined ? undefined : before.version),
});

function managedBySource({ document: { kind, metadata } }: Declared, { source, file, line }: Origin): ProblemError {
	return new ProblemError(
		409,
		'MANAGED_BY_SOURCE',
		`${kind} ${JSON.stringify(metadata.name)} is declared by source ${source} in ${file}:${line}; change it there, or override it until a time, with a reason`,
	);
}

function declaredOf({ version, author, timeMs }: StateDocument, stored: StoredDocument): DeclaredDocument {
	const { document, origin, override } = stored;
	return {
		document,
		version,
		author,
		changedMs: timeMs,
		owner: {
			source: origin?.source ?? null,
			...(origin === undefined ? {} : { file: origin.file, line: origin.line }),
			...(override === undefined ? {} : { overriddenUntilMs: override.untilMs, overrideReason: override.reason }),
		},
		...(origin === undefined ? {} : { origin }),
		...(override === undefined ? {} : { override }),
	};
}

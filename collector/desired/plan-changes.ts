import { isDeepStrictEqual } from 'node:util';
import type { DocumentKind } from '../../schema/alert.ts';
import type { FileFinding, PlannedChange } from '../../schema/api-config.ts';
import type { DeclaredDocument, Origin, StoredDocument } from './documents.ts';
import type { LoadedDocument } from './load-documents.ts';

/** One document that has to change so that what is in force is what a source says. */
export interface PlannedEdit {
	action: PlannedChange['action'];
	kind: DocumentKind;
	name: string;
	before: DeclaredDocument | undefined;
	/** Undefined: it is deleted. */
	after: StoredDocument | undefined;
}

export interface Plan {
	edits: PlannedEdit[];
	/** Names that another source declares. */
	conflicts: FileFinding[];
	/** Documents that the source owned before, and how many of them would be deleted. */
	owned: number;
	removes: number;
	/** It removes so much that it may be a mistake: everything, or more than a fifth and more than three. */
	needsConfirmation: boolean;
}

interface PlanInput {
	source: string;
	/** What the source says. */
	desired: readonly LoadedDocument[];
	/** Everything in force, whoever declared it. */
	live: readonly DeclaredDocument[];
	/** Whether a source of that name is still there. */
	isSource: (name: string) => boolean;
	nowMs: number;
}

/** The difference between what a source says and what is in force. Pure. */
export function planChanges({ source, desired, live, isSource, nowMs }: PlanInput): Plan {
	const byIdentity = new Map(live.map((found) => [identityOf(found.document), found]));
	const wanted = new Set(desired.map(({ document }) => identityOf(document)));
	const owned = live.filter(({ origin }) => origin?.source === source);
	const conflicts: FileFinding[] = [];
	const edits: PlannedEdit[] = [];
	for (const loaded of desired) {
		const before = byIdentity.get(identityOf(loaded.document));
		const other = before?.origin?.source;
		if (before?.origin !== undefined && other !== source && isSource(before.origin.source)) {
			conflicts.push(conflict(loaded, before.origin));
			continue;
		}
		const edit = editFor(source, loaded, before, nowMs);
		if (edit !== undefined) edits.push(edit);
	}
	for (const before of owned) if (!wanted.has(identityOf(before.document))) edits.push(removal(before));
	const removes = edits.filter(({ action }) => action === 'delete').length;
	return { edits, conflicts, owned: owned.length, removes, needsConfirmation: isALot(removes, owned.length, desired) };
}

const isALot = (removes: number, owned: number, desired: readonly unknown[]): boolean =>
	removes > 0 && (desired.length === 0 || (removes > 3 && removes > owned / 5));

export const identityOf = ({ kind, metadata }: { kind: string; metadata: { name: string } }): string =>
	`${kind} ${metadata.name}`;

function editFor(
	source: string,
	{ document, file, line }: LoadedDocument,
	before: DeclaredDocument | undefined,
	nowMs: number,
): PlannedEdit | undefined {
	const { kind, metadata } = document;
	const edit = (action: PlannedEdit['action'], after: StoredDocument): PlannedEdit => ({
		action,
		kind,
		name: metadata.name,
		before,
		after,
	});
	const origin: Origin = { source, file, line };
	if (before === undefined) return edit('create', { document, origin });
	if (before.origin === undefined) return edit('adopt', { document, origin: { ...origin, adopted: true } });
	const kept = before.origin.adopted === true ? { ...origin, adopted: true as const } : origin;
	if (before.origin.source !== source) return edit('move', { document, origin: kept });
	const { override } = before;
	if (override !== undefined && override.untilMs > nowMs) {
		if (isDeepStrictEqual(override.desired, document)) return undefined;
		return edit('update', { document: before.document, origin: kept, override: { ...override, desired: document } });
	}
	if (override === undefined && isDeepStrictEqual(before.document, document)) return undefined;
	return edit('update', { document, origin: kept });
}

/** What was there before the source is not the source's to delete. */
function removal(before: DeclaredDocument): PlannedEdit {
	const { kind, metadata } = before.document;
	const isReleased = before.origin?.adopted === true;
	return {
		action: isReleased ? 'release' : 'delete',
		kind,
		name: metadata.name,
		before,
		after: isReleased ? { document: before.document } : undefined,
	};
}

const conflict = ({ document, file, line }: LoadedDocument, other: Origin): FileFinding => ({
	file,
	line,
	column: 1,
	level: 'error',
	path: 'metadata.name',
	found: `${identityOf(document)}, which source ${other.source} declares in ${other.file}:${other.line}`,
	expected: 'a name that no other source declares',
});

export const toChange = ({ action, kind, name, before, after }: PlannedEdit): PlannedChange => {
	const origin = after?.origin ?? before?.origin;
	return { action, kind, name, file: origin?.file ?? null, line: origin?.line ?? null };
};

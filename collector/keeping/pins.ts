import type { Pin, PinsAnswer } from '../../schema/api-keeping.ts';
import type { TraceSummary } from '../../schema/api.ts';
import type { TraceId } from '../../schema/span.ts';
import { ProblemError } from '../problem.ts';
import type { StateDocument, StateStore } from '../state/state-store.ts';
import type { DocumentKey } from '../state/state-table.ts';
import type { PinnedTraces } from '../store/keeping/pinned-traces.ts';
import type { ReadScope } from '../store/reader-types.ts';

interface PinsParts {
	state: StateStore;
	traces: PinnedTraces;
	/** Of the copies. */
	bytesOnDisk: () => Promise<number>;
	/** Unix milliseconds. */
	clock: () => number;
}

/** Of a project: a search for the late spans of all of them has to stay small. */
export const MAX_PINS = 1_000;
/** Spans of a pinned trace that arrive within this time of its being pinned are copied too. */
const lateMs = 24 * 3_600_000;

const documentKind = 'pin';
const keyOf = (project: string, traceId: TraceId): DocumentKey => ({ project, kind: documentKind, name: traceId });

/** What a pin's document says beside who made it and when. */
interface PinDocument {
	pinnedMs: number;
	trace: TraceSummary | null;
}

/**
 * Traces that somebody wants to keep. That a trace is pinned is decided in a document, whose history is the audit; the
 * copies follow from it: a crash between the two ends in a copy, made by the next `step`.
 */
export class Pins {
	readonly #parts: PinsParts;

	constructor(parts: PinsParts) {
		this.#parts = parts;
	}

	/** All, or the one of a trace. */
	async list({ project }: ReadScope, traceId?: string): Promise<PinsAnswer> {
		const { state, bytesOnDisk } = this.#parts;
		const found = state.list(project, documentKind);
		const pins = found.filter(({ name }) => traceId === undefined || name === traceId).map(toPin);
		return { pins: pins.sort((a, b) => b.pinnedMs - a.pinnedMs), limit: MAX_PINS, bytesOnDisk: await bytesOnDisk() };
	}

	/** Resolves when the trace is copied. Pinning it again copies what came meanwhile. */
	async pin(scope: ReadScope, traceId: TraceId, author: string): Promise<Pin> {
		const { state, traces, clock } = this.#parts;
		const { project } = scope;
		const known = state.get(keyOf(project, traceId));
		if (known === undefined && state.list(project, documentKind).length >= MAX_PINS) {
			throw new ProblemError(409, 'PINS_FULL', `${MAX_PINS} traces are pinned already; unpin one first`);
		}
		if (!(await traces.isStored(scope, traceId))) {
			throw new ProblemError(404, 'NO_SUCH_TRACE', `no trace ${traceId}: there is nothing to keep`);
		}
		const pinnedMs = known === undefined ? clock() : toPin(known).pinnedMs;
		const decided = { pinnedMs, trace: null } satisfies PinDocument;
		await state.put(keyOf(project, traceId), decided, { author });
		await traces.copy(project, [traceId]);
		const trace = (await traces.summary(scope, traceId)) ?? null;
		return toPin(await state.put(keyOf(project, traceId), { pinnedMs, trace } satisfies PinDocument, { author }));
	}

	/** Resolves when the copies are gone; what the retention still keeps stays. */
	async unpin({ project }: ReadScope, traceId: TraceId, author: string): Promise<void> {
		const { state, traces } = this.#parts;
		if ((await state.delete(keyOf(project, traceId), { author })) === undefined) {
			throw new ProblemError(404, 'NO_SUCH_PIN', `trace ${traceId} is not pinned`);
		}
		await traces.remove(project, [traceId]);
	}

	/** Those of the traces that were pinned are not any more; their copies are deleted by whoever calls this. */
	async forget(project: string, traceIds: ReadonlySet<string>, author: string): Promise<void> {
		const { state } = this.#parts;
		for (const { name } of state.list(project, documentKind))
			if (traceIds.has(name)) await state.delete(keyOf(project, name as TraceId), { author });
	}

	/** Copies what came late of traces that were pinned in the last day. */
	async step(): Promise<boolean> {
		const { state, traces, clock } = this.#parts;
		await traces.refresh();
		const sinceMs = clock() - lateMs;
		const recent = state.all(documentKind).filter((document) => toPin(document).pinnedMs >= sinceMs);
		for (const [project, documents] of Map.groupBy(recent, (document) => document.project)) {
			await traces.copy(
				project,
				documents.map(({ name }) => name as TraceId),
			);
			for (const document of documents) await this.#update(document);
		}
		return false;
	}

	/** A document that says of its trace what the copies do. */
	async #update(document: StateDocument): Promise<void> {
		const { state, traces } = this.#parts;
		const { project, kind, name, version, author } = document;
		const { pinnedMs, trace } = toPin(document);
		const now = (await traces.summary({ project }, name as TraceId)) ?? null;
		if (now === null || now.spanCount === trace?.spanCount) return;
		const changed = { pinnedMs, trace: now } satisfies PinDocument;
		await state.put({ project, kind, name }, changed, { author, expected: version });
	}
}

function toPin({ name, author, value }: StateDocument): Pin {
	const { pinnedMs, trace } = value as PinDocument;
	return { traceId: name, author, pinnedMs, trace };
}

import type { TouchedTrace, TouchedTraces } from '../store/job-types.ts';
import { TraceSlots } from './trace-slots.ts';

const idBytes = 16;

/** A complete trace, and what tells whether it was touched since. */
export interface CompleteTrace extends TouchedTrace {
	slot: number;
	touches: number;
}

/** Traces with new spans, until they are complete: nobody says when a trace ends, so it is when nothing came for a while. */
export class TraceWatch {
	readonly #slots: TraceSlots;
	/** By slot: a number that no touch before had. */
	readonly #touchesOf: Float64Array;
	readonly #quietMs: number;
	readonly #projects: string[] = [];
	readonly #projectNumbers = new Map<string, number>();
	#touches = 0;
	/** Traces that there was no room for. */
	skipped = 0;

	constructor({ most, quietMs }: { most: number; quietMs: number }) {
		this.#slots = new TraceSlots(most);
		this.#touchesOf = new Float64Array(most);
		this.#quietMs = quietMs;
	}

	get size(): number {
		return this.#slots.size;
	}

	touch(traces: TouchedTraces, nowMs: number): void {
		const projects = traces.project.dictionary.map((project) => this.#numberOf(project));
		for (let row = 0; row < traces.rows; row += 1)
			this.#touchRow(traces, row, projects[traces.project.ids[row] as number] as number, nowMs);
	}

	#touchRow(traces: TouchedTraces, row: number, project: number, nowMs: number): void {
		const slots = this.#slots;
		const known = slots.find(project, traces.traceId, row * idBytes);
		if (known === undefined && slots.size >= slots.most) {
			this.skipped += 1;
			return;
		}
		const slot = known ?? slots.add(project, traces.traceId, row * idBytes);
		if (known === undefined) {
			slots.fromMs[slot] = slots.firstCommit[slot] = Infinity;
			slots.toMs[slot] = -Infinity;
			slots.spans[slot] = 0;
		} else slots.putLast(slot);
		slots.putMs[slot] = nowMs;
		slots.fromMs[slot] = Math.min(slots.fromMs[slot] as number, traces.fromMs[row] as number);
		slots.toMs[slot] = Math.max(slots.toMs[slot] as number, traces.toMs[row] as number);
		slots.firstCommit[slot] = Math.min(slots.firstCommit[slot] as number, traces.firstCommit[row] as number);
		(slots.spans[slot] as number) += traces.spans[row] as number;
		this.#touchesOf[slot] = ++this.#touches;
	}

	/** Of whichever project. */
	isAnyComplete(nowMs: number): boolean {
		const { first } = this.#slots;
		return first !== undefined && this.#isQuiet(first, nowMs);
	}

	/**
	 * Complete traces of one project, the one that waits longest first: no more than `maxSpans`, but one at least. Where many
	 * are complete, those with ids near the first one's: spans lie in the order of their traces' ids, so neighbours are read
	 * together, and any other choice would read all that lies between.
	 */
	complete(nowMs: number, maxTraces: number, maxSpans: number): CompleteTrace[] {
		const found: CompleteTrace[] = [];
		let spans = 0;
		for (const slot of this.#neighbours(nowMs, maxTraces)) {
			const ofTrace = this.#slots.spans[slot] as number;
			if (found.length >= maxTraces || (found.length > 0 && spans + ofTrace > maxSpans)) break;
			spans += ofTrace;
			found.push(this.#trace(slot));
		}
		return found;
	}

	/** `traces` were searched; a trace that was touched in between stays. */
	done(traces: readonly CompleteTrace[]): void {
		for (const { slot, touches } of traces) {
			if (this.#touchesOf[slot] !== touches) continue;
			this.#slots.remove(slot);
			this.#touchesOf[slot] = 0;
		}
	}

	/** The first commit that a trace which still waits has spans of; undefined when none waits. */
	oldestCommit(): number | undefined {
		let oldest: number | undefined;
		for (let slot = this.#slots.first; slot !== undefined; slot = this.#slots.after(slot)) {
			const commit = this.#slots.firstCommit[slot] as number;
			oldest = Math.min(oldest ?? commit, commit);
		}
		return oldest;
	}

	/** Of those that are ready about so many whose ids begin like the first one's. Where ids are not random these are only more or fewer. */
	*#neighbours(nowMs: number, about: number): Generator<number> {
		const { first } = this.#slots;
		if (first === undefined) return;
		let ready = 0;
		for (const _ of this.#ready(nowMs)) ready += 1;
		const places = Math.ceil(ready / about);
		const placeOf = (slot: number): number => Math.floor((this.#slots.beginning(slot) / 2 ** 32) * places);
		const place = placeOf(first);
		for (const slot of this.#ready(nowMs)) if (placeOf(slot) === place) yield slot;
	}

	/** All that are complete and of the same project as the one that waits longest, which is the first. */
	*#ready(nowMs: number): Generator<number> {
		const slots = this.#slots;
		const { first } = slots;
		for (let slot = first; slot !== undefined && this.#isQuiet(slot, nowMs); slot = slots.after(slot))
			if (slots.project[slot] === slots.project[first as number]) yield slot;
	}

	#isQuiet(slot: number, nowMs: number): boolean {
		return nowMs - (this.#slots.putMs[slot] as number) >= this.#quietMs;
	}

	#trace(slot: number): CompleteTrace {
		const slots = this.#slots;
		return {
			project: this.#projects[slots.project[slot] as number] as string,
			traceId: slots.traceId(slot),
			fromMs: slots.fromMs[slot] as number,
			toMs: slots.toMs[slot] as number,
			spans: slots.spans[slot] as number,
			firstCommit: slots.firstCommit[slot] as number,
			slot,
			touches: this.#touchesOf[slot] as number,
		};
	}

	#numberOf(project: string): number {
		let number = this.#projectNumbers.get(project);
		if (number === undefined) {
			number = this.#projects.push(project) - 1;
			this.#projectNumbers.set(project, number);
		}
		return number;
	}
}

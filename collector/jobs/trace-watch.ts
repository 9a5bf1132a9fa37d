import type { TouchedTrace } from '../store/job-types.ts';

interface WatchedTrace extends TouchedTrace {
	touchedMs: number;
}

/** Traces with new spans, until they are complete: nobody says when a trace ends, so it is when nothing came for a while. */
export class TraceWatch {
	readonly #traces = new Map<string, WatchedTrace>();
	readonly #most: number;
	readonly #quietMs: number;
	/** Traces that there was no room for. */
	skipped = 0;

	constructor({ most, quietMs }: { most: number; quietMs: number }) {
		this.#most = most;
		this.#quietMs = quietMs;
	}

	get size(): number {
		return this.#traces.size;
	}

	touch(traces: readonly TouchedTrace[], nowMs: number): void {
		for (const trace of traces) {
			const key = `${trace.traceId} ${trace.project}`;
			const known = this.#traces.get(key);
			if (known === undefined && this.#traces.size >= this.#most) {
				this.skipped += 1;
				continue;
			}
			// Put at the end: the map is in order of when a trace was touched last.
			this.#traces.delete(key);
			this.#traces.set(key, known === undefined ? { ...trace, touchedMs: nowMs } : joined(known, trace, nowMs));
		}
	}

	/**
	 * Complete traces of one project, the one that waits longest first: no more than `maxSpans`, but one at least. Where many
	 * are complete, those with ids near the first one's: spans lie in the order of their traces' ids, so neighbours are read
	 * together, and any other choice would read all that lies between.
	 */
	complete(nowMs: number, maxTraces: number, maxSpans: number): TouchedTrace[] {
		const ready = this.#ready(nowMs);
		const found: TouchedTrace[] = [];
		let spans = 0;
		for (const trace of ready.length > maxTraces ? neighbours(ready, maxTraces) : ready) {
			if (found.length >= maxTraces || (found.length > 0 && spans + trace.spans > maxSpans)) break;
			spans += trace.spans;
			found.push(trace);
		}
		return found;
	}

	/** All that are complete and of the same project as the one that waits longest, which is the first. */
	#ready(nowMs: number): WatchedTrace[] {
		const ready: WatchedTrace[] = [];
		for (const trace of this.#traces.values()) {
			if (nowMs - trace.touchedMs < this.#quietMs) break;
			if (trace.project === (ready[0] ?? trace).project) ready.push(trace);
		}
		return ready;
	}

	/** `traces` were searched; a trace that was touched in between stays. */
	done(traces: readonly TouchedTrace[]): void {
		for (const trace of traces) {
			const key = `${trace.traceId} ${trace.project}`;
			if (this.#traces.get(key) === trace) this.#traces.delete(key);
		}
	}

	/** The first commit that a trace which still waits has spans of; undefined when none waits. */
	oldestCommit(): number | undefined {
		let oldest: number | undefined;
		for (const { firstCommit } of this.#traces.values()) oldest = Math.min(oldest ?? firstCommit, firstCommit);
		return oldest;
	}
}

const joined = (known: TouchedTrace, trace: TouchedTrace, touchedMs: number): WatchedTrace => ({
	...trace,
	touchedMs,
	fromMs: Math.min(known.fromMs, trace.fromMs),
	toMs: Math.max(known.toMs, trace.toMs),
	spans: known.spans + trace.spans,
	firstCommit: Math.min(known.firstCommit, trace.firstCommit),
});

/** About so many whose ids begin like the first one's. Ids are random as a rule; where they are not, these are only more or fewer. */
function neighbours(traces: readonly WatchedTrace[], about: number): WatchedTrace[] {
	const [first] = traces;
	if (first === undefined) return [];
	const places = Math.ceil(traces.length / about);
	const placeOf = ({ traceId }: WatchedTrace): number =>
		Math.floor((parseInt(traceId.slice(0, 8), 16) / 2 ** 32) * places);
	const place = placeOf(first);
	return traces.filter((trace) => placeOf(trace) === place);
}

import type { TraceColumns } from '../../schema/trace-columns.ts';

const NONE = new Float64Array(0);
/** Rows whose stretches are remembered: a few screens full. */
const MAX_REMEMBERED = 1024;

/** Parts of a span's time, as pairs of nanoseconds from and to, in order. */
export class Stretches {
	readonly #trace: TraceColumns;
	readonly #segmentsOf = new Map<number, number[]>();
	readonly #critical = new Map<number, Float64Array>();
	readonly #covered = new Map<number, Float64Array>();

	constructor(trace: TraceColumns) {
		this.#trace = trace;
		trace.pathRow.forEach((row, segment) => {
			const segments = this.#segmentsOf.get(row);
			if (segments === undefined) this.#segmentsOf.set(row, [segment]);
			else segments.push(segment);
		});
	}

	/** When the span was on the critical path. */
	critical(row: number): Float64Array {
		const segments = this.#segmentsOf.get(row);
		if (segments === undefined) return NONE;
		const known = this.#critical.get(row);
		if (known !== undefined) return known;
		// The path is told from its end backwards.
		const found = Float64Array.from(
			segments
				.toReversed()
				.flatMap((segment) => [this.#trace.pathFrom[segment] ?? 0, this.#trace.pathTo[segment] ?? 0]),
		);
		if (this.#critical.size >= MAX_REMEMBERED) this.#critical.clear();
		this.#critical.set(row, found);
		return found;
	}

	/** When at least one child ran. */
	covered(row: number): Float64Array {
		const known = this.#covered.get(row);
		if (known !== undefined) return known;
		const found = this.#findCovered(row);
		if (this.#covered.size >= MAX_REMEMBERED) this.#covered.clear();
		this.#covered.set(row, found);
		return found;
	}

	#findCovered(row: number): Float64Array {
		const { end } = this.#trace;
		const [from, to] = this.#times(row);
		const pairs: number[] = [];
		const last = end[row] ?? 0;
		let until = from;
		for (let child = row + 1; child < last; child = end[child] ?? last) {
			const [start, stop] = this.#times(child);
			const childFrom = Math.max(start, until);
			const childTo = Math.min(stop, to);
			if (childTo <= childFrom) continue;
			if (childFrom === until && pairs.length > 0) pairs[pairs.length - 1] = childTo;
			else pairs.push(childFrom, childTo);
			until = childTo;
		}
		return pairs.length === 0 ? NONE : Float64Array.from(pairs);
	}

	#times(row: number): [from: number, to: number] {
		const from = this.#trace.start[row] ?? 0;
		return [from, from + (this.#trace.duration[row] ?? 0)];
	}
}

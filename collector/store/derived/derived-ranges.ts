/** More than a minute of them: a range has 400,000 spans, or what came in ten seconds. */
const maxRanges = 64;

interface Range {
	/** Its last commit. */
	upTo: number;
	/** When the last of its spans ended. */
	latestMs: number;
}

/** The last ranges of commits that a table was derived by, for windows that end now: those before their end hold as they are. */
export class DerivedRanges {
	readonly #ranges: Range[] = [];
	/** All that came before those. */
	#earlier: Range;
	readonly #knownFromMs: number;

	/** `knownFromMs`: of what was derived before this process, only spans that ended since then are accounted for in `earlier`. */
	constructor(earlier: Range, knownFromMs: number) {
		this.#earlier = earlier;
		this.#knownFromMs = knownFromMs;
	}

	add(range: Range): void {
		this.#ranges.push(range);
		if (this.#ranges.length <= maxRanges) return;
		const [oldest = range] = this.#ranges.splice(0, 1);
		this.#earlier = { upTo: oldest.upTo, latestMs: Math.max(oldest.latestMs, this.#earlier.latestMs) };
	}

	/** Where the range ends that has a commit; undefined where there is none yet. Of the oldest it is a later end, of another range. */
	endOf(commit: number): number | undefined {
		return this.#ranges.find(({ upTo }) => upTo >= commit)?.upTo;
	}

	/** The last range that has, like all before it, no span that ended at `toMs` or later; 0 where that isn't known of the first. */
	lastBefore(toMs: number): number {
		if (toMs < this.#knownFromMs || this.#earlier.latestMs >= toMs) return 0;
		const beyond = this.#ranges.findIndex(({ latestMs }) => latestMs >= toMs);
		const held = beyond === -1 ? this.#ranges.at(-1) : this.#ranges[beyond - 1];
		return (held ?? this.#earlier).upTo;
	}
}

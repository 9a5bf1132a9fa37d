import { SPAN_KINDS } from '../../schema/span.ts';

export interface SpansWithClocks {
	/** Every span after its parent. */
	topDown: Uint32Array;
	parent: Int32Array;
	start: Float64Array;
	duration: Float64Array;
	kind: Uint8Array;
	/** Whose clock it is. Spans of one clock are never moved against each other along a branch. */
	clock: Uint32Array;
}

const CONSUMER = SPAN_KINDS.indexOf('consumer');

/**
 * What to add to each span's start so that calls fit inside their callers. The rule is Jaeger's
 * (`internal/adjuster/clockskew.go`): where a branch changes clocks, its first span is centred in its parent, as if the
 * way there took as long as the way back, and the rest of that clock's spans move along.
 */
export function clockSkew(spans: SpansWithClocks): Float64Array {
	const skew = new Float64Array(spans.parent.length);
	for (const span of spans.topDown) {
		const parent = spans.parent[span] ?? -1;
		if (parent < 0) continue;
		const above = skew[parent] ?? 0;
		skew[span] = spans.clock[span] === spans.clock[parent] ? above : skewAgainst(spans, span, parent, above);
	}
	return skew;
}

function skewAgainst(spans: SpansWithClocks, span: number, parent: number, parentSkew: number): number {
	const parentStart = (spans.start[parent] ?? 0) + parentSkew;
	const parentDuration = spans.duration[parent] ?? 0;
	const start = spans.start[span] ?? 0;
	const duration = spans.duration[span] ?? 0;
	// A consumer may well start after its producer has ended, and whatever outlasts its parent wasn't waited for: all
	// that is known of these is that they didn't begin before it.
	if (spans.kind[span] === CONSUMER || duration > parentDuration) return Math.max(0, parentStart - start);
	if (start >= parentStart && start + duration <= parentStart + parentDuration) return 0;
	return parentStart + Math.floor((parentDuration - duration) / 2) - start;
}

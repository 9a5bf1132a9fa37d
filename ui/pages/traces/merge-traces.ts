import type { TraceSummary } from '../../../schema/api.ts';

/** What is told newly in front of what is known: a trace told again takes its own place. Newest end first, at most `limit`. */
export function mergeTraces(
	told: readonly TraceSummary[],
	known: readonly TraceSummary[],
	limit = Number.POSITIVE_INFINITY,
): TraceSummary[] {
	const byId = new Map(known.map((trace) => [trace.traceId, trace]));
	for (const trace of told) byId.set(trace.traceId, trace);
	const newestFirst = (a: TraceSummary, b: TraceSummary): number =>
		b.endMs - a.endMs || (a.traceId < b.traceId ? 1 : a.traceId > b.traceId ? -1 : 0);
	return [...byId.values()].sort(newestFirst).slice(0, limit);
}

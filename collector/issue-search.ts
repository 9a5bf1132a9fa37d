import { findingsOf } from './jobs/finding-rows.ts';
import type { SearchAnswer, SearchJob } from './jobs/search-traces.ts';
import { releaseMemory } from './release-memory.ts';
import { searchedTraces } from './store/issues/finding-spans.ts';
import { readNative } from './store/native/native-reader.ts';

/** Looks for performance issues in spans as the store hands them over, whose memory is given back. */
export function searchForIssues({ spans, limit, analysedMs }: SearchJob): SearchAnswer {
	const table = readNative(Buffer.from(spans.buffer, spans.byteOffset, spans.byteLength));
	releaseMemory(spans);
	if (table.rows > limit) return undefined;
	const traces = searchedTraces(table);
	return { traces: traces.length, found: traces.flatMap((trace) => findingsOf(trace, analysedMs)) };
}

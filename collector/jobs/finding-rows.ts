import { findPerformanceIssues } from '../analysis/issues/find-performance-issues.ts';
import type { Finding } from '../analysis/issues/trace-calls.ts';
import { arrangeTrace } from '../analysis/span-tree.ts';
import type { TraceColumns } from '../../schema/trace-columns.ts';
import type { FindingRow, SharedFacts, TraceToSearch } from '../store/job-types.ts';
import { issueNumber } from './issue-id.ts';

/** What a trace says, one row an issue: places of the same kind are added up, and the first is where to look. */
export function findingsOf({ traceId, spans, facts }: TraceToSearch, analysedMs: number): FindingRow[] {
	const trace = arrangeTrace(spans);
	const rows = new Map<string, FindingRow>();
	for (const finding of findPerformanceIssues({ trace, facts })) {
		const own = facts[trace.name[finding.row] ?? 0];
		if (own === undefined) continue;
		const row = { traceId, analysedMs, ...rowOf(trace, finding, own) };
		const known = rows.get(row.issue);
		rows.set(row.issue, known === undefined ? row : added(known, row));
	}
	return [...rows.values()];
}

function rowOf(trace: TraceColumns, finding: Finding, own: SharedFacts): Omit<FindingRow, 'traceId' | 'analysedMs'> {
	const { namespace, serviceName, environment, version } = own;
	const { kind, operation, subject, wastedNano, row, rows } = finding;
	return {
		kind,
		operation,
		subject,
		issue: issueNumber(kind, namespace, serviceName, operation, subject),
		namespace,
		serviceName,
		environment,
		version,
		timeMs: endMs(trace, finding.parent),
		spanId: (trace.id[row] ?? 0n).toString(16).padStart(16, '0'),
		places: 1,
		spans: rows.length,
		wastedNano: Math.round(wastedNano),
		gone: false,
	};
}

function endMs({ baseUnixNano, start, duration }: TraceColumns, row: number): number {
	const nano = Math.round((start[row] ?? 0) + (duration[row] ?? 0));
	return Number((baseUnixNano + BigInt(nano)) / 1_000_000n);
}

const added = (first: FindingRow, other: FindingRow): FindingRow => ({
	...first,
	places: first.places + other.places,
	spans: first.spans + other.spans,
	wastedNano: first.wastedNano + other.wastedNano,
});

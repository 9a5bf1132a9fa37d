import type { BucketDeriver } from './buckets/bucket-deriver.ts';
import { createChangeReader } from './counts/change-reader.ts';
import type { ChangeReader } from './counts/change-reader.ts';
import { createServiceCallsReader } from './map/calls-of-service.ts';
import type { ServiceCallsReader } from './map/calls-of-service.ts';
import type { ClickHouse } from './engine/clickhouse.ts';
import { createCompletionReader } from './search/completion-reader.ts';
import type { CompletionReader } from './search/completion-reader.ts';
import type { QueryReader } from './database/query-filter.ts';
import { createQueryReader } from './database/query-reader.ts';
import type { Deriver } from './derived/deriver.ts';
import type { InsertCounts } from './derived/insert-counts.ts';
import { QUERY_MINUTES } from './derived/query-minutes.ts';
import { RED_HOURS, RED_MINUTES } from './derived/red-minutes.ts';
import { SERVICE_HOURS, SERVICE_MINUTES } from './derived/service-minutes.ts';
import { SERVICE_VERSIONS } from './derived/service-versions.ts';
import { createDifferenceReader } from './search/difference-reader.ts';
import type { DifferenceReader } from './search/difference-reader.ts';
import { createIngestReader } from './ingest-reader.ts';
import type { IngestReader } from './ingest-reader.ts';
import { createIssueReader } from './issues/issue-reader.ts';
import type { IssueReader } from './issues/issue-types.ts';
import type { PinnedTraces } from './keeping/pinned-traces.ts';
import { createLiveReader } from './search/live-reader.ts';
import type { LiveReader } from './search/live-reader.ts';
import { createLogReader } from './traces/log-reader.ts';
import { createOperationPathReader } from './traces/operation-path-reader.ts';
import type { OperationPathReader } from './traces/operation-path-reader.ts';
import { ReadBudget } from './read-budget.ts';
import type { LogReader, RedReader, TraceReader } from './reader-types.ts';
import { createRedReader } from './counts/red-reader.ts';
import type { RedMarks } from './counts/red-source.ts';
import { createSearchReaders } from './search-readers.ts';
import type { SearchReaders } from './search-readers.ts';
import { createServiceMapReader } from './map/service-map-reader.ts';
import type { ServiceMapReader } from './map/service-map-reader.ts';
import { createSpanRankReader } from './counts/span-rank-reader.ts';
import type { SpanRankReader } from './counts/span-rank-reader.ts';
import { createTraceCountReader } from './search/trace-count-reader.ts';
import type { TraceCountReader } from './search/trace-count-reader.ts';
import { createTraceReader } from './traces/trace-reader.ts';

/** What people ask of spans, logs, and what is counted from them. */
export interface PeopleReaders extends SearchReaders {
	red: RedReader;
	live: LiveReader;
	difference: DifferenceReader;
	completion: CompletionReader;
	traces: TraceReader;
	spanRanks: SpanRankReader;
	traceCounts: TraceCountReader;
	operationPaths: OperationPathReader;
	changes: ChangeReader;
	logs: LogReader;
	ingest: IngestReader;
	issues: IssueReader;
	queries: QueryReader;
	serviceMap: ServiceMapReader;
	serviceCalls: ServiceCallsReader;
}

interface Parts {
	/** Can be a user that only reads. */
	people: ClickHouse;
	/** For the changes that people tell. */
	clickhouse: ClickHouse;
	untilReady: () => Promise<void>;
	pinned: PinnedTraces;
	deriver: Deriver;
	counts: InsertCounts;
	buckets: BucketDeriver;
}

export function redMarksOf(deriver: Deriver, counts?: InsertCounts): RedMarks {
	const minutes = deriver.mark(SERVICE_MINUTES.name);
	const waiting = counts === undefined ? {} : { waiting: (project: string) => counts.waiting(project, minutes) };
	return {
		minutes: deriver.mark(RED_MINUTES.name),
		hours: deriver.mark(RED_HOURS.name),
		services: { minutes, hours: deriver.mark(SERVICE_HOURS.name), ...waiting },
		versions: deriver.mark(SERVICE_VERSIONS.name),
	};
}

export function openPeopleReaders(parts: Parts): PeopleReaders {
	const { people, clickhouse, untilReady, pinned, deriver, counts, buckets } = parts;
	const redMarks = () => redMarksOf(deriver, counts);
	const minutesMark = () => deriver.mark(RED_MINUTES.name);
	const budget = new ReadBudget(people);
	return {
		...createSearchReaders(people, redMarks, budget),
		red: createRedReader(people, redMarks),
		live: createLiveReader(people),
		difference: createDifferenceReader(people),
		completion: createCompletionReader(people),
		traces: createTraceReader(people, pinned),
		spanRanks: createSpanRankReader(people, redMarks),
		traceCounts: createTraceCountReader(people),
		operationPaths: createOperationPathReader(people),
		changes: createChangeReader(people, clickhouse, redMarks, untilReady),
		logs: createLogReader(people, pinned),
		ingest: createIngestReader(people, minutesMark),
		issues: createIssueReader(people, () => deriver.mark('exceptions')),
		queries: createQueryReader(people, buckets, () => deriver.mark(QUERY_MINUTES.name)),
		serviceCalls: createServiceCallsReader(people, buckets, minutesMark),
		serviceMap: createServiceMapReader(people, buckets, redMarks, budget),
	};
}

import { Hono } from 'hono';
import type { CompletionReader } from '../store/search/completion-reader.ts';
import type { ChangeReader } from '../store/counts/change-reader.ts';
import type { DifferenceReader } from '../store/search/difference-reader.ts';
import type { FacetReader } from '../store/search/facet-reader.ts';
import type { OperationPathReader } from '../store/traces/operation-path-reader.ts';
import type { SeriesReader } from '../store/counts/series-reader.ts';
import type { Alerting } from '../alerting/alerting.ts';
import type { Objectives } from '../alerting/objectives-service.ts';
import type { OpenAlerting } from '../alerting/open-alerting.ts';
import { alertRoutes } from './alerts.ts';
import type { Access } from '../access/access.ts';
import { accessRoutes } from './access/access-routes.ts';
import type { AccessSources } from './access/access-routes.ts';
import type { Log } from '../log.ts';
import { attributeRoutes } from './attributes.ts';
import { changeRoutes } from './changes.ts';
import { deployRoutes } from './deploys.ts';
import { databaseRoutes } from './database.ts';
import { differenceRoutes } from './difference.ts';
import type { LogReader, MeasureReader, RedReader, SearchReader, TraceReader } from '../store/reader-types.ts';
import { measureRoutes } from './measures.ts';
import type { QueryReader } from '../store/database/query-filter.ts';
import type { ServiceCallsReader } from '../store/map/calls-of-service.ts';
import type { ServiceMapReader } from '../store/map/service-map-reader.ts';
import { issueRoutes } from './issues.ts';
import type { IssueSources } from './issue-sources.ts';
import { firingRoutes } from './firings.ts';
import { ingestRoutes } from './ingest.ts';
import type { IngestSources } from './ingest.ts';
import { keepingRoutes } from './keeping.ts';
import type { KeepingSources } from './keeping.ts';
import type { LiveFeed } from './live/live-feed.ts';
import { liveRoutes } from './live/live.ts';
import type { ArrangeTrace } from './arrange-trace.ts';
import type { NotifySources } from '../alerting/notify/open-notify.ts';
import { notifyRoutes } from './notify.ts';
import { objectiveRoutes } from './objectives.ts';
import { openApiDocument } from './openapi.ts';
import { documentRoutes } from './config.ts';
import { sourceRoutes } from './config-sources.ts';
import type { SourceRouteParts } from './config-sources.ts';
import { operationPathRoutes } from './operation-path.ts';
import { mount } from './route.ts';
import type { AccessCheck, Route } from './route.ts';
import { searchRoutes } from './search.ts';
import { serviceMapRoutes } from './service-map.ts';
import { serviceRoutes } from './services.ts';
import { spanRankRoutes } from './span-rank.ts';
import type { SpanRankReader } from '../store/counts/span-rank-reader.ts';
import { storageRoutes } from './storage.ts';
import type { StorageSources } from './storage.ts';
import { statusRoutes } from './status.ts';
import type { StatusSources } from './status.ts';
import { traceCountRoutes } from './trace-count.ts';
import type { TraceCountReader } from '../store/search/trace-count-reader.ts';
import { traceLogRoutes } from './trace-logs.ts';
import { traceRoutes } from './traces.ts';
import { viewRoutes } from './views.ts';

export interface ApiParts
	extends StatusSources, IssueSources, IngestSources, KeepingSources, StorageSources, SourceRouteParts {
	red: RedReader;
	search: SearchReader;
	live: LiveFeed;
	difference: DifferenceReader;
	facets: FacetReader;
	measures: MeasureReader;
	series: SeriesReader;
	completion: CompletionReader;
	traces: TraceReader;
	/** Arranges the spans of a trace; large ones in a thread. */
	arrange: ArrangeTrace;
	spanRanks: SpanRankReader;
	traceCounts: TraceCountReader;
	logs: LogReader;
	operationPaths: OperationPathReader;
	queries: QueryReader;
	serviceMap: ServiceMapReader;
	serviceCalls: ServiceCallsReader;
	changes: ChangeReader;
	alerting: Alerting;
	access: Access;
	addressOf: AccessSources['addressOf'];
	dropProject: AccessSources['dropProject'];
	log: Log;
	objectives: Objectives;
	notify: NotifySources;
	askGate: OpenAlerting['askGate'];
	version: string;
	check: AccessCheck;
}

/** The one table of endpoints: router, access check and OpenAPI document are made from it. */
export function apiRoutes(parts: ApiParts): Route[] {
	return [
		...serviceRoutes(parts.red, parts.status, parts.clock),
		...operationPathRoutes(parts.operationPaths, parts.red, parts.clock),
		...changeRoutes(parts.changes, parts.red, parts.clock),
		...deployRoutes(parts),
		...searchRoutes(parts.search, parts.clock),
		...liveRoutes(parts.live),
		...attributeRoutes(parts.facets, parts.completion, parts.clock),
		...differenceRoutes(parts.difference, parts.clock),
		...measureRoutes(parts.measures, parts.series, parts.clock),
		...traceRoutes(parts.traces, parts.arrange),
		...spanRankRoutes(parts.traces, parts.spanRanks),
		...traceCountRoutes(parts.traceCounts),
		...traceLogRoutes(parts.logs),
		...issueRoutes(parts),
		...viewRoutes(parts.state),
		...accessRoutes(parts),
		...documentRoutes(parts.documents, parts.clock),
		...sourceRoutes(parts),
		...databaseRoutes(parts.queries, parts.red, parts.clock),
		...serviceMapRoutes(parts.serviceMap, parts.red, parts.clock),
		...keepingRoutes(parts),
		...alertRoutes(parts.alerting, parts.clock),
		...firingRoutes(parts.alerting, parts.notify, parts.clock),
		...storageRoutes(parts),
		...objectiveRoutes(parts.objectives, parts.askGate),
		...notifyRoutes(parts.notify),
		...ingestRoutes(parts),
		...statusRoutes(parts),
	];
}

/** Everything under `/api/v1`. */
export function createApi(parts: ApiParts): Hono {
	const routes = apiRoutes(parts);
	const document = openApiDocument(routes, parts.version);
	const api = new Hono();
	api.use('*', async (c, next) => {
		await next();
		c.header('cache-control', 'no-store');
		c.header('x-content-type-options', 'nosniff');
	});
	mount(api, routes, parts.check);
	return api.get('/openapi.json', (c) => c.json(document));
}

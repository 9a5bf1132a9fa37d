import { Hono } from 'hono';
import { arrangeInPlace } from './arrange-trace.ts';
import { expect, test } from 'vitest';
import { traceSummarySchema } from '../../schema/api.ts';
import { Access } from '../access/access.ts';
import { readConfig } from '../config.ts';
import { silentLog } from '../log.ts';
import { ProblemError } from '../problem.ts';
import { StateStore } from '../state/state-store.ts';
import type { OperationPathReader } from '../store/traces/operation-path-reader.ts';
import type { MeasureReader, RedReader, SearchReader, StatusReader, TraceReader } from '../store/reader-types.ts';
import { desiredWorld } from '../../test/support/desired-world.ts';
import { apiRoutes, createApi } from './api.ts';
import type { ApiParts } from './api.ts';
import { LiveFeed } from './live/live-feed.ts';
import { problemResponse } from './problem-response.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';

const now = 1_700_000_000_000;
const asked: unknown[] = [];

/** Readers that remember what they were asked: the routes' own work is reading requests and writing answers. */
const red: RedReader = {
	services: async (scope, filter) => (asked.push(['services', scope, filter]), []),
	environments: async () => ['prod'],
	namespacesOf: async (_, service) => (service === 'twice' ? ['a', 'b'] : service === 'once' ? ['shop'] : []),
	operations: async (scope, service) => (asked.push(['operations', scope, service]), { operations: [] }),
	red: async (scope, service, filter) => (asked.push(['red', scope, service, filter]), { points: [], before: [] }),
	newVersions: async () => ({ versions: [{ version: '2', environment: 'prod', firstSeenMs: now }], total: 3 }),
	operationSights: async (scope, service) => (asked.push(['operationSights', scope, service]), { operations: [] }),
	instances: async (scope, service) => (asked.push(['instances', scope, service]), { instances: [] }),
};
const search: SearchReader = {
	traces: async (scope, query, page) => (
		asked.push(['traces', scope, query, page]),
		{ traces: [], nextCursor: 'next' }
	),
	spans: async () => ({ spans: [] }),
	count: async () => ({ spans: 3, traces: 2 }),
};
const measures: MeasureReader = {
	latencyHistogram: async (scope, query, stepMs) => (
		asked.push(['latencyHistogram', scope, query.where, stepMs]),
		{ points: [{ tMs: now, buckets: [5], requests: [2], errors: [1] }] }
	),
};
const traces: TraceReader = {
	spans: async () => undefined,
	otlp: async () => {
		throw new ProblemError(503, 'STORE_UNAVAILABLE', 'ClickHouse does not answer');
	},
	span: async () => {
		throw new Error('secret detail');
	},
};
const operationPaths: OperationPathReader = {
	bounds: async () => ({ typical: { fromNano: 4, toNano: 6 }, slow: { fromNano: 9, toNano: 10 } }),
	choose: async () => [],
	traces: async function* () {},
};
const status: StatusReader = {
	spans: async () => ({ rows: 1, bytesOnDisk: 2, oldestMs: 3, newestMs: 4 }),
	newestMs: async () => now,
	ping: async () => {},
};
const collectorStatus: ReturnType<ApiParts['describe']> = {
	version: '1.2.3',
	store: { kind: 'embedded', ready: false, reason: 'starting', version: '' },
	ingest: {
		requests: 0,
		spansReceived: 0,
		spansStored: 0,
		spansRejected: {},
		logs: { exceptions: 0, correlated: 0, rejected: {} },
		lastRequestMs: null,
		lastAcceptedMs: null,
		lastService: null,
		recentFailures: [],
		redactions: [],
	},
	spool: {
		ack: 'spool',
		bytes: 0,
		maxBytes: 1_000_000,
		spans: 0,
		oldestAgeMs: null,
		holdMs: 0,
		postponedRequests: 0,
		postponedSpans: 0,
		mostParts: null,
		insertDistanceMs: 0,
		insertsPaused: false,
		quarantinedSpans: 0,
		refusedSpans: 0,
		repeatedRequests: 0,
		fillBytesPerSecond: 0,
		drainBytesPerSecond: 0,
		fullInMs: null,
	},
	watermarkMs: 5,
	logSpool: {
		bytes: 0,
		maxBytes: 0,
		records: 0,
		storedRecords: 0,
		postponedRecords: 0,
		quarantinedRecords: 0,
		refusedRecords: 0,
	},
	derived: { spansWaiting: 0, lagMs: 0, failure: null },
	endpoints: { otlpHttp: 'http://127.0.0.1:4318', otlpGrpc: '127.0.0.1:4317', ui: 'http://127.0.0.1:4319' },
	disk: { maxBytes: 20, usedBytes: 10, freeBytes: 60, totalBytes: 100 },
	retention: { configured: '7d', expectedReachMs: null, limitedBy: null },
	configuration: [],
};
/** Their routes are tried with the store: test/integration/alerting/. */
const alerts = { notify: {} } as Pick<ApiParts, 'alerting' | 'objectives' | 'askGate' | 'notify'>;
const state = await StateStore.open({
	clock: () => now,
	table: new MemoryTable(),
});
const nobodyAsks = (): never => {
	throw new Error('nobody asks');
};
const live = new LiveFeed({
	reader: { recent: async () => [], summaries: async () => [] },
	storedSpans: () => 0,
	clock: () => now,
	metrics: { liveFollowers: { set: () => {} }, liveDropped: { inc: () => {} } },
	log: silentLog,
});
const pinsAsked: (string | undefined)[] = [];
const parts: ApiParts = {
	access: new Access({
		policy: readConfig([], {}),
		state,
		uiUrl: () => 'http://127.0.0.1:4319',
		peerOf: () => '',
		clock: () => now,
		log: silentLog,
	}),
	addressOf: () => '',
	dropProject: nobodyAsks,
	log: silentLog,
	red,
	search,
	live,
	difference: { compare: async () => ({ selected: 0, rest: 0, keys: [], matching: 0 }) },
	facets: { facets: async () => ({ facets: [] }) },
	measures,
	series: {
		series: async (scope, question) => (
			asked.push(['series', scope, question]),
			{ unit: 'nanoseconds', groups: [{ values: ['gold'], requests: 5, value: 7, points: [] }] }
		),
	},
	completion: {
		keys: async ({ window }) => ({ window, keys: [], others: 0 }),
		values: async ({ window }) => ({ window, values: [], others: 0 }),
	},
	traces,
	spanRanks: { rank: async () => ({ requests: 0, spans: 0, quicker: 0 }) },
	traceCounts: { spans: async (scope, traceId) => (asked.push(['traceCounts', scope, traceId]), 7) },
	...alerts,
	pins: {
		list: async (_, traceId) => {
			pinsAsked.push(traceId);
			return { pins: [], limit: 1_000, bytesOnDisk: 0 };
		},
		pin: async (_, traceId, author) => ({ traceId, author, pinnedMs: now, trace: null }),
		unpin: async () => {},
	},
	storage: { describe: async () => nobodyAsks(), predict: async () => nobodyAsks() },
	deletions: {
		dryRun: async () => nobodyAsks(),
		request: async () => nobodyAsks(),
		list: () => ({ deletions: [] }),
		get: () => nobodyAsks(),
	},
	ingest: { services: async () => ({ services: [], of: 0 }) },
	countIngest: () => ({ sinceMs: 0, rejections: [], marks: {}, droppedAttributes: 0, disk: null }),
	logs: { ofTrace: async () => ({ logs: [], truncated: false }) },
	...(await desiredWorld({ state })),
	operationPaths,
	queries: {
		list: async () => ({
			queries: [],
			groups: 0,
			totalNano: 0,
			systems: [],
			systemsOf: 0,
			pendingBuckets: 0,
			buckets: 12,
		}),
		before: async () => [],
		newSince: async () => ({ queries: [], total: 0 }),
		detail: async () => undefined,
	},
	serviceCalls: {
		calls: async () => ({ calls: [], edges: 0, pendingBuckets: 0, buckets: 12 }),
		countedTo: async ({ window }) => window.toMs,
		services: async () => ({ names: [], total: 0 }),
	},
	serviceMap: {
		edges: async ({ window }) => ({
			window,
			edges: [],
			services: [],
			edgesFound: 0,
			servicesFound: 0,
			pendingBuckets: 0,
			buckets: 12,
		}),
		edgesOfTraces: async ({ window }) => ({
			window,
			edges: [],
			services: [],
			edgesFound: 0,
			servicesFound: 0,
			traces: 0,
		}),
	},
	changes: {
		versions: async () => ({ versions: [], total: 0 }),
		told: async () => ({ changes: [], total: 0 }),
		flags: async () => ({ sights: [], found: 0, unread: 0, beyond: 0 }),
		tell: async (_, change) => ({ ...change, id: 'told' }),
		sides: async () => {
			throw new Error('nobody asks');
		},
	},
	issues: {
		issues: async () => ({ groups: [], total: 0 }),
		ofVersion: async () => ({ groups: [], total: 0 }),
		issue: async () => undefined,
		services: async () => ({ names: [], total: 0 }),
		seen: async () => new Map(),
		details: async () => ({
			operations: [],
			environments: [],
			versions: [],
			messages: [],
			of: { operations: 0, environments: 0, versions: 0, messages: 0 },
			members: [],
		}),
		deploys: async () => ({ deploys: [], total: 0 }),
		occurrences: async () => [],
		ofTrace: async () => ({ issueIds: [], total: 0 }),
		versions: async () => new Map(),
	},
	analysed: () => ({ tracesAnalysed: 0, tracesSkipped: 0, tracesWaiting: 0 }),
	arrange: async (job) => arrangeInPlace(job),
	status,
	version: '1.2.3',
	clock: () => now,
	check: (_, { role }) => {
		if (role === 'editor') throw new ProblemError(403, 'NOT_ALLOWED', 'editors only');
	},
	describe: () => collectorStatus,
	sendTestSpan: async () => ({ traceId: '1'.repeat(32), endMs: now }),
};
const app = new Hono();
app.onError((error, c) => problemResponse(c, error, silentLog));
app.route('/', createApi(parts));

async function get(path: string): Promise<{ status: number; body: Record<string, unknown>; type: string | null }> {
	const answer = await app.request(path);
	return {
		status: answer.status,
		body: (await answer.json()) as Record<string, unknown>,
		type: answer.headers.get('content-type'),
	};
}

test('a window, an environment and a project reach the reader', async () => {
	const { body } = await get('/services?from=now-2h&env=prod&project=shop');
	expect(body).toMatchObject({
		window: { fromMs: now - 7_200_000, toMs: now },
		environments: ['prod'],
		lastSpanMs: now,
	});
	expect(asked.at(-1)).toMatchObject(['services', { project: 'shop', environment: 'prod' }, { stepMs: 300_000 }]);
});

test('a list of a quarter of an hour counts by minutes, which are derived; one of minutes by seconds', async () => {
	await get('/services?from=now-15m');
	expect(asked.at(-1)).toMatchObject(['services', {}, { stepMs: 60_000 }]);
	await get('/services?from=now-5m');
	expect(asked.at(-1)).toMatchObject(['services', {}, { stepMs: 10_000 }]);
});

test('what a window is compared with reaches the reader: what lies before it, unless another is asked for', async () => {
	for (const path of ['/services', '/operations?service=once', '/red?service=once']) {
		await get(path);
		expect(asked.at(-1)).toHaveProperty([1, 'comparison'], 'prev');
		await get(`${path}${path.includes('?') ? '&' : '?'}compare=7d`);
		expect(asked.at(-1)).toHaveProperty([1, 'comparison'], '7d');
	}
	expect(await get('/services?compare=8d')).toMatchObject({ status: 400, body: { code: 'BAD_PARAMETER' } });
});

test('a service is found by its bare name, and by namespace and name in a path', async () => {
	await get('/operations?service=once');
	expect(asked.at(-1)).toMatchObject(['operations', {}, { service: 'once', namespace: 'shop' }]);
	await get('/services/b%2Ftwice/operations');
	expect(asked.at(-1)).toMatchObject(['operations', {}, { service: 'twice', namespace: 'b' }]);
});

test('a bare name in two namespaces is refused with both', async () => {
	expect(await get('/red?service=twice')).toMatchObject({
		status: 400,
		type: 'application/problem+json',
		body: { code: 'AMBIGUOUS_SERVICE', detail: 'twice is in several namespaces: a/twice, b/twice' },
	});
});

test('the spans of a trace are counted in a window that is not endless', async () => {
	const path = `/traces/${'1'.repeat(32)}/count`;
	expect(await get(`${path}?from=1000&to=2000&project=shop`)).toMatchObject({ status: 200, body: { spans: 7 } });
	const scope = { project: 'shop', window: { fromMs: 1_000, toMs: 2_000 } };
	expect(asked.at(-1)).toMatchObject(['traceCounts', scope, '1'.repeat(32)]);
	expect(await get(`${path}?from=2000&to=1000`)).toMatchObject({ status: 400, body: { code: 'BAD_WINDOW' } });
	expect(await get(`${path}?from=0&to=700000000`)).toMatchObject({ status: 400, body: { code: 'BAD_WINDOW' } });
	expect(await get(path)).toMatchObject({ status: 400 });
});

test('a step that would make too many points is refused', async () => {
	expect(await get('/red?service=once&from=now-7d&step=1s')).toMatchObject({ status: 400, body: { code: 'BAD_STEP' } });
	await get('/red?service=once&operation=GET%20%2F&kind=server&step=30s');
	expect(asked.at(-1)).toMatchObject(['red', {}, {}, { stepMs: 30_000, operation: 'GET /', kind: 'server' }]);
});

test('a threshold of Apdex is moved to the edge of a bucket, and the answer says to which', async () => {
	const { body } = await get('/services?apdex=500ms&spans=all');
	expect(asked.at(-1)).toMatchObject(['services', {}, { spans: 'all', apdexBucket: 924 }]);
	expect(Math.abs(Number(body['apdexThresholdNano']) / 500e6 - 1)).toBeLessThan(0.011);
	expect(await get('/services?apdex=fast')).toMatchObject({ status: 400, body: { code: 'BAD_APDEX' } });
});

test('a series names the versions that were new in it, and instances are asked for by service', async () => {
	const { body } = await get('/services/once/red');
	expect(body).toMatchObject({ points: [], before: [], versions: [{ version: '2', firstSeenMs: now }] });
	expect(body).toMatchObject({ partial: { seen: 1, of: 3, what: 'new versions' } });
	await get('/instances?service=once');
	expect(asked.at(-1)).toMatchObject(['instances', {}, { service: 'once', namespace: 'shop' }]);
	await get('/services/b%2Ftwice/instances');
	expect(asked.at(-1)).toMatchObject(['instances', {}, { service: 'twice', namespace: 'b' }]);
});

test('a series is asked for by any attributes, and names its groups by them', async () => {
	const post = (body: unknown) =>
		app.request('/series', {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
	const answer = await post({ query: 'service:a', measure: 'p95', by: ['app.tier'], from: 'now-2h' });
	expect(asked.at(-1)).toMatchObject([
		'series',
		{ project: 'default' },
		{ spans: 'entry', stepMs: 120_000, limit: 10 },
	]);
	expect(await answer.json()).toMatchObject({
		unit: 'nanoseconds',
		series: [{ group: { 'app.tier': 'gold' }, value: 7 }],
	});
	expect((await post({ measure: 'p42' })).status).toBe(400);
	expect((await post({ measure: 'p95', by: ['a', 'b', 'c', 'd'] })).status).toBe(400);
	const refused = await post({ measure: 'p95', by: ['service', 'trace.duration'] });
	expect([refused.status, await refused.json()]).toMatchObject([
		400,
		{ code: 'BAD_KEYS', detail: 'trace.duration has no single value on a span, so nothing can be grouped by it' },
	]);
});

test('a histogram of durations is asked for with the query and a step, and says how its buckets are made', async () => {
	const { body } = await get('/latency-histogram?q=error:true&step=1m');
	expect(asked.at(-1)).toMatchObject(['latencyHistogram', { project: 'default' }, 'error IN (1)', 60_000]);
	expect(body).toMatchObject({ stepMs: 60_000, scale: 5, points: [{ buckets: [5], requests: [2], errors: [1] }] });
	expect(await get('/latency-histogram?q=error:(')).toMatchObject({ status: 400, body: { code: 'BAD_QUERY' } });
});

test('a search passes query, sort, limit and cursor on, and hands the next cursor back', async () => {
	const { body } = await get('/traces?q=service:a&sort=-duration&limit=5&cursor=abc');
	expect(body).toMatchObject({ traces: [], nextCursor: 'next' });
	expect(asked.at(-1)).toMatchObject(['traces', {}, {}, { sort: '-duration', limit: 5, cursor: 'abc' }]);
});

test.each([
	['/traces?limit=0', 'limit is "0"'],
	['/traces?limit=many', 'limit is "many"'],
	['/traces?sort=best', 'sort is "best"'],
	['/red?service=once&kind=odd', 'kind is "odd"'],
	['/operations', 'service is null'],
])('%s names the parameter that is wrong', async (path, detail) => {
	const answer = await get(path);
	expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_PARAMETER' } });
	expect(answer.body.detail).toContain(detail);
});

test('an error in the query says where and what was expected', async () => {
	expect(await get('/count?q=duration%3E500')).toMatchObject({
		status: 400,
		body: { code: 'BAD_QUERY', position: expect.any(Number), expected: expect.stringContaining('500ms') },
	});
});

test.each([
	['duration>500', 'duration>500ms'],
	['{ name =~ "GET.*" && .http.method = "GET" }', 'name~"^(?:GET.*)$" http.method:"GET"'],
	['{ rootServiceName = "web" }', 'trace.root.service:"web"'],
	['@http.status_code:500', 'http.status_code:500'],
	['service:(', undefined],
])('%s is refused with an offer of %s, wherever a query is read', async (q, suggestion) => {
	for (const path of ['/spans', '/traces', '/count', '/latency-histogram']) {
		const { status, body } = await get(`${path}?q=${encodeURIComponent(q)}`);
		expect([status, body.code]).toEqual([400, 'BAD_QUERY']);
		expect(body.suggestion).toBe(suggestion);
	}
});

test('ids are validated before anything is read', async () => {
	expect(await get('/traces/xyz')).toMatchObject({ status: 400, body: { code: 'BAD_ID' } });
	expect(await get(`/traces/${'0'.repeat(32)}`)).toMatchObject({ status: 400, body: { code: 'BAD_ID' } });
	expect(await get(`/traces/${'A'.repeat(32)}`)).toMatchObject({ status: 404, body: { code: 'NO_SUCH_TRACE' } });
});

test('a pin is asked for by an id in any case', async () => {
	expect((await get(`/pins?traceId=${'aB'.repeat(16)}`)).status).toBe(200);
	expect(pinsAsked.at(-1)).toBe('ab'.repeat(16));
	expect((await get('/pins?traceId=ab')).status).toBe(400);
});

test('a store that is away is a 503, a bug is a 500 that keeps its details to the log', async () => {
	expect(await get(`/traces/${'a'.repeat(32)}/otlp`)).toMatchObject({
		status: 503,
		body: { code: 'STORE_UNAVAILABLE' },
	});
	const bug = await get(`/traces/${'a'.repeat(32)}/spans/${'b'.repeat(16)}`);
	expect(bug).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
	expect(JSON.stringify(bug.body)).not.toContain('secret');
});

test('the status page works while the store is away', async () => {
	expect(await get('/status')).toMatchObject({
		status: 200,
		body: { store: { ready: false }, spans: { rows: 0, newestMs: null } },
	});
});

test('the status page works when the store goes away as it is asked', async () => {
	let ready = true;
	const away = new Hono();
	away.route(
		'/',
		createApi({
			...parts,
			describe: () => ({ ...collectorStatus, store: { ...collectorStatus.store, ready } }),
			status: {
				...status,
				spans: async () => {
					ready = false;
					throw new ProblemError(503, 'STORE_UNAVAILABLE', "ClickHouse can't be reached");
				},
			},
		}),
	);
	const answer = await away.request('/status');
	expect(answer.status).toBe(200);
	expect(await answer.json()).toMatchObject({
		store: { ready: false, reason: 'starting' },
		spans: { rows: 0, newestMs: null },
	});
});

test('the status page does not wait for a store that hangs, and says so', async () => {
	const hangs: StatusReader['spans'] = ({ signal }) =>
		new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
	const hanging = new Hono();
	const ready = { ...collectorStatus, store: { kind: 'embedded', ready: true, version: '25' } as const };
	hanging.route(
		'/',
		createApi({ ...parts, describe: () => ready, statusWaitMs: 5, status: { ...status, spans: hangs } }),
	);
	const answer = await hanging.request('/status');
	expect(answer.status).toBe(200);
	expect(await answer.json()).toMatchObject({
		store: { ready: false, reason: 'ClickHouse did not answer within 5 ms' },
		spans: { rows: 0 },
		retention: { configured: '7d', reachMs: null },
	});
});

test('the status page says how far back spans reach', async () => {
	const ready = { ...collectorStatus, store: { kind: 'embedded', ready: true, version: '25' } as const };
	const there = new Hono();
	there.route('/', createApi({ ...parts, describe: () => ready }));
	expect(await (await there.request('/status')).json()).toMatchObject({
		store: { ready: true },
		spans: { rows: 1, oldestMs: 3 },
		retention: { configured: '7d', reachMs: now - 3 },
	});
});

test('the access check stands before every route', async () => {
	const answer = await app.request('/test-span', { method: 'POST' });
	expect(answer.status).toBe(403);
});

test('the OpenAPI document has every route of the table, with its parameters and answers', async () => {
	const { body } = await get('/openapi.json');
	const paths = body.paths as Record<string, Record<string, { parameters?: { name: string }[]; responses: object }>>;
	for (const route of apiRoutes(parts)) expect(paths[route.path]?.[route.method]?.responses).toHaveProperty('200');
	expect(paths['/traces']?.get?.parameters?.map(({ name }) => name)).toEqual(
		expect.arrayContaining(['from', 'to', 'q', 'sort', 'limit', 'cursor']),
	);
	expect(paths['/traces/{traceId}/spans/{spanId}']?.get?.parameters?.map(({ name }) => name)).toEqual(
		expect.arrayContaining(['traceId', 'spanId', 'at']),
	);
	expect(JSON.stringify(body)).toContain(Object.keys(traceSummarySchema.shape)[1]);
	expect(JSON.stringify(paths['/spans']?.get?.responses)).toContain('"suggestion"');
});

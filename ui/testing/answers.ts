import { NOW_MS } from './now.ts';
import type { Operation, RedAnswer, Service, ServicesAnswer, TraceSummary, TracesAnswer } from '../../schema/api.ts';
import type { LatencyHistogramAnswer } from '../../schema/api-measures.ts';
import type { InstancesAnswer, OperationSightsAnswer } from '../../schema/api-services.ts';
import type { IngestAnswer } from '../../schema/api-ingest.ts';
import type { StatusAnswer } from '../../schema/api-status.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MS = 1e6;
const GIB = 1024 ** 3;
const window = { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS };

export function service(name: string, facts: Partial<Service> = {}): Service {
	return {
		service: name,
		namespace: 'shop',
		environment: 'production',
		requests: 36_000,
		errors: 36,
		p50Nano: 12 * MS,
		p95Nano: 90 * MS,
		p99Nano: 310 * MS,
		requestsPerSecond: 10,
		errorRatio: 0.001,
		totalNano: 36_000 * 20 * MS,
		spans: 36_000,
		before: { requests: 30_000, errors: 40, p50Nano: 12 * MS, p95Nano: 60 * MS, p99Nano: 300 * MS },
		firstSeenMs: NOW_MS - 12 * DAY_MS,
		lastSeenMs: NOW_MS - 2000,
		versions: [{ version: '2.14.0', firstSeenMs: NOW_MS - 540_000, lastSeenMs: NOW_MS - 2000, requests: 36_000 }],
		versionsOf: 1,
		points: Array.from({ length: 30 }, (_, i) => ({
			tMs: window.fromMs + i * 120_000,
			requests: 1000 + (i % 5) * 100,
			errors: 1,
			p50Nano: 12 * MS,
			p95Nano: i === 7 ? null : 90 * MS,
			p99Nano: 310 * MS,
		})),
		pointsBefore: Array.from({ length: 30 }, () => ({ requests: 700, p95Nano: 60 * MS })),
		...facts,
	};
}

export const servicesAnswer = (facts: Partial<ServicesAnswer> = {}): ServicesAnswer => ({
	window,
	stepMs: 120_000,
	services: [
		service('checkout', { errors: 2520, errorRatio: 0.07, totalNano: 1e15 }),
		service('cart', { errors: 0, errorRatio: 0 }),
		service('search', {
			namespace: '',
			environment: 'staging',
			requests: 0,
			spans: 0,
			totalNano: 0,
			p95Nano: null,
			p50Nano: null,
			p99Nano: null,
			versions: [],
			versionsOf: 0,
		}),
	],
	environments: ['production', 'staging'],
	lastSpanMs: NOW_MS - 1000,
	...facts,
});

const operationNames = (operation: string) => ({ operation, kind: 'server', type: 'http' }) as const;

export const operation = (name: string, facts: Partial<Operation> = {}): Operation => ({
	...operationNames(name),
	requests: 3600,
	errors: 0,
	p50Nano: 9 * MS,
	p95Nano: 60 * MS,
	p99Nano: 210 * MS,
	totalNano: 3600 * 12 * MS,
	spans: 3600,
	before: { requests: 3000, errors: 30, p50Nano: 9 * MS, p95Nano: 50 * MS, p99Nano: 180 * MS },
	points: Array.from({ length: 20 }, (_, i) => ({
		tMs: window.fromMs + i * 180_000,
		requests: 180 + i,
		errors: 0,
		p50Nano: 9 * MS,
		p95Nano: (50 + (i % 7)) * MS,
		p99Nano: 210 * MS,
	})),
	pointsBefore: Array.from({ length: 20 }, () => ({ requests: 150, p95Nano: 40 * MS })),
	...facts,
});

export const operationsAnswer = (
	operations = [operation('POST /checkout', { errors: 360, totalNano: 1e12 }), operation('GET /checkout/{id}')],
) => ({
	window,
	stepMs: 180_000,
	operations,
});

export const operationSightsAnswer = (): OperationSightsAnswer => ({
	operations: [
		{ ...operationNames('POST /checkout'), firstSeenMs: NOW_MS - 12 * DAY_MS, lastSeenMs: NOW_MS - 2000 },
		{ ...operationNames('GET /checkout/{id}'), firstSeenMs: NOW_MS - 3 * DAY_MS, lastSeenMs: NOW_MS - 2 * HOUR_MS },
	],
});

export const redAnswer = (facts: Partial<RedAnswer> = {}): RedAnswer => ({
	window,
	stepMs: 60_000,
	points: Array.from({ length: 60 }, (_, i) => ({
		tMs: window.fromMs + i * 60_000,
		requests: 600 + i,
		errors: i % 10,
		p50Nano: 9 * MS,
		p95Nano: 60 * MS,
		p99Nano: 210 * MS,
		statusClasses: [0, 0, 590 + i, 0, 0, i % 10],
	})),
	before: Array.from({ length: 60 }, (_, i) => ({
		tMs: window.fromMs - 3_600_000 + i * 60_000,
		requests: 500 + i,
		errors: 3,
		p50Nano: 8 * MS,
		p95Nano: 50 * MS,
		p99Nano: 190 * MS,
	})),
	versions: [],
	...facts,
});

export const traceSummary = (i: number, facts: Partial<TraceSummary> = {}): TraceSummary => ({
	traceId: (i + 1).toString(16).padStart(32, '0'),
	rootService: 'shop/checkout',
	rootOperation: 'POST /checkout',
	rootMissing: false,
	startUnixNano: `${NOW_MS - 60_000 * (i + 1)}000000`,
	endMs: NOW_MS - 60_000 * (i + 1) + 900,
	durationNano: 900 * MS,
	spanCount: 12,
	errorCount: i % 2,
	services: [
		{ service: 'shop/checkout', spans: 8 },
		{ service: 'shop/payment', spans: 4 },
	],
	...facts,
});

export const tracesAnswer = (facts: Partial<TracesAnswer> = {}): TracesAnswer => ({
	window,
	traces: [traceSummary(0), traceSummary(1), traceSummary(2, { rootMissing: true })],
	...facts,
});

export const countAnswer = (traces: number) => ({ window, spans: traces * 10, traces });

export function statusAnswer(
	facts: { rows?: number; ingest?: Partial<StatusAnswer['ingest']>; ready?: boolean } = {},
): StatusAnswer {
	const rows = facts.rows ?? 1204;
	const { ready = true } = facts;
	return {
		version: '0.1.0',
		store: { kind: 'embedded', ready, version: '25.8', ...(ready ? {} : { reason: 'still starting' }) },
		ingest: {
			requests: rows === 0 ? 0 : 12,
			spansReceived: rows,
			spansStored: rows,
			spansRejected: {},
			logs: { exceptions: 0, correlated: 0, rejected: {} },
			lastRequestMs: rows === 0 ? null : NOW_MS,
			lastAcceptedMs: rows === 0 ? null : NOW_MS,
			lastService: rows === 0 ? null : 'shop/checkout',
			recentFailures: [],
			redactions: [],
			...facts.ingest,
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
		watermarkMs: NOW_MS,
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
		spans: { rows, bytesOnDisk: 1e6, oldestMs: null, newestMs: rows === 0 ? null : NOW_MS },
		disk: { maxBytes: 20 * GIB, usedBytes: 2 * GIB, freeBytes: 60 * GIB, totalBytes: 100 * GIB },
		retention: { configured: '7d', reachMs: 36 * 3_600_000, expectedReachMs: 7 * 86_400_000, limitedBy: 'retention' },
		configuration: [],
	};
}

export const instancesAnswer = (facts: Partial<InstancesAnswer> = {}): InstancesAnswer => ({
	window,
	instances: ['checkout-7d9f8b6c5-x1', ''].map((instance, i) => ({
		instance,
		environment: 'production',
		version: '2.14.0',
		requests: 3600 * (2 - i),
		errors: 36 * i,
		p50Nano: 9 * MS,
		p95Nano: 60 * MS,
		p99Nano: 210 * MS,
		totalNano: 3600 * 12 * MS,
		firstSeenMs: window.fromMs,
		lastSeenMs: NOW_MS - 5000,
	})),
	...facts,
});

export const histogramAnswer = (facts: Partial<LatencyHistogramAnswer> = {}): LatencyHistogramAnswer => ({
	window,
	stepMs: 60_000,
	scale: 5,
	points: Array.from({ length: 60 }, (_, i) => ({
		tMs: window.fromMs + i * 60_000,
		// About 8 ms, 65 ms and 1.1 s.
		buckets: [735, 830, 960],
		requests: [40, 15, 1],
		errors: [0, 1, 1],
	})),
	...facts,
});

export const ingestAnswer = (facts: Partial<IngestAnswer> = {}): IngestAnswer => ({
	window: { fromMs: NOW_MS - 86_400_000, toMs: NOW_MS },
	services: [
		{
			service: 'checkout',
			namespace: 'shop',
			spans: 120_400,
			spansPerSecond: 12.5,
			lastSeenMs: NOW_MS - 4_000,
			sdks: [{ language: 'nodejs', name: 'opentelemetry', version: '2.1.0' }],
			sdksOf: 1,
			scopes: ['http', 'pg', 'express', 'redis'].map((name, index) => ({
				name: `@opentelemetry/instrumentation-${name}`,
				version: '0.57.0',
				spans: 1_000 - index,
			})),
			scopesOf: 4,
		},
		{
			service: 'search',
			namespace: '',
			spans: 40,
			spansPerSecond: 3,
			lastSeenMs: NOW_MS - 7_200_000,
			sdks: [],
			sdksOf: 0,
			scopes: [],
			scopesOf: 0,
		},
	],
	sinceMs: NOW_MS - 3_600_000,
	rejections: [
		{
			signal: 'traces',
			reason: 'invalid_span_id',
			count: 12,
			lastMs: NOW_MS - 60_000,
			sample: '"GET /orders" of trace 5b8efff798038103d269b633813fc60c',
		},
	],
	marks: { cut: 4 },
	droppedAttributes: 7,
	disk: { freeBytes: 60 * GIB, totalBytes: 100 * GIB },
	...facts,
});

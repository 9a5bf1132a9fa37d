import type { Deletion, PinsAnswer } from '../../schema/api-keeping.ts';
import type { RetentionAnswer, StorageAnswer } from '../../schema/api-storage.ts';
import type { Answers } from './fake-server.ts';
import { NOW_MS } from './now.ts';

const DAY_MS = 86_400_000;
const MIB = 1024 ** 2;

export const storageAnswer = (facts: Partial<StorageAnswer> = {}): StorageAnswer => ({
	disk: {
		maxBytes: 20_480 * MIB,
		usedBytes: { store: 512 * MIB, pinned: MIB, spool: 64 * MIB, quarantine: 0 },
		dropped: { stretches: 0, rows: 0, bytes: 0, lastMs: null, upToMs: null },
		refusal: null,
	},
	retention: {
		spansMs: 7 * DAY_MS,
		derivedMs: 90 * DAY_MS,
		reachMs: 36 * 3_600_000,
		expectedReachMs: 7 * DAY_MS,
		limitedBy: 'retention',
		bytesPerDay: 256 * MIB,
		derivedBytesPerDay: 10 * MIB,
	},
	tables: [
		{ table: 'spans', rows: 8_000_000, bytesOnDisk: 400 * MIB, oldestMs: NOW_MS - 36 * 3_600_000, keptMs: 7 * DAY_MS },
		{ table: 'state', rows: 12, bytesOnDisk: 2_048, oldestMs: null, keptMs: null },
	],
	sample: { window: { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS }, spans: 300_000, of: 6_000_000 },
	services: [
		{ service: 'checkout', namespace: 'shop', spans: 200_000, ratio: 0.75, bytesPerDay: 192 * MIB },
		{ service: 'mail', namespace: '', spans: 100_000, ratio: 0.25, bytesPerDay: 64 * MIB },
	],
	attributes: [
		{ key: 'exception.stacktrace', scope: 'event', spans: 4_000, ratio: 0.5, bytesPerDay: 128 * MIB },
		{ key: 'url.full', scope: 'span', spans: 90_000, ratio: 0.125, bytesPerDay: 32 * MIB },
	],
	...facts,
});

export const retentionAnswer = (facts: Partial<RetentionAnswer> = {}): RetentionAnswer => ({
	spansMs: DAY_MS,
	derivedMs: 90 * DAY_MS,
	dropped: [
		{ table: 'spans', rows: 2_000_000, bytesOnDisk: 100 * MIB },
		{ table: 'logs', rows: 500, bytesOnDisk: MIB },
	],
	oldestSpanMs: NOW_MS - DAY_MS,
	expectedBytes: 1_024 * MIB,
	fits: true,
	...facts,
});

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const pinsAnswer = (facts: Partial<PinsAnswer> = {}): PinsAnswer => ({
	pins: [
		{
			traceId: TRACE_ID,
			author: 'anonymous',
			pinnedMs: NOW_MS - DAY_MS,
			trace: {
				traceId: TRACE_ID,
				rootService: 'shop/web',
				rootOperation: 'GET /cart',
				rootMissing: false,
				startUnixNano: `${NOW_MS - DAY_MS}000000`,
				endMs: NOW_MS - DAY_MS,
				durationNano: 1_200_000_000,
				spanCount: 42,
				errorCount: 0,
				services: [{ service: 'shop/web', spans: 42 }],
			},
		},
	],
	limit: 1_000,
	bytesOnDisk: MIB,
	...facts,
});

export const deletionAnswer = (facts: Partial<Deletion> = {}): Deletion => ({
	id: 'deletion-1',
	state: 'done',
	detail: null,
	author: 'ada@example.com',
	requestedMs: NOW_MS - DAY_MS,
	doneMs: NOW_MS - DAY_MS + 900,
	asked: { traceIds: null, q: 'user.id:42', window: { fromMs: NOW_MS - 7 * DAY_MS, toMs: NOW_MS - DAY_MS } },
	found: { traces: 3, spans: 120, logs: 1, exceptions: 0, findings: 0, pins: 0 },
	quarantine: null,
	remains: [{ where: 'Rollups', why: 'counts have no ids' }],
	...facts,
});

export const storageAnswers = (): Answers => ({
	'/deletions': () => ({ deletions: [] }),
	'/storage': () => storageAnswer(),
	'/retention': () => retentionAnswer(),
	'/pins': () => pinsAnswer(),
});

/** The shop's traffic as requests of OTLP/JSON, the same for all who are sent it: what is asked of several stores is compared. */
import { encodeJson } from '../bench/payload-json.ts';
import { makeTraffic, randomFrom } from '../bench/traffic.ts';

export interface ClusterTraffic {
	/** Each trace lies in two of them. */
	requests: readonly string[];
	logs: string;
	traceIds: readonly string[];
	spans: number;
	fromMs: number;
	toMs: number;
}

const tracesPerRequest = 6;
const betweenMs = 20_000;

const idOf = (seed: number, digits: number, number: number): string => {
	const random = randomFrom(seed * 1_000_003 + number);
	return Array.from({ length: digits / 8 }, () =>
		Math.floor(random() * 2 ** 32)
			.toString(16)
			.padStart(8, '0'),
	).join('');
};

/** @param seed another one makes other ids. @param endMs when the newest ended, about. */
export function clusterTraffic(seed: number, count: number, endMs: number): ClusterTraffic {
	const spans = makeTraffic(count, randomFrom(seed));
	const groups = [...Map.groupBy(spans, ({ trace }) => Math.floor(trace / tracesPerRequest)).values()];
	const requests = groups.flatMap((group, index) =>
		[0, 1].map((half) => {
			const { body, points, patcher } = encodeJson(group.filter((_, place) => place % 2 === half));
			const baseNano = BigInt(endMs - index * betweenMs) * 1_000_000n;
			for (const [at, trace] of points.traceIds) patcher.id(body, at, wordsOf(idOf(seed, 32, trace)));
			for (const [at, id] of points.spanIds) patcher.id(body, at, wordsOf(idOf(seed + 7, 16, id)));
			for (const [at, before] of points.times) {
				const nano = baseNano - BigInt(before);
				patcher.time(body, at, Number(nano & 0xffff_ffffn), Number(nano >> 32n));
			}
			return Buffer.from(body).toString('latin1');
		}),
	);
	const traceIds = [...new Set(spans.map(({ trace }) => idOf(seed, 32, trace)))];
	const messages = messageTraces(seed, endMs);
	return {
		requests: [...requests, messages.request],
		logs: logsOf(traceIds, endMs),
		traceIds,
		spans: spans.length + messages.spans,
		fromMs: endMs - groups.length * betweenMs - 60_000,
		toMs: endMs + 60_000,
	};
}

const wordsOf = (hex: string): Uint32Array =>
	Uint32Array.from(hex.match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16));

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const resourceOf = (service: string) => ({ attributes: [attribute('service.name', service)] });

/**
 * Spans of a service of its own, hours ago, enough to be judged: a version, and then another one that fails more often, and is given
 * another variant of a flag.
 */
export function deployRequest(nowMs: number): { request: string; service: string; version: string; spans: number } {
	const service = 'till';
	const [before, after] = ['1.0.0', '2.0.0'];
	const spansOf = (hoursAgo: number, seed: number, failing: number, variant: string) =>
		Array.from({ length: 250 }, (_, index) => {
			const nano = BigInt(nowMs - hoursAgo * 3_600_000 + index * 5_000) * 1_000_000n;
			return {
				traceId: idOf(seed, 32, index),
				spanId: idOf(seed, 16, index),
				name: 'POST /receipts',
				kind: 2,
				startTimeUnixNano: String(nano - 20_000_000n),
				endTimeUnixNano: String(nano),
				status: index % failing === 0 ? { code: 2 } : {},
				attributes: [attribute('feature_flag.key', 'new-receipt'), attribute('feature_flag.variant', variant)],
			};
		});
	const ofVersion = (version: string, spans: readonly object[]) => ({
		resource: { attributes: [...resourceOf(service).attributes, attribute('service.version', version)] },
		scopeSpans: [{ spans }],
	});
	const [earlier, later] = [spansOf(5, 101, 50, 'off'), spansOf(4, 103, 3, 'on')];
	return {
		request: JSON.stringify({ resourceSpans: [ofVersion(before, earlier), ofVersion(after, later)] }),
		service,
		version: after,
		spans: earlier.length + later.length,
	};
}

/** Who works on a message is another trace than who sent it, and often at another shard. */
function messageTraces(seed: number, endMs: number): { request: string; spans: number } {
	const pairs = Array.from({ length: 24 }, (_, index) => {
		const nano = String(BigInt(endMs - index * 5_000) * 1_000_000n);
		const common = {
			startTimeUnixNano: nano,
			endTimeUnixNano: nano,
			attributes: [attribute('messaging.system', 'kafka'), attribute('messaging.destination.name', 'orders')],
		};
		const sent = { traceId: idOf(seed + 11, 32, index), spanId: idOf(seed + 13, 16, index) };
		const worked = { traceId: idOf(seed + 17, 32, index), spanId: idOf(seed + 19, 16, index), links: [sent] };
		// As Zipkin's libraries send it: both ends of a call have one id.
		const call = { traceId: sent.traceId, spanId: idOf(seed + 23, 16, index), parentSpanId: sent.spanId };
		const times = { startTimeUnixNano: nano, endTimeUnixNano: nano };
		return {
			sent: [
				{ ...common, ...sent, name: 'send orders', kind: 4 },
				{ ...times, ...call, name: 'get /mails', kind: 3 },
			],
			worked: [
				{ ...common, ...worked, name: 'process orders', kind: 5 },
				{ ...times, ...call, name: 'get /mails', kind: 2 },
			],
		};
	});
	const ofService = (service: string, own: readonly object[]) => ({
		resource: resourceOf(service),
		scopeSpans: [{ spans: own }],
	});
	const resourceSpans = [
		ofService(
			'ordering',
			pairs.flatMap(({ sent }) => sent),
		),
		ofService(
			'mailing',
			pairs.flatMap(({ worked }) => worked),
		),
	];
	return { request: JSON.stringify({ resourceSpans }), spans: 4 * pairs.length };
}

/** One of every third trace, and every other with an exception of one of two types. */
function logsOf(traceIds: readonly string[], endMs: number): string {
	const logRecords = traceIds
		.filter((_, index) => index % 3 === 0)
		.map((traceId, index) => ({
			timeUnixNano: String(BigInt(endMs - index * 1_000) * 1_000_000n),
			severityNumber: 17,
			body: { stringValue: `order ${index} refused` },
			traceId,
			spanId: 'aaaaaaaaaaaaaaaa',
			attributes:
				index % 2 === 0
					? [
							attribute('exception.type', index % 4 === 0 ? 'Refused' : 'Expired'),
							attribute('exception.message', `order ${index} refused`),
						]
					: [],
		}));
	return JSON.stringify({ resourceLogs: [{ resource: resourceOf('ordering'), scopeLogs: [{ logRecords }] }] });
}

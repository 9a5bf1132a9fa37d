import { randomFillSync } from 'node:crypto';
import { encodeJson } from './payload-json.ts';
import { encodeProtobuf } from './payload-protobuf.ts';
import { makeTraffic, randomFrom, type TrafficSpan } from './traffic.ts';

interface PayloadOptions {
	spansPerRequest: number;
	requests: number;
	seed: number;
	encoding: 'protobuf' | 'json';
}

/** Where in a body the ids and times stand, so that it can be sent again as new spans. */
export interface PatchPoints {
	/** Byte position and number of each trace id, span id and parent id. */
	traceIds: [position: number, trace: number][];
	spanIds: [position: number, span: number][];
	/** Byte position, and nanoseconds before the request is sent. */
	times: [position: number, nanosBefore: number][];
}

/** Writes an id or a time where the encoding wants it. */
export interface Patcher {
	id(body: Uint8Array, position: number, words: Uint32Array): void;
	time(body: Uint8Array, position: number, low: number, high: number): void;
}

export interface Encoded {
	body: Uint8Array;
	points: PatchPoints;
	patcher: Patcher;
}

interface Payload {
	body: Uint8Array;
	spans: number;
	/**
	 * A body of its own for a request that is sent at `nowMs`: all ids are new, all times move along, and all took up to a fifth longer or
	 * shorter than the last time: that many spans take equally long happens to bodies that are sent again, not to services.
	 */
	fresh(nowMs: number): Uint8Array;
}

/** Bodies of ExportTraceServiceRequest, the same for the same seed until one is asked to be fresh. */
export function makePayloads({ spansPerRequest, requests, seed, encoding }: PayloadOptions): Payload[] {
	const encode = encoding === 'json' ? encodeJson : encodeProtobuf;
	return Array.from({ length: requests }, (_, i) => {
		const random = randomFrom(seed * 1_000_003 + i);
		const spans = makeTraffic(spansPerRequest, random);
		const payload = new RefreshablePayload(encode(spans), spans);
		payload.write(randomWords(random, spans.length * 2), randomWords(random, spans.length * 4), 1_795_000_000_000);
		return payload;
	});
}

const randomWords = (random: () => number, count: number): Uint32Array =>
	Uint32Array.from({ length: count }, () => random() * 2 ** 32);

class RefreshablePayload implements Payload {
	readonly body: Uint8Array;
	readonly spans: number;
	readonly #encoded: Encoded;
	/** As many ids as there can be; filled anew for each request. */
	readonly #spanWords: Uint32Array;
	readonly #traceWords: Uint32Array;

	constructor(encoded: Encoded, spans: readonly TrafficSpan[]) {
		this.#encoded = encoded;
		this.body = encoded.body;
		this.spans = spans.length;
		this.#spanWords = new Uint32Array(spans.length * 2);
		this.#traceWords = new Uint32Array(((spans.at(-1)?.trace ?? 0) + 1) * 4);
	}

	fresh(nowMs: number): Uint8Array {
		randomFillSync(this.#spanWords);
		randomFillSync(this.#traceWords);
		this.write(this.#spanWords, this.#traceWords, nowMs, 0.8 + 0.4 * Math.random());
		return this.body.slice();
	}

	write(spanWords: Uint32Array, traceWords: Uint32Array, nowMs: number, pace = 1): void {
		const { body, points, patcher } = this.#encoded;
		for (const [position, trace] of points.traceIds) {
			patcher.id(body, position, traceWords.subarray(trace * 4, trace * 4 + 4));
		}
		for (const [position, span] of points.spanIds) {
			patcher.id(body, position, spanWords.subarray(span * 2, span * 2 + 2));
		}
		const now = BigInt(nowMs) * 1_000_000n;
		const nowLow = Number(now & 0xffff_ffffn);
		const nowHigh = Number(now >> 32n);
		for (const [position, nanosBefore] of points.times) {
			const before = Math.round(nanosBefore * pace);
			const low = nowLow - (before >>> 0);
			patcher.time(body, position, low >>> 0, nowHigh - Math.floor(before / 2 ** 32) - (low < 0 ? 1 : 0));
		}
	}
}

import { Agent, request } from 'node:http';
import { encodeProto } from '../support/otlp-proto.ts';

interface Sent {
	firstId: number;
	spans: number;
	isAcknowledged: boolean;
}

interface Answer {
	status: number;
	retryAfter: string | undefined;
	body: Buffer;
}

/** What clients sent and what they were told of it. Spans are numbered, and the number is the span's id. */
export class Ledger {
	readonly sent: Sent[] = [];
	readonly ackMs: number[] = [];
	/** How long a 503 took: who is refused should hear of it at once. */
	readonly refusalMs: number[] = [];
	readonly statuses = new Map<number, number>();
	/** Answers 503 that don't say when to come again. */
	withoutRetryAfter = 0;
	readonly firstId: number;
	readonly #service: string;
	#isClosed = false;
	#nextId: number;
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

	/** `firstId`: ids below it are those of other ledgers. `service`: what its spans come from. */
	constructor({ firstId = 1, service = 'ledger' }: { firstId?: number; service?: string } = {}) {
		this.firstId = this.#nextId = firstId;
		this.#service = service;
	}

	/** The id of the next span. */
	get nextId(): number {
		return this.#nextId;
	}

	/** A request with so many new spans. `endMs`: Unix time at which the spans end. */
	make(spans: number, name = 'GET /', endMs = Date.now()): { entry: Sent; body: Uint8Array } {
		const entry: Sent = { firstId: this.#nextId, spans, isAcknowledged: false };
		this.#nextId += spans;
		this.sent.push(entry);
		const endNano = BigInt(Math.round(endMs)) * 1_000_000n;
		return {
			entry,
			body: requestOf(entry, { service: this.#service, name, startNano: endNano - 5_000_000n, endNano }),
		};
	}

	/** The ids of spans that were acknowledged, or of all. */
	ids(which: 'acknowledged' | 'sent'): Set<number> {
		const ids = new Set<number>();
		for (const { firstId, spans, isAcknowledged } of this.sent) {
			if (which === 'acknowledged' && !isAcknowledged) continue;
			for (let id = firstId; id < firstId + spans; id += 1) ids.add(id);
		}
		return ids;
	}

	/** One try. Status 0: the connection failed, and nobody knows. */
	async post(url: string, body: Uint8Array): Promise<Answer> {
		const beganMs = performance.now();
		const answer = await this.#post(url, body);
		this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
		if (answer.status === 503 && answer.retryAfter === undefined) this.withoutRetryAfter += 1;
		const tookMs = performance.now() - beganMs;
		if (answer.status === 200) this.ackMs.push(tookMs);
		if (answer.status === 503) this.refusalMs.push(tookMs);
		return answer;
	}

	#post(url: string, body: Uint8Array): Promise<Answer> {
		const { promise, resolve } = Promise.withResolvers<Answer>();
		const nothing = { status: 0, retryAfter: undefined, body: Buffer.alloc(0) };
		const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.byteLength };
		const sent = request(
			`${url}/v1/traces`,
			{ method: 'POST', agent: this.#agent, headers, timeout: 30_000 },
			(answer) => {
				const chunks: Buffer[] = [];
				answer.on('data', (chunk: Buffer) => chunks.push(chunk));
				answer.on('error', () => resolve(nothing));
				answer.on('end', () =>
					resolve({
						status: answer.statusCode ?? 0,
						retryAfter: answer.headers['retry-after'],
						body: Buffer.concat(chunks),
					}),
				);
			},
		);
		sent.on('error', () => resolve(nothing));
		sent.on('timeout', () => sent.destroy(new Error('no answer')));
		sent.end(body);
		return promise;
	}

	/** Nobody sends any more; whoever still does is to end. */
	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** As an exporter does: the same bytes again until they are taken, or `isOver`. */
	async deliver(url: () => string, spans: number, isOver: () => boolean): Promise<void> {
		const { entry, body } = this.make(spans);
		while (!isOver()) {
			const { status } = await this.post(url(), body);
			if (status === 200) {
				entry.isAcknowledged = true;
				return;
			}
			if (status !== 0 && status !== 503 && status !== 429) throw new Error(`a good request was answered ${status}`);
			await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));
		}
	}

	close(): void {
		this.#isClosed = true;
		this.#agent.destroy();
	}
}

interface Content {
	service: string;
	name: string;
	startNano: bigint;
	endNano: bigint;
}

function requestOf({ firstId, spans }: Sent, { service, name, startNano, endNano }: Content): Uint8Array {
	const traceId = Buffer.alloc(16);
	traceId.writeBigUInt64BE(1n, 0);
	traceId.writeBigUInt64BE(BigInt(firstId), 8);
	return encodeProto('ExportTraceServiceRequest', {
		resourceSpans: [
			{
				resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
				scopeSpans: [
					{
						spans: Array.from({ length: spans }, (_, index) => ({
							traceId,
							spanId: idBytes(firstId + index),
							name,
							kind: 2,
							startTimeUnixNano: String(startNano),
							endTimeUnixNano: String(endNano),
							attributes: [{ key: 'n', value: { intValue: firstId + index } }],
						})),
					},
				],
			},
		],
	});
}

function idBytes(id: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(id));
	return bytes;
}

export interface Load {
	clients: number;
	spans: number;
	pauseMs: number;
}

/** What most faults come under. */
export const usualLoad: Load = { clients: 4, spans: 25, pauseMs: 20 };

/** The same where the suite runs among other tests: as many moments to be hurt in, a third of the work. */
export const lightLoad: Load = { clients: 3, spans: 10, pauseMs: 40 };

/** Clients that send one request after the other. */
export class Clients {
	#isOver = false;
	readonly #running: Promise<void>[];

	constructor(ledger: Ledger, url: () => string, { clients, spans, pauseMs }: Load) {
		this.#running = Array.from({ length: clients }, async () => {
			const isOver = (): boolean => this.#isOver || ledger.isClosed;
			while (!isOver()) {
				await ledger.deliver(url, spans, isOver);
				await new Promise((resolve) => setTimeout(resolve, pauseMs));
			}
		});
	}

	/** Rejects when a good request was refused for good. */
	async stop(): Promise<void> {
		this.#isOver = true;
		await Promise.all(this.#running);
	}
}

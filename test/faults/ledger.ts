import type { Random } from '../fuzz/fuzz.ts';
import { OtlpClient } from './otlp-client.ts';
import type { Answer, Listeners } from './otlp-client.ts';
import { messageOf, TRANSPORTS } from './otlp-message.ts';
import type { LedgerSignal, Message, MessageContent, Transport } from './otlp-message.ts';

interface Sent {
	firstId: number;
	spans: number;
	isAcknowledged: boolean;
}

interface Making extends Partial<Pick<MessageContent, 'name' | 'endMs' | 'padding'>> {
	transport?: Transport | undefined;
}

interface LedgerOptions {
	random?: Random;
	firstId?: number;
	service?: string;
}

/**
 * What clients sent and what they were told of it, by each transport in turn of chance. Spans are numbered, and the number is
 * the span's id; so are log records, in a ledger of their own, by the span that they name.
 */
export class Ledger {
	readonly sent: Sent[] = [];
	readonly ackMs: number[] = [];
	/** How long a 503 took: who is refused should hear of it at once. */
	readonly refusalMs: number[] = [];
	readonly statuses = new Map<number, number>();
	/** Answers 503 that don't say when to come again. */
	withoutRetryAfter = 0;
	readonly #signal: LedgerSignal;
	readonly #random: Random;
	readonly #client = new OtlpClient();
	readonly firstId: number;
	readonly #service: string;
	#isClosed = false;
	#nextId: number;

	/** `firstId`: ids below it are those of other ledgers. `service`: what its spans come from. */
	constructor(signal: LedgerSignal, { random = Math.random, firstId = 1, service = 'ledger' }: LedgerOptions = {}) {
		this.#signal = signal;
		this.#random = random;
		this.firstId = this.#nextId = firstId;
		this.#service = service;
	}

	/** For those who send when nobody of this one does any more. */
	next(service: string): Ledger {
		this.close();
		return new Ledger(this.#signal, { random: this.#random, firstId: this.#nextId, service });
	}

	/** A request with so many new spans, or log records. */
	make(
		spans: number,
		{ transport, name = 'GET /', endMs = Date.now(), ...rest }: Making = {},
	): {
		entry: Sent;
		message: Message;
	} {
		const entry: Sent = { firstId: this.#nextId, spans, isAcknowledged: false };
		this.#nextId += spans;
		this.sent.push(entry);
		const chosen = transport ?? TRANSPORTS[Math.floor(this.#random() * TRANSPORTS.length)] ?? 'protobuf';
		const content = { firstId: entry.firstId, count: spans, service: this.#service, name, endMs, ...rest };
		return { entry, message: messageOf(this.#signal, chosen, content) };
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

	/** One try. `rest`: when the end of it is sent. */
	async post(to: Listeners, message: Message, rest?: Promise<void>): Promise<Answer> {
		const answer = await this.#client.send(to, message, rest);
		const { status, retryAfter, tookMs } = answer;
		this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
		if (status === 503 && retryAfter === undefined) this.withoutRetryAfter += 1;
		if (status === 200) this.ackMs.push(tookMs);
		if (status === 503) this.refusalMs.push(tookMs);
		return answer;
	}

	/** Nobody sends any more; whoever still does is to end. */
	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** As an exporter does: the same bytes again until they are taken, or `isOver`. */
	async deliver(to: () => Listeners, spans: number, isOver: () => boolean, making?: Making): Promise<void> {
		const { entry, message } = this.make(spans, making);
		while (!isOver()) {
			const { status, rejected } = await this.post(to(), message);
			if (rejected > 0) throw new Error(`of a good request ${rejected} of ${spans} were not kept`);
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
		this.#client.close();
	}
}

export interface Load {
	clients: number;
	spans: number;
	pauseMs: number;
}

/** What most faults come under. */
export const usualLoad: Load = { clients: 4, spans: 25, pauseMs: 20 };

/** The same where the suite runs among other tests: as many moments to be hurt in, a tenth of the work. */
export const lightLoad: Load = { clients: 2, spans: 10, pauseMs: 40 };

/** Clients that send one request after the other. */
export class Clients {
	#isOver = false;
	readonly #running: Promise<void>[];

	constructor(ledger: Ledger, to: () => Listeners, { clients, spans, pauseMs, ...making }: Load & Making) {
		this.#running = Array.from({ length: clients }, async () => {
			const isOver = (): boolean => this.#isOver || ledger.isClosed;
			while (!isOver()) {
				await ledger.deliver(to, spans, isOver, making);
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

/** What most faults are felt by: clients that send spans, and one that sends log records. */
export function usualClients(
	{ ledger, logs, listeners }: { ledger: Ledger; logs: Ledger; listeners: Listeners },
	load: Load,
	to = () => listeners,
): Pick<Clients, 'stop'> {
	const ofSpans = new Clients(ledger, to, load);
	const ofLogs = new Clients(logs, to, { clients: 1, spans: 10, pauseMs: 2 * load.pauseMs });
	return { stop: async () => void (await Promise.all([ofSpans.stop(), ofLogs.stop()])) };
}

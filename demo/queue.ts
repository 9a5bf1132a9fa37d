/**
 * A message queue in a folder: a file per message. There is no instrumentation for such a thing, so it traces itself
 * as the messaging conventions ask: the consumer's span starts a trace of its own and links to the producer's.
 * Source: semantic conventions 1.44, "Messaging spans".
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span } from '@opentelemetry/api';

const maxWaiting = 1_000;
const pollIntervalMs = 200;
const maxPerPoll = 10;
const tracer = trace.getTracer('shop.queue');

export interface Message {
	id: string;
	headers: Record<string, string>;
	body: unknown;
}

export class Queue {
	readonly #folder: string;
	readonly #destination: string;

	constructor(folder: string, destination: string) {
		this.#folder = folder;
		this.#destination = destination;
	}

	/** Rejects when too many messages wait already: a consumer that is away must not fill the disk. */
	async send(body: unknown): Promise<void> {
		const id = randomUUID();
		const options = { kind: SpanKind.PRODUCER, attributes: this.#attributes('send', id) };
		await tracer.startActiveSpan(`send ${this.#destination}`, options, (span) =>
			ending(span, async () => {
				if ((await this.#waiting()).length >= maxWaiting) throw new Error(`${this.#destination} is full`);
				const message: Message = { id, headers: {}, body };
				propagation.inject(context.active(), message.headers);
				const path = join(this.#folder, `${Date.now()}-${id}`);
				// Renaming is atomic: a consumer never sees half a message.
				await writeFile(`${path}.writing`, JSON.stringify(message));
				await rename(`${path}.writing`, `${path}.json`);
			}),
		);
	}

	/** Hands each message to `handle`, oldest first, until `signal` aborts. A message that fails is dropped. */
	async consume(handle: (message: Message) => Promise<void>, signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			const names = (await this.#waiting()).sort().slice(0, maxPerPoll);
			for (const name of names) await this.#process(join(this.#folder, name), handle);
			if (names.length === 0) await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
		}
	}

	async #process(path: string, handle: (message: Message) => Promise<void>): Promise<void> {
		const message: Message = JSON.parse(await readFile(path, 'utf8'));
		await rm(path);
		const producer = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, message.headers));
		const options = {
			kind: SpanKind.CONSUMER,
			root: true,
			attributes: this.#attributes('process', message.id),
			links: producer === undefined ? [] : [{ context: producer }],
		};
		await tracer.startActiveSpan(`process ${this.#destination}`, options, (span) =>
			ending(span, () => handle(message)).catch(() => undefined),
		);
	}

	async #waiting(): Promise<string[]> {
		return (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
	}

	#attributes(operation: 'send' | 'process', messageId: string): Attributes {
		return {
			'messaging.system': 'folder',
			'messaging.operation.name': operation,
			'messaging.operation.type': operation,
			'messaging.destination.name': this.#destination,
			'messaging.message.id': messageId,
		};
	}
}

/** Runs the work, records how it failed if it did, and ends the span. */
async function ending(span: Span, work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (error) {
		const exception = error instanceof Error ? error : new Error(String(error));
		span.recordException(exception);
		span.setAttribute('error.type', exception.name);
		span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
		throw error;
	} finally {
		span.end();
	}
}

import { startWorker } from '../../lib/start-worker.ts';
import type { DocumentApi } from './open-document.ts';
// Vite makes the address of a chunk of its own.
// oxlint-disable-next-line import/default
import workerUrl from './trace-document.worker.ts?worker&url';

export interface DocumentQuestion {
	id: number;
	method: keyof DocumentApi;
	args: readonly unknown[];
}
export type DocumentAnswer = { id: number; value: unknown } | { id: number; error: string };

type Asked = {
	[Method in keyof DocumentApi]: (...args: Parameters<DocumentApi[Method]>) => Promise<ReturnType<DocumentApi[Method]>>;
};

/** A document that lies in a worker: reading and searching it never holds the page up. */
export class TraceDocument {
	readonly #worker = startWorker(workerUrl);
	readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
	#next = 0;

	constructor() {
		this.#worker.addEventListener('message', ({ data }: MessageEvent<DocumentAnswer>) => {
			const waiting = this.#waiting.get(data.id);
			this.#waiting.delete(data.id);
			if ('error' in data) waiting?.reject(new Error(data.error));
			else waiting?.resolve(data.value);
		});
		this.#worker.addEventListener('error', ({ message }) => this.#failAll(message || 'the worker could not start'));
	}

	readonly ask: Asked = {
		open: (bytes) => this.#ask('open', [bytes], [bytes]),
		arrange: (traceId) => this.#ask('arrange', [traceId]),
		rows: (traceId, ids, kinds) => this.#ask('rows', [traceId, ids, kinds]),
		detail: (spanId) => this.#ask('detail', [spanId]),
		column: (wanted) => this.#ask('column', [wanted]),
		keys: () => this.#ask('keys', []),
		events: () => this.#ask('events', []),
		lines: (from) => this.#ask('lines', [from]),
		text: () => this.#ask('text', []),
	};

	close(): void {
		this.#worker.terminate();
		this.#failAll('the document was closed');
	}

	#ask<Answer>(method: keyof DocumentApi, args: readonly unknown[], transfer: Transferable[] = []): Promise<Answer> {
		const waiting = Promise.withResolvers<unknown>();
		const id = this.#next++;
		this.#waiting.set(id, waiting);
		const question: DocumentQuestion = { id, method, args };
		this.#worker.postMessage(question, transfer);
		return waiting.promise as Promise<Answer>;
	}

	#failAll(reason: string): void {
		for (const { reject } of this.#waiting.values()) reject(new Error(reason));
		this.#waiting.clear();
	}
}

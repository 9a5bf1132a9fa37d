import { OpenDocument } from './open-document.ts';
import type { DocumentAnswer, DocumentQuestion } from './trace-document.ts';

const opened = new OpenDocument();

/** One question at a time, answered in order. */
self.addEventListener('message', ({ data }: MessageEvent<DocumentQuestion>) => {
	const { id, method, args } = data;
	try {
		const value: unknown = Reflect.apply(opened[method], opened, args);
		const answer: DocumentAnswer = { id, value };
		reply(answer, value instanceof ArrayBuffer ? [value] : []);
	} catch (error) {
		const answer: DocumentAnswer = { id, error: error instanceof Error ? error.message : String(error) };
		reply(answer, []);
	}
});

function reply(answer: DocumentAnswer, transfer: Transferable[]): void {
	// A worker speaks to the page that started it, and to no other.
	// oxlint-disable-next-line unicorn/require-post-message-target-origin
	self.postMessage(answer, { transfer });
}

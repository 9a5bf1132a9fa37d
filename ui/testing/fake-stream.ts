import type { EventStream } from '../lib/event-stream.ts';

/** Server-sent events that a test sends. */
export class FakeStream extends EventTarget implements EventStream {
	readonly url: URL;
	readyState = 0;

	constructor(url: string) {
		super();
		this.url = new URL(url, location.origin);
	}

	close(): void {
		this.readyState = 2;
	}

	tell(event: string, data: object = {}): void {
		this.readyState = 1;
		this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
	}

	/** As a server does that answers with an error; a connection that breaks is opened again. */
	fail(isRefused: boolean): void {
		this.readyState = isRefused ? 2 : 0;
		this.dispatchEvent(new Event('error'));
	}
}

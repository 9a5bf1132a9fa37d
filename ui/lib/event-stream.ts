/** The part of a browser's `EventSource` that is used. */
export interface EventStream {
	addEventListener(type: string, listener: (event: Event) => void): void;
	close(): void;
	readonly readyState: number;
}

export type OpenEvents = (url: string) => EventStream;

/** `EventSource.CLOSED`: refused by the server, so that the browser does not come back. */
export const STREAM_CLOSED = 2;

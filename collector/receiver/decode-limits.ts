/** What one span may carry; what lies beyond is dropped, marked and counted, and the rest of the span is kept. */
export const DECODE_LIMITS = {
	/** Bytes of one text or value. */
	valueBytes: 64 * 1024,
	/** Bytes of an attribute's key; an attribute with a longer one is dropped, for half a key is another key. */
	keyBytes: 1024,
	/** Attributes of one span, event, link, resource or scope. */
	attributes: 512,
	events: 128,
	links: 128,
	/** Arrays and maps within each other: the default limit of the SDKs. */
	valueDepth: 64,
} as const;

/** What a decoder has to know beside the bytes. */
export interface DecodeContext {
	project: string;
	receivedMs: number;
	/** A span that ended earlier than this would be deleted at once: it is placed at its receive time. */
	retentionMs: number;
}

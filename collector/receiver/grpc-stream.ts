import { constants } from 'node:http2';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';

/** What a gRPC message says of itself in the five bytes in front of it. Source: grpc.io, "gRPC over HTTP2", "Length-Prefixed-Message". */
export interface MessagePrefix {
	isPacked: boolean;
	bytes: number;
}

interface MessageWatcher {
	announced: (prefix: MessagePrefix) => void;
	came: (bytes: number) => void;
	exceeded: () => void;
}

const PREFIX_BYTES = 5;
/** What a connection and a request may send ahead: with HTTP/2's own 64 KiB a batch needs a round trip for each 64 KiB. */
const SESSION_WINDOW_BYTES = 4 * 1024 * 1024;
const STREAM_WINDOW_BYTES = 1024 * 1024;

/** Encodings that we unpack instead of grpc-js. */
const OURS = new Set(['gzip', 'deflate']);

/**
 * The HTTP/2 stream behind a call. grpc-js tells the size of a message when it is whole, and nothing of requests that it
 * refuses by itself; the stream knows both. And grpc-js unpacks as many messages at once as there are, each up to the
 * limit: it is told that nothing is packed, so that messages arrive as they were sent. In a version that keeps stream and
 * encoding elsewhere, all three are as grpc-js does them.
 */
export class GrpcStream {
	readonly #stream: ServerHttp2Stream | undefined;
	/** Name of what packed messages of this call are packed with. */
	readonly encoding: string;
	/** Whether packed messages come to us as they are. */
	readonly isOurs: boolean;

	constructor(call: ServerInterceptingCallInterface) {
		const inner = call as { stream?: ServerHttp2Stream; incomingEncoding?: string };
		this.#stream = inner.stream;
		this.encoding = inner.incomingEncoding ?? 'unknown';
		this.isOurs = inner.stream !== undefined && OURS.has(this.encoding);
		if (this.isOurs) inner.incomingEncoding = 'identity';
	}

	/** Tells the size of the message before it is read any further, what came of it, and when more is sent than that. */
	watch({ announced, came, exceeded }: MessageWatcher): void {
		const stream = this.#stream;
		if (stream === undefined) return;
		const start = Buffer.alloc(PREFIX_BYTES);
		let received = 0;
		let expected = Infinity;
		const look = (chunk: Buffer): void => {
			if (received < PREFIX_BYTES) chunk.copy(start, received);
			received += chunk.length;
			if (expected === Infinity && received >= PREFIX_BYTES) {
				const bytes = start.readUInt32BE(1);
				expected = PREFIX_BYTES + bytes;
				announced({ isPacked: start[0] === 1, bytes });
			}
			came(chunk.length);
			if (received <= expected) return;
			stream.off('data', look);
			exceeded();
		};
		stream.on('data', look);
	}

	/** The status that was sent without anybody being asked, undefined when the client went away. */
	sentStatus(): { code: number; message: string } | undefined {
		const headers = this.#stream?.sentHeaders;
		const code = headers?.['grpc-status'];
		return code === undefined
			? undefined
			: { code: Number(code), message: decodeURI(String(headers?.['grpc-message'] ?? '')) };
	}

	/**
	 * Ends the call once its answer is sent, though the client goes on sending, or never ends: grpc-js keeps what came of the
	 * message as long as the stream is open. Source: RFC 9113, 8.1.
	 */
	stop(): void {
		if (this.#stream?.destroyed === false) this.#stream.close(constants.NGHTTP2_NO_ERROR);
	}

	/** Lets a connection send more at once; grpc-js has no option for it on its server. */
	widen(known: WeakSet<ServerHttp2Session>): void {
		const session = this.#stream?.session as ServerHttp2Session | undefined;
		if (session === undefined || known.has(session) || session.destroyed) return;
		known.add(session);
		session.setLocalWindowSize(SESSION_WINDOW_BYTES);
		session.settings({ initialWindowSize: STREAM_WINDOW_BYTES });
	}
}

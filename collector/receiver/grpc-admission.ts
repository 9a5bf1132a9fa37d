import type { ServerHttp2Session } from 'node:http2';
import {
	ServerInterceptingCall,
	status,
	type Metadata,
	type ServerInterceptingCallInterface,
	type ServerInterceptor,
	type ServerListener,
} from '@grpc/grpc-js';
import { ProblemError } from '../problem.ts';
import type { BytesInFlight, Hold } from './bytes-in-flight.ts';
import { grpcStatus, httpStatusOf } from './grpc-status.ts';
import { GrpcStream, type MessagePrefix } from './grpc-stream.ts';

/** A whole message that was let in; `release` gives back the room that it takes. */
export interface AdmittedMessage {
	body: Uint8Array;
	project: string;
	contentEncoding: string;
	wireBytes: number;
	remote: string;
	release(): void;
}

interface AdmissionOptions {
	bytesInFlight: BytesInFlight;
	maxMessageBytes: number;
	/** The project that the request belongs to. May throw a ProblemError of 401 or 403. */
	project: (metadata: Metadata) => string;
	/** As for any thrown error; see ingestProblem. */
	toProblem: (thrown: unknown) => ProblemError;
	/** A call that never came to its handler. */
	refused: (refusal: { path: string; problem: ProblemError; remote: string }) => void;
	/** How long a client may take to send a message; a minute where nothing is said. */
	readTimeoutMs?: number | undefined;
}

type SentStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

const READ_TIMEOUT_MS = 60_000;
/** What traces shrink to: a packed message is expected to need this many times its size. */
const USUAL_PACKING = 16;

/** Decides about each call before its message is read: who may send, whether there is room, and for how long we wait. */
export function grpcAdmission(options: AdmissionOptions): ServerInterceptor {
	const widened = new WeakSet<ServerHttp2Session>();
	return (method, call) => {
		const admission = new Admission(method.path, call, options);
		admission.stream.widen(widened);
		return new ServerInterceptingCall(call, {
			start: (next) => next(admission.listener()),
			sendStatus: (sent, next) => next(admission.answer(sent)),
		});
	};
}

const notOneMessage = (): ProblemError =>
	new ProblemError(400, 'NOT_ONE_MESSAGE', 'the request is not one whole message');

class Admission {
	readonly stream: GrpcStream;
	readonly #path: string;
	readonly #call: ServerInterceptingCallInterface;
	readonly #options: AdmissionOptions;
	readonly #remote: string;
	#state: 'reading' | 'handled' | 'refused' = 'reading';
	#project = '';
	#isWhole = false;
	#hold: Hold | undefined;
	#prefix: MessagePrefix | undefined;
	#timer: NodeJS.Timeout | undefined;

	constructor(path: string, call: ServerInterceptingCallInterface, options: AdmissionOptions) {
		this.stream = new GrpcStream(call);
		this.#path = path;
		this.#call = call;
		this.#options = options;
		this.#remote = call.getConnectionInfo().remoteAddress ?? '';
	}

	listener(): ServerListener {
		return {
			onReceiveMetadata: (metadata, next) => {
				try {
					this.#project = this.#options.project(metadata);
					this.#reserve(0);
				} catch (error) {
					return this.#refuse(this.#options.toProblem(error));
				}
				this.stream.watch(
					(prefix) => this.#announced(prefix),
					() => this.#exceeded(),
				);
				this.#timer = setTimeout(() => this.#timedOut(), this.#options.readTimeoutMs ?? READ_TIMEOUT_MS);
				next(metadata);
			},
			onReceiveMessage: (body: Buffer, next) => {
				if (this.#state === 'reading') next(this.#admit(body));
			},
			onReceiveHalfClose: (next) => {
				clearTimeout(this.#timer);
				// The handler runs at once, and gives the room back when it is done.
				if (this.#state === 'reading' && this.#isWhole) this.#state = 'handled';
				next();
			},
			onCancel: () => this.#ended(),
		};
	}

	/** grpc-js calls it unimplemented when a client sends no whole message, or two. */
	answer(sent: SentStatus): SentStatus {
		if (this.#state === 'handled' || sent.code !== status.UNIMPLEMENTED) return sent;
		return grpcStatus(notOneMessage());
	}

	#announced(prefix: MessagePrefix): void {
		this.#prefix = prefix;
		const { maxMessageBytes } = this.#options;
		// Too large is for grpc-js to refuse, and it has done so by now.
		if (this.#state !== 'reading' || prefix.bytes > maxMessageBytes) return;
		try {
			this.#reserve(prefix.isPacked ? Math.min(prefix.bytes * USUAL_PACKING, maxMessageBytes) : prefix.bytes);
		} catch (error) {
			this.#refuse(this.#options.toProblem(error));
		}
	}

	/** Nobody waits for a second message, and no room was asked for it. */
	#exceeded(): void {
		if (this.#state === 'reading') this.#refuse(notOneMessage());
	}

	#reserve(bytes: number): void {
		this.#hold?.release();
		this.#hold = this.#options.bytesInFlight.hold(bytes);
		if (this.#hold === undefined)
			throw new ProblemError(503, 'TOO_MUCH_IN_FLIGHT', 'too much is being received at once; send it again');
	}

	#admit(body: Buffer): AdmittedMessage {
		this.#isWhole = true;
		this.#hold?.resize(body.length);
		const isPacked = this.#prefix?.isPacked ?? false;
		return {
			body,
			project: this.#project,
			contentEncoding: isPacked ? this.stream.encoding : 'identity',
			wireBytes: this.#prefix?.bytes ?? body.length,
			remote: this.#remote,
			release: () => this.#hold?.release(),
		};
	}

	#timedOut(): void {
		this.#call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'the message did not arrive in time' });
	}

	#refuse(problem: ProblemError): void {
		this.#state = 'refused';
		this.#hold?.release();
		this.#call.sendStatus(grpcStatus(problem));
		this.#options.refused({ path: this.#path, problem, remote: this.#remote });
	}

	#ended(): void {
		clearTimeout(this.#timer);
		if (this.#state !== 'reading') return;
		this.#hold?.release();
		const sent = this.stream.sentStatus();
		const problem =
			sent === undefined
				? new ProblemError(400, 'BODY_INCOMPLETE', 'the call ended before its message was whole')
				: new ProblemError(httpStatusOf(sent.code), 'NOT_READ', sent.message);
		this.#options.refused({ path: this.#path, problem, remote: this.#remote });
	}
}

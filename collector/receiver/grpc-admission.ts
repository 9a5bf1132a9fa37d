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
import { BodyPace } from './body-pace.ts';
import type { BodyLimits } from './content-encoding.ts';
import { grpcStatus, httpStatusOf } from './grpc-status.ts';
import { GrpcStream, type MessagePrefix } from './grpc-stream.ts';
import { RequestRoom, type IngestRoom } from './request-room.ts';
import type { Sender } from './sender.ts';

/** A whole message that was let in. */
export interface AdmittedMessage {
	/** Throws a ProblemError when the message is damaged, too large, or finds no room. */
	unpack(): Promise<Uint8Array>;
	/** Gives back the room that it takes; see Hold. */
	release(): void;
	keepFor(work: Promise<unknown>): void;
	sender: Sender;
	contentEncoding: string;
	wireBytes: number;
	remote: string;
}

interface AdmissionOptions {
	room: IngestRoom;
	limits: BodyLimits;
	/** Whose request it is. May throw a ProblemError of 401, 403 or 429. */
	sender: (metadata: Metadata) => Sender;
	/** As for any thrown error; see ingestProblem. */
	toProblem: (thrown: unknown) => ProblemError;
	/** A call that never came to its handler. */
	refused: (refusal: { path: string; problem: ProblemError; remote: string }) => void;
	/** How long a client may take to send a message; a minute where nothing is said. */
	readTimeoutMs?: number | undefined;
}

type SentStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

const READ_TIMEOUT_MS = 60_000;
/** What grpc-js keeps of a message that is not whole is a list of its frames, and each costs about this beside its bytes. */
const FRAME_BYTES = 256;

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

/** Until the metadata says who it is: no message is admitted before. */
const nobody: Sender = { project: '', charge: () => {}, chargeSpans: () => {} };

class Admission {
	readonly stream: GrpcStream;
	readonly #path: string;
	readonly #call: ServerInterceptingCallInterface;
	readonly #options: AdmissionOptions;
	readonly #remote: string;
	readonly #room: RequestRoom;
	#state: 'reading' | 'handled' | 'refused' = 'reading';
	#sender: Sender = nobody;
	#isWhole = false;
	#arrivedBytes = 0;
	#prefix: MessagePrefix | undefined;
	#timer: NodeJS.Timeout | undefined;
	#pace: BodyPace | undefined;

	constructor(path: string, call: ServerInterceptingCallInterface, options: AdmissionOptions) {
		this.stream = new GrpcStream(call);
		this.#path = path;
		this.#call = call;
		this.#options = options;
		this.#room = new RequestRoom(options.room);
		this.#remote = call.getConnectionInfo().remoteAddress ?? '';
	}

	listener(): ServerListener {
		return {
			onReceiveMetadata: (metadata, next) => {
				try {
					this.#sender = this.#options.sender(metadata);
				} catch (error) {
					return this.#refuse(this.#options.toProblem(error));
				}
				this.stream.watch({
					announced: (prefix) => this.#announced(prefix),
					came: (bytes) => this.#came(bytes),
					exceeded: () => this.#exceeded(),
				});
				const { limits, readTimeoutMs = READ_TIMEOUT_MS } = this.#options;
				this.#timer = setTimeout(() => this.#timedOut('the message did not arrive in time'), readTimeoutMs);
				this.#pace = new BodyPace(({ message }) => this.#timedOut(message), limits.leastPace);
				next(metadata);
			},
			onReceiveMessage: (body: Buffer, next) => {
				if (this.#state === 'reading') next(this.#admit(body));
			},
			onReceiveHalfClose: (next) => {
				this.#stopWaiting();
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
		// Too large is for grpc-js to refuse, and it has done so by now.
		if (prefix.bytes <= this.#options.limits.maxBodyBytes) this.#orRefuse(() => this.#room.expect(prefix.bytes));
	}

	/** As it comes, and no sooner: what was announced may never be sent. */
	#came(bytes: number): void {
		this.#arrivedBytes += bytes + FRAME_BYTES;
		this.#pace?.came(bytes);
		this.#orRefuse(() => this.#room.take(this.#arrivedBytes));
	}

	#orRefuse(step: () => void): void {
		if (this.#state !== 'reading' || this.#isWhole) return;
		try {
			step();
		} catch (error) {
			this.#refuse(this.#options.toProblem(error));
		}
	}

	/** Nobody waits for a second message, and no room was asked for it. */
	#exceeded(): void {
		if (this.#state === 'reading') this.#refuse(notOneMessage());
	}

	#admit(body: Buffer): AdmittedMessage {
		this.#isWhole = true;
		const isPacked = this.#prefix?.isPacked ?? false;
		const packedWith = isPacked && this.stream.isOurs ? this.stream.encoding : 'identity';
		return {
			unpack: () => this.#room.inflate(body, packedWith, this.#options.limits),
			release: () => this.#room.release(),
			keepFor: (work) => this.#room.keepFor(work),
			sender: this.#sender,
			contentEncoding: isPacked ? this.stream.encoding : 'identity',
			wireBytes: this.#prefix?.bytes ?? body.length,
			remote: this.#remote,
		};
	}

	#timedOut(details: string): void {
		this.#call.sendStatus({ code: status.DEADLINE_EXCEEDED, details });
		this.stream.stop();
	}

	#refuse(problem: ProblemError): void {
		this.#state = 'refused';
		this.#room.release();
		this.#call.sendStatus(grpcStatus(problem));
		this.stream.stop();
		this.#options.refused({ path: this.#path, problem, remote: this.#remote });
	}

	#stopWaiting(): void {
		clearTimeout(this.#timer);
		this.#pace?.stop();
	}

	#ended(): void {
		this.#stopWaiting();
		if (this.#state !== 'reading') return;
		this.#state = 'refused';
		this.#room.release();
		const sent = this.stream.sentStatus();
		const problem =
			sent === undefined
				? new ProblemError(400, 'BODY_INCOMPLETE', 'the call ended before its message was whole')
				: new ProblemError(httpStatusOf(sent.code), 'NOT_READ', sent.message);
		this.#options.refused({ path: this.#path, problem, remote: this.#remote });
	}
}

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
import { inflateBody } from './content-encoding.ts';
import { grpcStatus, httpStatusOf } from './grpc-status.ts';
import { GrpcStream, type MessagePrefix } from './grpc-stream.ts';
import { noRoom } from './request-room.ts';
import type { Sender } from './sender.ts';
import { Turns } from './turns.ts';

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
	bytesInFlight: BytesInFlight;
	maxMessageBytes: number;
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
/** As many as zlib has threads: the others would only hold memory. */
const UNPACKED_AT_ONCE = 4;

/** Decides about each call before its message is read: who may send, whether there is room, and for how long we wait. */
export function grpcAdmission(options: AdmissionOptions): ServerInterceptor {
	const widened = new WeakSet<ServerHttp2Session>();
	const turns = new Turns(UNPACKED_AT_ONCE);
	return (method, call) => {
		const admission = new Admission(method.path, call, options, turns);
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
const nobody: Sender = { project: '', charge: () => {} };

class Admission {
	readonly stream: GrpcStream;
	readonly #path: string;
	readonly #call: ServerInterceptingCallInterface;
	readonly #options: AdmissionOptions;
	readonly #turns: Turns;
	readonly #remote: string;
	#state: 'reading' | 'handled' | 'refused' = 'reading';
	#sender: Sender = nobody;
	#isWhole = false;
	#hold: Hold | undefined;
	#prefix: MessagePrefix | undefined;
	#timer: NodeJS.Timeout | undefined;

	constructor(path: string, call: ServerInterceptingCallInterface, options: AdmissionOptions, turns: Turns) {
		this.#turns = turns;
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
					this.#sender = this.#options.sender(metadata);
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
			this.#reserve(prefix.bytes);
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
		if (this.#hold === undefined) throw noRoom();
	}

	#admit(body: Buffer): AdmittedMessage {
		this.#isWhole = true;
		const isPacked = this.#prefix?.isPacked ?? false;
		return {
			unpack: () => this.#unpack(body, isPacked && this.stream.isOurs),
			release: () => this.#hold?.release(),
			keepFor: (work) => this.#hold?.keepFor(work),
			sender: this.#sender,
			contentEncoding: isPacked ? this.stream.encoding : 'identity',
			wireBytes: this.#prefix?.bytes ?? body.length,
			remote: this.#remote,
		};
	}

	/** What a message unpacks to is known only then; it has to find room like any other. */
	async #unpack(message: Uint8Array, isPacked: boolean): Promise<Uint8Array> {
		if (!isPacked) return this.#sized(message);
		const limits = { maxBodyBytes: this.#options.maxMessageBytes };
		return this.#turns.run(async () => this.#sized(await inflateBody(message, this.stream.encoding, limits)));
	}

	#sized(body: Uint8Array): Uint8Array {
		if (this.#hold?.resize(body.length) !== true) throw noRoom();
		return body;
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

import { status, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js';
import type { ProblemError } from '../problem.ts';
import type { AdmittedMessage } from './grpc-admission.ts';
import { grpcStatus } from './grpc-status.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

interface HealthOptions {
	/** Full names of the services; the empty name stands for all of them. */
	services: ReadonlySet<string>;
	/** Rejects when spans could not be accepted now. */
	checkReady: () => Promise<void>;
	toProblem: (thrown: unknown) => ProblemError;
}

/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const SERVING = { yes: 1, no: 2, unknownService: 3 } as const;
type Serving = (typeof SERVING)[keyof typeof SERVING];

type Watch = ServerWritableStream<AdmittedMessage, Buffer>;

const WATCH_INTERVAL_MS = 5_000;
/** A watch is a request that stays open; nobody needs many. */
const MAX_WATCHES = 100;

const path = (method: string): string => `/grpc.health.v1.Health/${method}`;
const asSent = (message: Buffer): Buffer => message;

/** Says to load balancers and probes whether spans are accepted now. Source: grpc.io, "GRPC Health Checking Protocol". */
export class GrpcHealth {
	static readonly definition = {
		Check: methodOf('Check', false),
		Watch: methodOf('Watch', true),
	};

	readonly #options: HealthOptions;
	/** Each with what it was told last. */
	readonly #watches = new Map<Watch, Serving>();
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor(options: HealthOptions) {
		this.#options = options;
	}

	readonly implementation = {
		Check: async (call: ServerUnaryCall<AdmittedMessage, Buffer>, answer: sendUnaryData<Buffer>): Promise<void> => {
			const service = await this.#readService(call.request);
			if (typeof service !== 'string') return answer(service);
			if (!this.#isKnown(service)) return answer({ code: status.NOT_FOUND, details: 'there is no such service' });
			answer(null, response(await this.#serving()));
		},
		Watch: async (call: Watch): Promise<void> => {
			const service = await this.#readService(call.request);
			if (typeof service !== 'string') return void call.emit('error', service);
			if (this.#watches.size >= MAX_WATCHES)
				return void call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'too many watches' });
			if (!this.#isKnown(service)) call.write(response(SERVING.unknownService));
			else await this.#watch(call);
		},
	};

	/** Tells everybody who watches that it is over. */
	close(): void {
		this.#isClosed = true;
		clearInterval(this.#timer);
		for (const call of this.#watches.keys()) {
			this.#tell(call, SERVING.no);
			call.end();
		}
		this.#watches.clear();
	}

	#isKnown(service: string): boolean {
		return service === '' || this.#options.services.has(service);
	}

	/** The name in the request, or the error to answer with. */
	async #readService(message: AdmittedMessage) {
		try {
			return readService(await message.unpack());
		} catch (error) {
			return grpcStatus(this.#options.toProblem(error));
		} finally {
			message.release();
		}
	}

	async #serving(): Promise<Serving> {
		if (this.#isClosed) return SERVING.no;
		return this.#options.checkReady().then(
			() => (this.#isClosed ? SERVING.no : SERVING.yes),
			() => SERVING.no,
		);
	}

	async #watch(call: Watch): Promise<void> {
		if (this.#isClosed || call.cancelled) return void call.end();
		this.#watches.set(call, SERVING.unknownService);
		call.once('cancelled', () => this.#forget(call));
		this.#timer ??= setInterval(() => void this.#tellAll(), WATCH_INTERVAL_MS).unref();
		const serving = await this.#serving();
		if (this.#watches.has(call)) this.#tell(call, serving);
	}

	async #tellAll(): Promise<void> {
		const serving = await this.#serving();
		for (const call of this.#watches.keys()) this.#tell(call, serving);
	}

	#tell(call: Watch, serving: Serving): void {
		if (this.#watches.get(call) === serving) return;
		this.#watches.set(call, serving);
		call.write(response(serving));
	}

	#forget(call: Watch): void {
		this.#watches.delete(call);
		if (this.#watches.size > 0) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
}

function methodOf(name: string, responseStream: boolean) {
	return {
		path: path(name),
		requestStream: false,
		responseStream,
		requestSerialize: asSent,
		requestDeserialize: asSent,
		responseSerialize: asSent,
		responseDeserialize: asSent,
	};
}

/** HealthCheckRequest: the service's name in field 1. */
function readService(body: Uint8Array): string {
	const reader = new ProtobufReader();
	reader.open(body);
	let service = '';
	while (reader.position < reader.limit) {
		const tag = reader.tag();
		if (tag !== 0x0a) {
			reader.skip(tag, 'HealthCheckRequest', 0);
			continue;
		}
		const end = reader.end();
		service = Buffer.from(body.subarray(reader.position, end)).toString();
		reader.position = end;
	}
	return service;
}

const response = (serving: Serving): Buffer => Buffer.from(new ProtobufWriter().varint(1, serving).finish());

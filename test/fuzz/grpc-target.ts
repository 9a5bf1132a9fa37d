import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { gzipSync } from 'node:zlib';
import { silentLog } from '../../collector/log.ts';
import { LogQuota } from '../../collector/receiver/log-quota.ts';
import { otlpGrpc, type OtlpGrpc } from '../../collector/receiver/otlp-grpc.ts';
import { IngestRoom } from '../../collector/receiver/request-room.ts';
import { openDecodePool } from '../support/decode-pool.ts';
import { encodeProto } from '../support/otlp-proto.ts';
import { wireRequest } from '../support/otlp-model.ts';
import { Dice } from './dice.ts';
import type { FuzzTarget, Random, Verdict } from './fuzz.ts';
import { damage } from './noise.ts';
import { randomRequest, receivedMs } from './random-request.ts';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const nothing = () => undefined;
/** A connection serves so many calls before a new one takes its place. */
const callsPerSession = 2_000;
const answerMs = 20_000;

/** First byte of a case: a call whose frames are wrong, or a connection with frames of HTTP/2 that are. */
const KINDS = ['call', 'connection'] as const;
const encodings = [undefined, 'gzip', 'identity', 'deflate', 'zstd', 'x', 'gzip, gzip'];

function frame(flag: number, message: Uint8Array, length = message.length): Buffer {
	const prefix = Buffer.alloc(5);
	prefix.writeUInt8(flag, 0);
	prefix.writeUInt32BE(length, 1);
	return Buffer.concat([prefix, message]);
}

/** Layout: kind, index of the encoding, where the bytes are split in two, then the bytes. */
function make(random: Random): Uint8Array {
	const dice = new Dice(random);
	if (dice.chance(0.02)) return Buffer.concat([Uint8Array.of(1, 0, 0), http2Noise(dice)]);
	const message = encodeProto('ExportTraceServiceRequest', wireRequest(randomRequest(dice), false));
	const encoding = dice.chance(0.6) ? dice.below(2) : dice.below(encodings.length);
	const isPacked = dice.chance(0.5);
	const content = isPacked ? gzipSync(message) : message;
	const length = dice.chance(0.7) ? content.length : dice.pick([0, 1, content.length + 1, 2 ** 26, 2 ** 32 - 1]);
	const first = frame(dice.chance(0.9) ? Number(isPacked) : dice.below(256), content, length);
	const all = dice.chance(0.1) ? Buffer.concat([first, first.subarray(0, dice.below(first.length))]) : first;
	const bytes = dice.chance(0.3) ? damage(all, dice) : all;
	return Buffer.concat([Uint8Array.of(0, encoding, dice.below(256)), bytes]);
}

/** Frames of HTTP/2 behind the greeting: random types, flags and lengths, some of which begin a call. */
function http2Noise(dice: Dice): Buffer {
	const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
	const frames = Array.from({ length: 1 + dice.below(8) }, () => {
		const payload = dice.bytes(dice.below(40));
		return Buffer.concat([
			Uint8Array.of(0, 0, payload.length, dice.below(12), dice.below(256), 0, 0, 0, dice.below(4)),
			payload,
		]);
	});
	return Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, ...frames]);
}

/** A real listener, over sockets. Every call is answered by a status of gRPC's, and the listener lives on. */
export async function grpcTarget(): Promise<FuzzTarget> {
	const decodePool = openDecodePool();
	const server = await otlpGrpc({
		host: '127.0.0.1',
		port: 0,
		append: async () => {},
		appendLogs: async () => {},
		logQuota: new LogQuota(1_000, () => receivedMs),
		sender: () => ({ project: 'default', charge: () => {}, chargeSpans: () => {} }),
		limits: { maxBodyBytes: 1024 ** 2, retentionMs: 7 * 86_400_000 },
		room: new IngestRoom(64 * 1024 ** 2),
		clock: () => receivedMs,
		decode: decodePool.decode,
		decodeLogs: decodePool.decodeLogs,
		observe: {
			requestReceived: nothing,
			spansAccepted: nothing,
			logsAccepted: nothing,
			spansRepeated: nothing,
			rejected: nothing,
			requestFailed: nothing,
			answered: nothing,
		},
		otherSignals: 'report',
		checkReady: () => Promise.resolve(),
		drainMs: 500,
		log: silentLog,
	});
	const sessions = new Sessions(server.address);
	return {
		name: 'grpc',
		concurrency: 16,
		make,
		execute: async (input) =>
			KINDS[input[0] ?? 0] === 'connection' ? disturb(server, input.subarray(3)) : call(sessions.next(), input),
		close: async () => {
			sessions.close();
			await server.close();
			await decodePool.close();
		},
	};
}

class Sessions {
	readonly #address: string;
	#session: ClientHttp2Session | undefined;
	/** Its last calls are answered long before the next one retires. */
	#retired: ClientHttp2Session | undefined;
	#calls = 0;

	constructor(address: string) {
		this.#address = address;
	}

	next(): ClientHttp2Session {
		this.#calls += 1;
		if (this.#session === undefined || this.#session.destroyed || this.#calls % callsPerSession === 0) {
			this.#retired?.destroy();
			this.#retired = this.#session;
			this.#session = connectHttp2(`http://${this.#address}`);
			this.#session.on('error', nothing);
		}
		return this.#session;
	}

	close(): void {
		this.#retired?.destroy();
		this.#session?.destroy();
	}
}

async function call(session: ClientHttp2Session, input: Uint8Array): Promise<Verdict> {
	const [, encodingIndex = 0, split = 0] = input;
	const bytes = input.subarray(3);
	const encoding = encodings[encodingIndex];
	const stream = session.request({
		':method': 'POST',
		':path': EXPORT,
		'content-type': 'application/grpc',
		te: 'trailers',
		...(encoding === undefined ? {} : { 'grpc-encoding': encoding }),
	});
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	let status: string | undefined;
	const note = (headers: Record<string, unknown>) =>
		(status = (headers['grpc-status'] as string | undefined) ?? status);
	let failure = '';
	stream
		.on('response', note)
		.on('trailers', note)
		.on('error', (error: Error) => (failure = error.message));
	stream.on('close', () => resolve(status ?? `none, stream reset with ${stream.rstCode} ${failure}`));
	const timer = setTimeout(() => reject(new Error(`no answer within ${answerMs} ms`)), answerMs);
	stream.resume();
	const at = Math.floor((split / 256) * bytes.length);
	stream.write(bytes.subarray(0, at));
	stream.end(bytes.subarray(at));
	const answer = await promise.finally(() => clearTimeout(timer));
	// What the sender did wrong (3, 8, 12); never 2 or 13, which would be the listener's own fault, nor silence.
	if (!['0', '3', '8', '12'].includes(answer)) throw new Error(`answered with status ${answer}`);
	return answer === '0' ? 'taken' : 'refused';
}

/** The connection may be cut; a call over another one is answered. */
async function disturb(server: OtlpGrpc, bytes: Uint8Array): Promise<Verdict> {
	const [host = '', port = ''] = server.address.split(':');
	const socket = connectTcp(Number(port), host);
	socket.on('error', nothing).resume();
	const closed = new Promise((resolve) => socket.once('close', resolve));
	socket.write(bytes);
	const timer = setTimeout(() => socket.destroy(), 5);
	await closed;
	clearTimeout(timer);
	const session = connectHttp2(`http://${server.address}`);
	session.on('error', nothing);
	try {
		const healthy = Buffer.concat([Uint8Array.of(0, 0, 128), frame(0, new Uint8Array())]);
		if ((await call(session, healthy)) !== 'taken') throw new Error('the next client was refused');
	} finally {
		session.destroy();
	}
	return 'refused';
}

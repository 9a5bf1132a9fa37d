import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { makePayloads } from '../../test/bench/otlp-payload.ts';
import { silentLog } from '../log.ts';
import { DecodeError } from './decode-error.ts';
import { DecodePool } from './decode-pool.ts';
import { readTraces } from './read-traces.ts';

// Starting a thread compiles the decoder, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };
const [payload] = makePayloads({ spansPerRequest: 4_000, requests: 1, seed: 5, encoding: 'protobuf' });
const large = (): Uint8Array => payload!.body.slice();

let pool: DecodePool | undefined;
afterEach(async () => pool?.close());

test('a body of more than 1 MiB comes back from a thread as the same block', async () => {
	pool = new DecodePool({ threads: 2, log: silentLog });
	expect(large().length).toBeGreaterThan(1024 * 1024);
	const [first, second] = await Promise.all([
		pool.decode(large(), 'protobuf', context),
		pool.decode(large(), 'protobuf', context),
	]);
	expect(isDeepStrictEqual(first, readTraces(large(), 'protobuf', context))).toBe(true);
	expect(second.report.accepted).toBe(4_000);
});

test('damage that a thread finds is the same error as in place', async () => {
	pool = new DecodePool({ threads: 1, log: silentLog });
	const damaged = large().subarray(0, 1_200_000);
	const error: unknown = await pool.decode(damaged, 'protobuf', context).catch((thrown: unknown) => thrown);
	expect(error).toBeInstanceOf(DecodeError);
	expect(error).toMatchObject({
		message: expect.stringMatching(/^byte \d+: /) as string,
		where: { offset: expect.any(Number) as number },
	});
	await expect(pool.decode(large(), 'protobuf', context)).resolves.toMatchObject({ report: { accepted: 4_000 } });
});

test('a thread that dies costs its request a 503, and the next request gets a new thread', async () => {
	const script = `
		import { parentPort } from 'node:worker_threads';
		parentPort.on('message', ({ body }) => {
			if (body[0] === 1) process.exit(9);
			if (body[0] === 2) throw new Error('a bug');
			parentPort.postMessage({ kind: 'read', read: { block: null, report: body.length } });
		});`;
	const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
	pool = new DecodePool({ threads: 1, log: silentLog, workerUrl });
	const body = (first: number): Uint8Array => Buffer.alloc(1024 * 1024 + 1, first);
	await expect(pool.decode(body(1), 'protobuf', context)).rejects.toMatchObject({ status: 503 });
	await expect(pool.decode(body(2), 'protobuf', context)).rejects.toMatchObject({ status: 503 });
	await expect(pool.decode(body(3), 'protobuf', context)).resolves.toMatchObject({ report: 1024 * 1024 + 1 });
});

test('more large bodies than can wait are refused, not queued', async () => {
	const script =
		'setTimeout(() => {}, 60_000); import("node:worker_threads").then(({ parentPort }) => parentPort.on("message", () => {}));';
	pool = new DecodePool({
		threads: 1,
		log: silentLog,
		workerUrl: new URL(`data:text/javascript,${encodeURIComponent(script)}`),
	});
	const waiting = Array.from({ length: 40 }, () =>
		pool!.decode(large(), 'protobuf', context).catch((error: unknown) => error),
	);
	const refused = await Promise.race(waiting.slice(20));
	expect(refused).toMatchObject({ status: 503, code: 'DECODER_BUSY' });
	await pool.close();
	expect(await Promise.all(waiting)).toHaveLength(40);
});

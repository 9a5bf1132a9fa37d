import { isDeepStrictEqual } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { makePayloads } from '../../test/bench/otlp-payload.ts';
import { openDecodePool } from '../../test/support/decode-pool.ts';
import { silentLog } from '../log.ts';
import type { Log } from '../log.ts';
import { openSpanBlock } from '../spool/span-block-codec.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodePool } from './decode-pool.ts';
import { readTraces } from './read-traces.ts';

// Starting a thread compiles the decoder, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };
const [payload] = makePayloads({ spansPerRequest: 300, requests: 1, seed: 5, encoding: 'protobuf' });
const [other] = makePayloads({ spansPerRequest: 200, requests: 1, seed: 6, encoding: 'protobuf' });
const large = (): Uint8Array => payload!.body.slice();

let pool: DecodePool | undefined;
afterEach(async () => pool?.close());

/** Threads that do what the script says with a body. */
function scripted(onBody: string, log: Log = silentLog): DecodePool {
	const script = `
		import { parentPort } from 'node:worker_threads';
		const answer = (report) => parentPort.postMessage({ kind: 'read', read: { report } });
		parentPort.on('message', ({ body }) => { ${onBody} });`;
	const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
	return openDecodePool({ workerUrl, heapMebibytes: 64, log });
}
const bodyOf = (first: number): Uint8Array => new Uint8Array(20_000).fill(first);
const problemOf = (request: Promise<unknown>): Promise<unknown> => request.catch((error: unknown) => error);

test('bodies come back from threads as the blocks that decoding in place gives, each to its sender', async () => {
	pool = openDecodePool({ threads: 2 });
	const bodies = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? other! : payload!));
	const read = await Promise.all(bodies.map(({ body }) => pool!.decode(body.slice(), 'protobuf', context)));
	for (const [i, { block, report, service }] of read.entries()) {
		const expected = readTraces(bodies[i]!.body, 'protobuf', context);
		expect(isDeepStrictEqual(openSpanBlock(block.frame), expected.block)).toBe(true);
		expect(report).toEqual(expected.report);
		expect(service).toBe(expected.block.resources.at(-1)?.service);
	}
});

test('small bodies are decoded in place, one after the other, without touching each other', async () => {
	pool = openDecodePool();
	const small = makePayloads({ spansPerRequest: 12, requests: 2, seed: 7, encoding: 'protobuf' });
	const read = await Promise.all(small.map(({ body }) => pool!.decode(body, 'protobuf', context)));
	for (const [i, { block }] of read.entries()) {
		const expected = readTraces(small[i]!.body, 'protobuf', context).block;
		expect(isDeepStrictEqual(openSpanBlock(block.frame), expected)).toBe(true);
	}
});

test.each([120, 200, 400])('%i spans that compress to next to nothing come back from their thread too', async (spans) => {
	pool = openDecodePool({ isSpooled: true });
	const attributes = [{ key: 'http.route', value: { stringValue: '/orders/{id}' } }];
	const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'GET /', startTimeUnixNano: '1', endTimeUnixNano: '2', attributes };
	const request = { resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: spans }, () => span) }] }] };
	const { block } = await pool.decode(new TextEncoder().encode(JSON.stringify(request)), 'json', context);
	expect(openSpanBlock(block.frame).rows).toBe(spans);
	expect(zstdDecompressSync(block.zstd!).equals(block.frame)).toBe(true);
}); // prettier-ignore

test('damage that a thread finds is the same error as in place, and the thread goes on', async () => {
	pool = openDecodePool();
	const damaged = large().subarray(0, 50_000);
	const error = await problemOf(pool.decode(damaged, 'protobuf', context));
	expect(error).toBeInstanceOf(DecodeError);
	expect(error).toMatchObject({
		message: expect.stringMatching(/^byte \d+: /) as string,
		where: { offset: expect.any(Number) as number },
	});
	await expect(pool.decode(large(), 'protobuf', context)).resolves.toMatchObject({ report: { accepted: 300 } });
});

test('a thread that dies costs the requests it held a 503, and those behind them get a new thread', async () => {
	pool = scripted(`
		if (body[0] === 1) process.exit(9);
		if (body[0] === 2) throw new Error('a bug');
		answer(body.length);`);
	// Two are with the thread, the third waits.
	const requests = [1, 3, 4].map((first) => pool!.decode(bodyOf(first), 'protobuf', context));
	const [died, behind, waited] = await Promise.all(requests.map(problemOf));
	expect(died).toMatchObject({ status: 503, code: 'DECODER_UNAVAILABLE' });
	expect(behind).toMatchObject({ status: 503, code: 'DECODER_UNAVAILABLE' });
	expect(waited).toMatchObject({ report: 20_000 });
	expect(await problemOf(pool.decode(bodyOf(2), 'protobuf', context))).toMatchObject({ status: 503 });
	await expect(pool.decode(bodyOf(3), 'protobuf', context)).resolves.toMatchObject({ report: 20_000 });
});

test('a thread that is lost is logged with the sizes of the bodies that it had', async () => {
	const warn = vi.fn<Log['warn']>();
	pool = scripted('if (body[0] === 1) process.exit(9);', { ...silentLog, warn });
	await Promise.all([1, 3].map((first) => problemOf(pool!.decode(bodyOf(first), 'protobuf', context))));
	expect(warn).toHaveBeenCalledWith(
		{ reason: 'the decoder stopped', bytes: [20_000, 20_000] },
		'a decoder thread was lost',
	);
});

test('a body that needs more memory than a thread has is refused for good, its neighbour is not', async () => {
	pool = scripted(`
		if (body[0] === 1) for (const kept = []; ; ) kept.push(new Array(1e6).fill({}));
		answer(body.length);`);
	const requests = [1, 3].map((first) => problemOf(pool!.decode(bodyOf(first), 'json', context)));
	const [guilty, neighbour] = await Promise.all(requests);
	expect(guilty).toMatchObject({ status: 413 });
	expect(neighbour).toMatchObject({ status: 503 });
});

test('more bodies than can wait are refused, not queued', async () => {
	pool = scripted('');
	const waiting = Array.from({ length: 270 }, () => problemOf(pool!.decode(bodyOf(1), 'protobuf', context)));
	expect(await Promise.race(waiting.slice(258))).toMatchObject({ status: 503, code: 'DECODER_BUSY' });
	await pool.close();
	expect(await Promise.all(waiting)).toHaveLength(270);
});

test('closing tells those who wait to come again, and takes no more', async () => {
	pool = scripted('');
	const held = problemOf(pool.decode(bodyOf(1), 'protobuf', context));
	await pool.close();
	expect(await held).toMatchObject({ status: 503, message: expect.stringContaining('shutting down') as string });
	expect(await problemOf(pool.decode(bodyOf(1), 'protobuf', context))).toMatchObject({ status: 503 });
});

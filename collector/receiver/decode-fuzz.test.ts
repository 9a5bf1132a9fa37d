import { expect, test } from 'vitest';
import { checkBlock } from '../../test/support/span-block-view.ts';
import { makePayloads } from '../../test/bench/otlp-payload.ts';
import { randomFrom } from '../../test/bench/traffic.ts';
import { DecodeError } from './decode-error.ts';
import type { OtlpEncoding } from './ingest-observer.ts';
import { TraceReader } from './read-traces.ts';

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };
const EXECUTIONS = 10_000;
const pick = randomFrom(20_261_123);
const below = (end: number): number => Math.floor(pick() * end);

/** Flips, overwrites, cuts, repeats and splices bytes: the damage that wires, disks and attackers do. */
function damage(body: Uint8Array): Uint8Array {
	let bytes = new Uint8Array(body);
	for (let i = 1 + below(6); i > 0; i--) {
		const at = below(bytes.length);
		const choice = below(6);
		if (choice === 0) bytes[at] = bytes[at]! ^ (1 << below(8));
		else if (choice === 1) bytes[at] = below(256);
		else if (choice === 2) bytes[at] = [0, 0x7f, 0x80, 0xff, 0x22, 0x5b][below(6)]!;
		else if (choice === 3) bytes = bytes.slice(0, Math.max(1, at));
		else if (choice === 4) bytes.copyWithin(below(bytes.length), at, at + below(64));
		else
			bytes = new Uint8Array(
				Buffer.concat([bytes.subarray(0, at), bytes.subarray(below(at + 1), at), bytes.subarray(at)]),
			);
	}
	return bytes;
}

test.each<OtlpEncoding>(['protobuf', 'json'])(
	'damaged %s is read or refused, never anything else, and soon',
	(encoding) => {
		const bodies = makePayloads({ spansPerRequest: 3, requests: 50, seed: 3, encoding }).map((payload) => payload.body);
		const reader = new TraceReader();
		let refused = 0;
		let slowestMs = 0;
		for (let i = 0; i < EXECUTIONS; i++) {
			const body = damage(bodies[i % bodies.length]!);
			const start = performance.now();
			try {
				const { block, report } = reader.read(body, encoding, context);
				checkBlock(block);
				expect(report.accepted).toBe(block.rows);
				expect(block.attributes.string.values.bytes.length).toBeLessThan(body.length * 4 + 64);
			} catch (error) {
				if (!(error instanceof DecodeError)) throw error;
				refused++;
			}
			slowestMs = Math.max(slowestMs, performance.now() - start);
		}
		expect(refused).toBeGreaterThan(EXECUTIONS / 100);
		expect(refused).toBeLessThan(EXECUTIONS);
		expect(slowestMs).toBeLessThan(1_000);
	},
	120_000,
);

test('a reader that refused a body reads the next one as if nothing had been', () => {
	const [payload] = makePayloads({ spansPerRequest: 20, requests: 1, seed: 3, encoding: 'protobuf' });
	const reader = new TraceReader();
	const before = reader.read(payload!.body, 'protobuf', context);
	expect(() => reader.read(payload!.body.subarray(0, payload!.body.length - 5), 'protobuf', context)).toThrow(
		DecodeError,
	);
	expect(reader.read(payload!.body, 'protobuf', context)).toEqual(before);
});

test('half a million values under one key cost one value', () => {
	const pair = Uint8Array.of(0x4a, 0x08, 0x0a, 0x01, 0x6b, 0x12, 0x03, 0x0a, 0x01, 0x76);
	const ids = Buffer.concat([
		Uint8Array.of(0x0a, 16),
		new Uint8Array(16).fill(1),
		Uint8Array.of(0x12, 8),
		new Uint8Array(8).fill(2),
	]);
	let message: Uint8Array = Buffer.concat([ids, ...Array.from({ length: 500_000 }, () => pair)]);
	for (const tag of [0x12, 0x12, 0x0a]) {
		const digits: number[] = [];
		for (let rest = message.length; ; rest >>>= 7) {
			digits.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
			if (rest <= 0x7f) break;
		}
		message = Buffer.concat([Uint8Array.of(tag, ...digits), message]);
	}
	const start = performance.now();
	const { block } = new TraceReader().read(message, 'protobuf', context);
	expect(block.attributes.string.keys).toHaveLength(1);
	expect(performance.now() - start).toBeLessThan(5_000);
});

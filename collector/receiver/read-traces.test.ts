import { expect, test } from 'vitest';
import { makePayloads } from '../../test/bench/otlp-payload.ts';
import { DecodeError } from './decode-error.ts';
import { TraceReader } from './read-traces.ts';

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };

test('a reader that refused a body reads the next one as if nothing had been', () => {
	const [payload] = makePayloads({ spansPerRequest: 20, requests: 1, seed: 3, encoding: 'protobuf' });
	const reader = new TraceReader();
	// A copy: the columns are overwritten by the next request.
	const before = structuredClone(reader.read(payload!.body, 'protobuf', context));
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
	const { block } = new TraceReader().read(message, 'protobuf', context);
	expect(block.attributes.string.keys).toHaveLength(1);
});

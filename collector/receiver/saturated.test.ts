import { expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { packForMemory } from '../spool/pack-block.ts';
import { openSpanBlock } from '../spool/span-block-codec.ts';
import { readTraces } from './read-traces.ts';

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };
const most = 2 ** 32 - 1;
/** Whoever sends it dropped as many as can be said, and here one more is lost: an attribute without a key. */
const full = { droppedAttributesCount: most, attributes: [{ key: '', value: { stringValue: 'lost' } }] };

/** A request in which everything that counts what it dropped is full. */
const requestOf = (id: (hex: string) => unknown) => ({
	resourceSpans: [
		{
			resource: full,
			scopeSpans: [
				{
					scope: { name: 'scope', ...full },
					spans: [
						{
							traceId: id('01'.repeat(16)),
							spanId: id('02'.repeat(8)),
							name: 'work',
							...full,
							events: [{ name: 'event', ...full }],
							links: [{ traceId: id('03'.repeat(16)), spanId: id('04'.repeat(8)), ...full }],
						},
					],
				},
			],
		},
	],
});

test.each([
	[
		'protobuf',
		encodeProto(
			'ExportTraceServiceRequest',
			requestOf((hex) => Buffer.from(hex, 'hex')),
		),
	],
	['json', Buffer.from(JSON.stringify(requestOf((hex) => hex)))],
] as const)('counts that are full stay full, and are read back as they were written: %s', (encoding, body) => {
	const { block } = readTraces(body, encoding, context);
	// Reading checks that each count fits.
	const { resources, scopes, droppedAttributes, events, links } = openSpanBlock(packForMemory(block).frame);
	expect(resources.map((each) => each.droppedAttributes)).toEqual([most]);
	expect(scopes.map((each) => each.droppedAttributes)).toEqual([most]);
	expect([...droppedAttributes, ...events.droppedAttributes, ...links.droppedAttributes]).toEqual([most, most, most]);
});

import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { JsonLogsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterAll, expect, test } from 'vitest';
import { closeWorlds, post, world } from '../support/otlp-http-world.ts';
import { receivedMs } from '../support/recorded-intake.ts';
import { viewSpans } from '../support/span-block-view.ts';

afterAll(closeWorlds);

type ReadableSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];
type ReadableLogRecord = Parameters<typeof JsonLogsSerializer.serializeRequest>[0][number];

const resource = { attributes: { 'service.name': 'sdk' } };
const instrumentationScope = { name: 'numbers' };
const context = { traceId: 'a1'.repeat(16), spanId: 'b2'.repeat(8), traceFlags: TraceFlags.SAMPLED };
const seconds = receivedMs / 1_000 - 1;

/** A span as the OpenTelemetry SDK hands it to its serializers. */
const sdkSpan = (name: string, attributes: Record<string, unknown>): ReadableSpan =>
	({
		name,
		kind: SpanKind.INTERNAL,
		spanContext: () => context,
		startTime: [seconds, 0],
		endTime: [seconds, 1],
		status: { code: SpanStatusCode.UNSET },
		attributes,
		links: [],
		events: [],
		duration: [0, 1],
		ended: true,
		resource,
		instrumentationScope,
		droppedAttributesCount: 0,
		droppedEventsCount: 0,
		droppedLinksCount: 0,
	}) as unknown as ReadableSpan;

/** Whole numbers of a program in JavaScript, and how they are stored: what 64 bits don't hold is the double that it was there. */
const NUMBERS: [number: number, type: 'double' | 'int'][] = [
	[2 ** 63, 'double'],
	[1e19, 'double'],
	[-1e19, 'double'],
	[1e20, 'double'],
	[1e21, 'double'],
	// Written as -9223372036854776000.
	[-(2 ** 63), 'double'],
	[2 ** 53 + 2, 'int'],
	[7, 'int'],
];

test.each(NUMBERS)(
	'spans with the number %d are taken from the official JSON exporter, as are those beside them',
	async (number, type) => {
		const { app, blocks } = world();
		const nested = { bytes: number };
		const body = JsonTraceSerializer.serializeRequest([
			sdkSpan('before', { n: 1 }),
			sdkSpan('work', { n: number, list: [number], nested, text: 'kept' }),
			sdkSpan('after', {}),
		]);
		const response = await post(app, '/v1/traces', 'application/json', body!);
		expect([response.status, await response.text()]).toEqual([200, '{}']);
		const [before, work, after] = viewSpans(blocks[0]!);
		const typed = type === 'double' ? `{"doubleValue":${number}}` : `{"intValue":"${number}"}`;
		expect(work!.attributes).toEqual({
			n: `${type.charAt(0)}${number}`,
			list: `j{"arrayValue":{"values":[${typed}]}}`,
			nested: `j{"kvlistValue":{"values":[{"key":"bytes","value":${typed}}]}}`,
			text: 'skept',
		});
		expect([before!.name, before!.attributes, after!.name]).toEqual(['before', { n: 'i1' }, 'after']);
	},
);

test.each(NUMBERS)('log records with the number %d are taken from the official JSON exporter', async (number, type) => {
	const { app, logs } = world();
	const record = {
		hrTime: [seconds, 0],
		hrTimeObserved: [seconds, 0],
		spanContext: context,
		body: number,
		attributes: { n: number },
		resource,
		instrumentationScope,
		droppedAttributesCount: 0,
	} as unknown as ReadableLogRecord;
	const response = await post(app, '/v1/logs', 'application/json', JsonLogsSerializer.serializeRequest([record])!);
	expect([response.status, await response.text()]).toEqual([200, '{}']);
	expect(logs[0]!.records).toMatchObject([{ body: `${type.charAt(0)}${number}` }]);
});

import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { decodeProto, encodeProto } from '../support/otlp-proto.ts';
import { viewSpans } from '../support/span-block-view.ts';
import { world, path, unary, send, retryInfo, span, traces, bodyOf, PACKINGS, CASES, until } from './grpc-world.ts';

describe('every signal and encoding', () => {
	test.each(CASES)('%s in %s: success is OK with an empty message', async (signal, packing) => {
		const { connect, blocks, events } = await world();
		const answer = await send(connect(PACKINGS[packing]), signal, bodyOf(signal));
		expect(answer).toMatchObject({ code: status.OK, body: new Uint8Array() });
		expect(blocks.map((block) => block.rows)).toEqual(signal === 'traces' ? [1] : []);
		expect(events[0]).toMatchObject(['requestReceived', { signal, encoding: 'protobuf', remote: '127.0.0.1' }]);
		expect(events.at(-1)).toEqual(['answered', 200]);
	});

	test.each(CASES)('%s in %s: an empty request is fine', async (signal, packing) => {
		const { connect, blocks } = await world();
		expect(await send(connect(PACKINGS[packing]), signal, new Uint8Array())).toMatchObject({ code: status.OK });
		expect(blocks).toEqual([]);
	});

	test.each(CASES)('%s in %s: a damaged message is INVALID_ARGUMENT, and says where', async (signal, packing) => {
		const { connect, blocks, events } = await world();
		const answer = await send(connect(PACKINGS[packing]), signal, Uint8Array.of(0x0a, 0x7f, 0x01));
		expect(answer.code).toBe(status.INVALID_ARGUMENT);
		expect(answer.details).toMatchObject({ code: 3, message: answer.message });
		const [detail] = answer.details!.details!;
		expect(detail!.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest');
		expect(decodeProto('BadRequest', detail!.value)).toMatchObject({ fieldViolations: [{ field: 'body[1]' }] });
		expect(blocks).toEqual([]);
		expect(events.at(-2)).toMatchObject(['requestFailed', { method: 'POST', path: path(signal), status: 400 }]);
	});

	test.each(CASES)(
		'%s in %s: a message over the limit is RESOURCE_EXHAUSTED, and not to be sent again',
		async (signal, packing) => {
			const { connect, events } = await world({ limits: { maxBodyBytes: 20_000, retentionMs: 1 } });
			const answer = await send(connect(PACKINGS[packing]), signal, new Uint8Array(1_000_000));
			expect(answer.code).toBe(status.RESOURCE_EXHAUSTED);
			expect(retryInfo(answer) ?? []).toEqual([]);
			await until(() => events.some(([name]) => name === 'requestFailed'));
			expect(events[0]).toMatchObject(['requestFailed', { path: path(signal), status: 413 }]);
			expect(events[1]).toEqual(['answered', 413]);
		},
	);
});

test('spans with bad ids are partly accepted, never refused as a whole', async () => {
	const { client, blocks, events } = await world();
	const answer = await send(client, 'traces', traces(span, { ...span, traceId: Buffer.alloc(16) }));
	expect(answer.code).toBe(status.OK);
	expect(decodeProto('ExportResponse', answer.body!)).toEqual({
		partialSuccess: {
			rejected: '1',
			errorMessage: '1 span rejected: trace id is not 16 bytes that are not all zero',
		},
	});
	expect(blocks[0]!.rows).toBe(1);
	expect(events).toContainEqual([
		'rejected',
		expect.objectContaining({ signal: 'traces', reason: 'invalid_trace_id', count: 1 }),
	]);
});

test('what is sent arrives: ids and names', async () => {
	const { client, blocks } = await world();
	await send(client, 'traces', traces(span));
	expect(viewSpans(blocks[0]!)).toMatchObject([
		{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name: 'work' },
	]);
});

test('metrics, and logs without a trace, are counted, and the answer says that they are not kept', async () => {
	const message = (field: number, ...content: Uint8Array[]) => {
		const bytes = Buffer.concat(content);
		return Buffer.concat([Uint8Array.of(field * 8 + 2, bytes.length), bytes]);
	};
	const point = message(1, Uint8Array.of(0x19, 1, 2, 3, 4, 5, 6, 7, 8));
	const bodies = {
		metrics: message(1, message(2, message(2, message(7, point, point)))),
		logs: message(1, message(2, message(2, Buffer.alloc(0)), message(2, Buffer.alloc(0)))),
	};
	const reasons = { metrics: 'signal_not_stored', logs: 'no_trace' };
	for (const signal of ['metrics', 'logs'] as const) {
		const { client, events } = await world();
		const answer = await send(client, signal, bodies[signal]);
		expect(decodeProto('ExportResponse', answer.body!)).toEqual({
			partialSuccess: {
				rejected: '2',
				errorMessage: expect.stringContaining(
					`set OTEL_${signal.toUpperCase()}_EXPORTER=none to stop sending ${signal}`,
				),
			},
		});
		expect(events).toContainEqual(['rejected', { signal, reason: reasons[signal], count: 2 }]);
	}
});

test('a log record of a trace is kept', async () => {
	const { client, logs } = await world();
	const record = { traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'), body: { stringValue: 'hello' } };
	const body = encodeProto('ExportLogsServiceRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
	expect((await send(client, 'logs', body)).body).toHaveLength(0);
	expect(logs[0]!.records).toMatchObject([{ traceId: '5b8efff798038103d269b633813fc60c', spanId: '', body: 'shello' }]);
});

test.each([
	['UNIMPLEMENTED', 'a service that is not there', '/opentelemetry.proto.collector.trace.v1.TraceService/Import'],
	['UNIMPLEMENTED', 'profiles', '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'],
] as const)('%s answers %s', async (code, _, method) => {
	const { client } = await world();
	expect((await unary(client, method, new Uint8Array())).code).toBe(status[code]);
});

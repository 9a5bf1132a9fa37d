import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { Redactor } from '../pipeline/redaction.ts';
import { DecodeError } from './decode-error.ts';
import { LogReader } from './read-logs.ts';

const receivedMs = 1_795_000_000_000;
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000, maxCorrelated: 1_000 };
const traceId = '5b8efff798038103d269b633813fc60c';
const spanId = 'eee19b7ec3c1b174';
const sentNano = String(BigInt(receivedMs - 1_000) * 1_000_000n + 123_456n);

interface Sent {
	[field: string]: unknown;
	traceId?: string;
	spanId?: string;
}

const bytesOfIds = (record: Sent): object => ({
	...record,
	...(record.traceId === undefined ? {} : { traceId: Buffer.from(record.traceId, 'hex') }),
	...(record.spanId === undefined ? {} : { spanId: Buffer.from(record.spanId, 'hex') }),
});
const request = (logRecords: object[], resource: Sent = {}) => ({
	resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'logger' }, logRecords }] }],
});
const readJson = (records: Sent[], resource?: Sent, over = {}) =>
	new LogReader(new Redactor()).read(Buffer.from(JSON.stringify(request(records, resource))), 'json', {
		...context,
		...over,
	});
const readProtobuf = (records: Sent[], resource?: Sent, over = {}) =>
	new LogReader(new Redactor()).read(
		encodeProto('ExportLogsServiceRequest', request(records.map(bytesOfIds), resource)),
		'protobuf',
		{ ...context, ...over },
	);
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

describe.each([
	['protobuf', readProtobuf],
	['JSON', readJson],
])('%s', (_, read) => {
	test('every field of a record is kept', () => {
		const { block, report } = read(
			[
				{
					traceId,
					spanId,
					timeUnixNano: sentNano,
					observedTimeUnixNano: '7',
					severityNumber: 17,
					severityText: 'ERROR',
					eventName: 'payment.exception',
					body: { kvlistValue: { values: [{ key: 'n', value: { intValue: '9007199254740993' } }] } },
					attributes: [
						text('exception.type', 'CardError'),
						text('exception.message', 'declined'),
						text('exception.stacktrace', 'at pay (pay.js:1)'),
						{ key: 'attempt', value: { intValue: '3' } },
					],
					droppedAttributesCount: 2,
					flags: 1,
				},
			],
			{ attributes: [text('service.name', 'payment'), text('deployment.environment.name', 'prod')] },
		);
		expect(block.records).toEqual([
			{
				traceId,
				spanId,
				timeUnixNano: sentNano,
				observedUnixNano: '7',
				severity: 17,
				severityText: 'ERROR',
				eventName: 'payment.exception',
				body: 'j{"kvlistValue":{"values":[{"key":"n","value":{"intValue":"9007199254740993"}}]}}',
				exceptionType: 'CardError',
				exceptionMessage: 'declined',
				exceptionStacktrace: 'at pay (pay.js:1)',
				attributes: [['attempt', 'i3']],
				droppedAttributes: 2,
				flags: 1,
				marks: 0,
				resource: 0,
				scope: 0,
			},
		]);
		expect(block.timeUnixMs).toEqual([receivedMs - 1_000]);
		expect(block.resources[0]).toMatchObject({ service: 'payment', environment: 'prod' });
		expect(block.scopes[0]).toMatchObject({ name: 'logger' });
		expect(report.accepted).toEqual({ exceptions: 1, correlated: 0 });
	});

	test('what has neither a trace nor an exception is counted, and leaves no resource behind', () => {
		const { block, report } = read([{ body: { stringValue: 'started' } }, { traceId: '0'.repeat(32) }], {
			attributes: [text('service.name', 'idle')],
		});
		expect([block.rows, block.resources, report.rejected]).toEqual([0, [], { no_trace: 2, log_quota: 0 }]);
	});

	test('an exception is kept without a trace; one of them alone, its type or its message, is enough', () => {
		const { block } = read([
			{ attributes: [text('exception.message', 'm')] },
			{ attributes: [text('exception.type', 't')] },
		]);
		expect(block.records.map((each) => [each.traceId, each.exceptionType, each.exceptionMessage])).toEqual([
			['', '', 'm'],
			['', 't', ''],
		]);
	});

	test('records of traces are kept up to the quota, in the order in which they came', () => {
		const records = ['a', 'b', 'c'].map((body) => ({ traceId, body: { stringValue: body } }));
		const { block, report } = read(records, {}, { maxCorrelated: 2 });
		expect(block.records.map(({ body }) => body)).toEqual(['sa', 'sb']);
		expect(report.rejected).toEqual({ no_trace: 0, log_quota: 1 });
	});

	test('a record is placed at its time, else where it was observed, else at its receipt, which is marked', () => {
		const { block } = read([{ traceId, observedTimeUnixNano: sentNano }, { traceId, timeUnixNano: '1' }, { traceId }]);
		expect(block.timeUnixMs).toEqual([receivedMs - 1_000, receivedMs, receivedMs]);
		expect(block.records.map(({ marks }) => marks)).toEqual([0, 1, 1]);
	});

	test('secrets are taken out of body, attributes, exception and resource, marked and counted by key', () => {
		const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc';
		const { block, report } = read(
			[
				{
					traceId,
					body: { stringValue: `sent ${jwt}` },
					attributes: [text('password', 'hunter2'), text('exception.message', `bad token ${jwt}`)],
				},
			],
			{ attributes: [text('app.token', 'hunter2')] },
		);
		const stored = JSON.stringify(block, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
		expect(stored).not.toContain('hunter2');
		expect(stored).not.toContain(jwt);
		expect(block.records[0]).toMatchObject({ exceptionMessage: 'bad token REDACTED', marks: 17 });
		expect(report.redactions.map(({ key }) => key).toSorted()).toEqual([
			'app.token',
			'exception.message',
			'log body',
			'password',
		]);
	});

	test('limits cut texts and attributes, and mark the record', () => {
		const attributes = Array.from({ length: 600 }, (_each, i) => text(`k${i}`, 'v'));
		const { block, report } = read([{ traceId, body: { stringValue: 'x'.repeat(70_000) }, attributes }]);
		expect(block.records[0]!.body).toHaveLength(65_537);
		expect(block.records[0]).toMatchObject({ droppedAttributes: 88, marks: 9 });
		expect(report.droppedAttributes).toBe(88);
	});

	test('the same resource in two groups is one row', () => {
		const { block } = read([{ traceId }, { traceId }], { attributes: [text('service.name', 'a')] });
		expect([block.resources.length, block.records.map(({ resource }) => resource)]).toEqual([1, [0, 0]]);
	});
});

test('JSON: ids in base64 are taken and counted, enum names and old spellings understood', () => {
	const { block, report } = readJson([
		{
			trace_id: Buffer.from(traceId, 'hex').toString('base64'),
			severity_number: 'SEVERITY_NUMBER_WARN2',
			observed_time_unix_nano: sentNano,
		},
	]);
	expect(block.records[0]).toMatchObject({ traceId, severity: 14, observedUnixNano: sentNano, marks: 64 | 0 });
	expect(report.base64Ids).toBe(1);
});

test('damage is refused with its place', () => {
	const json = (value: unknown) => () =>
		new LogReader(new Redactor()).read(Buffer.from(JSON.stringify(value)), 'json', context);
	expect(json([])).toThrow('ExportLogsServiceRequest expected');
	expect(json({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId, timeUnixNano: 'x' }] }] }] })).toThrow(
		'resourceLogs[0].scopeLogs[0].logRecords[0].timeUnixNano',
	);
	expect(() => new LogReader(new Redactor()).read(Uint8Array.of(10, 5, 1), 'protobuf', context)).toThrow(DecodeError);
});

test('any bytes are read or refused, and nothing else', () => {
	const body = Buffer.from(
		encodeProto('ExportLogsServiceRequest', request([bytesOfIds({ traceId, spanId, attributes: [text('a', 'b')] })])),
	);
	const reader = new LogReader(new Redactor());
	const damage = fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
	fc.assert(
		fc.property(damage, (changes) => {
			const bytes = Buffer.from(body);
			for (const [at, value] of changes) bytes[at] = value;
			expect(rowsOrRefusal(() => reader.read(bytes, 'protobuf', context).block.rows)).toBeLessThanOrEqual(8);
		}),
		{ numRuns: 5_000 },
	);
});

/** 0 for a refusal. */
function rowsOrRefusal(read: () => number): number {
	try {
		return read();
	} catch (error) {
		if (error instanceof DecodeError) return 0;
		throw error;
	}
}

import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { ProblemError } from '../../collector/problem.ts';
import { LogQuota } from '../../collector/receiver/log-quota.ts';
import { closeWorlds, world, span, post } from '../support/otlp-http-world.ts';
import { receivedMs } from '../support/recorded-intake.ts';
import { decodeProto } from '../support/otlp-proto.ts';
import { viewSpans } from '../support/span-block-view.ts';

afterAll(closeWorlds);

describe('metrics and logs', () => {
	const example = (name: string) =>
		readFile(new URL(`../fixtures/otlp-examples/proto-example-${name}.json`, import.meta.url), 'utf8');

	test('metrics are counted, and the answer says that they are not kept', async () => {
		const { app, events } = world();
		const response = await post(app, '/v1/metrics', 'application/json', await example('metrics'));
		expect(response.status).toBe(200);
		expect(await response.json()).toEqual({
			partialSuccess: {
				rejectedDataPoints: '4',
				errorMessage: 'Spanhouse stores traces and their logs; set OTEL_METRICS_EXPORTER=none to stop sending metrics',
			},
		});
		expect(events).toContainEqual(['rejected', { signal: 'metrics', reason: 'signal_not_stored', count: 4 }]);
	});

	test('the log record of the specification belongs to a trace and is kept', async () => {
		const { app, logs, events } = world();
		const response = await post(app, '/v1/logs', 'application/json', await example('logs'));
		expect([response.status, await response.json()]).toEqual([200, {}]);
		expect(logs[0]!.records).toMatchObject([
			{
				traceId: '5b8efff798038103d269b633813fc60c',
				spanId: 'eee19b7ec3c1b174',
				severity: 10,
				body: 'sExample log record',
			},
		]);
		expect(events.map(([name]) => name)).toContain('logsAccepted');
	});

	test('log records without a trace are counted, and the answer says why, unless it is to keep quiet', async () => {
		const body = JSON.stringify({
			resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'a' } }, {}] }] }],
		});
		const { app, logs, events } = world();
		const response = await post(app, '/v1/logs', 'application/json', body);
		const { partialSuccess } = (await response.json()) as { partialSuccess: Record<string, string> };
		expect(partialSuccess['rejectedLogRecords']).toBe('2');
		expect(partialSuccess['errorMessage']).toContain(
			'2 log records not kept: Spanhouse keeps logs that belong to a trace',
		);
		expect(logs).toEqual([]);
		expect(events).toContainEqual(['rejected', { signal: 'logs', reason: 'no_trace', count: 2 }]);
		const quiet = world({ otherSignals: 'accept' });
		expect(await (await post(quiet.app, '/v1/logs', 'application/json', body)).json()).toEqual({});
		expect(quiet.events).toContainEqual(['rejected', { signal: 'logs', reason: 'no_trace', count: 2 }]);
	});

	test('log records beyond the quota are counted and reported; those with an exception are kept all the same', async () => {
		const record = { traceId: span.traceId };
		const exception = { attributes: [{ key: 'exception.type', value: { stringValue: 'E' } }] };
		const logRecords = [record, record, exception, record, exception];
		const { app, logs, events } = world({ logQuota: new LogQuota(1, () => receivedMs) });
		const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
		expect(await (await post(app, '/v1/logs', 'application/json', body)).json()).toEqual({
			partialSuccess: { rejectedLogRecords: '2', errorMessage: '2 log records not kept: more than 1 a minute' },
		});
		expect(logs[0]!.records.map(({ exceptionType }) => exceptionType)).toEqual(['', 'E', 'E']);
		expect(events).toContainEqual(['rejected', { signal: 'logs', reason: 'log_quota', count: 2 }]);
	});

	test('log records that could not be stored are refused whole, and cost nothing of the quota', async () => {
		const logQuota = new LogQuota(5, () => receivedMs);
		const appendLogs = () => Promise.reject(new ProblemError(503, 'SPOOL_FULL', 'full', { retryAfterMs: 2_000 }));
		const { app, events } = world({ appendLogs, logQuota });
		const response = await post(app, '/v1/logs', 'application/json', await example('logs'));
		expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
		expect(events.map(([name]) => name)).not.toContain('logsAccepted');
		expect(logQuota.available()).toBe(5);
	});

	test('are counted in protobuf as well', async () => {
		const message = (field: number, ...content: Uint8Array[]) => {
			const bytes = Buffer.concat(content);
			return Buffer.concat([Uint8Array.of(field * 8 + 2, bytes.length), bytes]);
		};
		const point = message(1, Uint8Array.of(0x19, 1, 2, 3, 4, 5, 6, 7, 8));
		const metric = message(2, message(1, Buffer.from('m')), message(7, point, point));
		const body = message(1, message(2, metric, message(2, message(11, point))));
		const response = await post(world().app, '/v1/metrics', 'application/x-protobuf', body);
		expect(decodeProto('ExportResponse', new Uint8Array(await response.arrayBuffer()))).toMatchObject({
			partialSuccess: { rejected: '3' },
		});
	});

	test('are plainly accepted where the warning was switched off', async () => {
		const { app } = world({ otherSignals: 'accept' });
		expect(await (await post(app, '/v1/metrics', 'application/json', await example('metrics'))).text()).toBe('{}');
	});
});

test('the golden trace of opentelemetry-proto is stored as it is written', async () => {
	const { app, blocks } = world();
	const body = await readFile(new URL('../fixtures/otlp-examples/proto-example-trace.json', import.meta.url));
	expect((await post(app, '/v1/traces', 'application/json', body)).status).toBe(200);
	expect(viewSpans(blocks[0]!)).toMatchObject([
		{
			traceId: '5b8efff798038103d269b633813fc60c',
			spanId: 'eee19b7ec3c1b174',
			parentSpanId: 'eee19b7ec3c1b173',
			name: "I'm a server span",
			startUnixNano: 1_544_712_660_000_000_000n,
			endUnixNano: 1_544_712_661_000_000_000n,
			durationNano: 1_000_000_000n,
			timeUnixMs: BigInt(receivedMs),
			kind: 2,
			marks: ['clockAdjusted'],
			attributes: { 'my.span.attr': 'ssome value' },
			service: 'my.service',
			scope: 'my.library@1.0.0',
			entry: true,
		},
	]);
	expect(blocks[0]!.scopes[0]!.attributes).toEqual([['my.scope.attribute', 'ssome scope attribute']]);
});

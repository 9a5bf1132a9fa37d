/** Logs go in through the listener of the real product, in every encoding, and come out with their trace. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import type { TraceLogsAnswer } from '../../../schema/api-logs.ts';
import { encodeProto } from '../../support/otlp-proto.ts';
import { startProduct, until } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';

let product: Product;
beforeAll(async () => void (product = await startProduct()), 120_000);
afterAll(async () => void (await product?.stop()));

const traceId = '5b8efff798038103d269b633813fc60c';
const now = BigInt(Date.now()) * 1_000_000n;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

async function send(body: Uint8Array | string, headers: Record<string, string>): Promise<unknown> {
	const init = { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) };
	const answer = await fetch(`${product.ready.otlpHttp}/v1/logs`, init);
	expect(answer.status).toBe(200);
	return headers['content-type'] === 'application/json' ? await answer.json() : await answer.text();
}

const logsOfTrace = (count: number): Promise<TraceLogsAnswer> =>
	until(async () => {
		const answer = await fetch(`${product.ready.ui}/api/v1/traces/${traceId}/logs?at=${now / 1_000_000n}`);
		expect(answer.status).toBe(200);
		const logs = (await answer.json()) as TraceLogsAnswer;
		return logs.logs.length === count ? logs : undefined;
	}, `${count} log records of the trace`);

test('a trace shows its logs, with exceptions, sent as JSON and as packed protobuf; a retry does not double them', async () => {
	const resource = { attributes: [text('service.name', 'payment'), text('service.namespace', 'shop')] };
	const json = JSON.stringify({
		resourceLogs: [
			{
				resource,
				scopeLogs: [
					{
						scope: { name: 'pino' },
						logRecords: [
							{ traceId, spanId: 'eee19b7ec3c1b174', timeUnixNano: String(now), body: { stringValue: 'first' } },
							{ body: { stringValue: 'of no trace' } },
						],
					},
				],
			},
		],
	});
	const headers = { 'content-type': 'application/json' };
	const partial = { partialSuccess: expect.objectContaining({ rejectedLogRecords: '1' }) };
	expect(await send(json, headers)).toEqual(partial);
	expect(await send(json, headers)).toEqual(partial);
	const record = {
		traceId: Buffer.from(traceId, 'hex'),
		timeUnixNano: String(now + 1n),
		severityNumber: 17,
		body: { stringValue: 'second' },
		attributes: [text('exception.type', 'CardError'), text('exception.message', 'declined')],
	};
	const protobuf = encodeProto('ExportLogsServiceRequest', {
		resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }],
	});
	const packed = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
	expect(await send(gzipSync(protobuf), packed)).toBe('');
	const { logs } = await logsOfTrace(2);
	expect(logs).toMatchObject([
		{
			body: { stringValue: 'first' },
			spanId: 'eee19b7ec3c1b174',
			service: 'payment',
			namespace: 'shop',
			scope: 'pino',
		},
		{
			body: { stringValue: 'second' },
			spanId: '',
			severity: 17,
			exception: { type: 'CardError', message: 'declined' },
		},
	]);
});

test('the status and the metrics count what was kept and what was not', async () => {
	await logsOfTrace(2);
	const status = (await (await fetch(`${product.ready.ui}/api/v1/status`)).json()) as StatusAnswer;
	expect(status.ingest.logs).toEqual({ exceptions: 1, correlated: 1, rejected: { no_trace: 1 } });
	expect(status.logSpool).toMatchObject({ records: 0, storedRecords: 2, quarantinedRecords: 0, refusedRecords: 0 });
	const metrics = await (await fetch(`${product.ready.ui}/metrics`)).text();
	expect(metrics).toContain('spanhouse_logs_accepted_total{kept_for="exception"} 1');
	expect(metrics).toContain('spanhouse_logs_stored_total 2');
	expect(metrics).toContain('spanhouse_logs_rejected_total{reason="no_trace"} 1');
});

test('around a moment the nearest records are told, by time, and that there are more', async () => {
	const other = '6b8efff798038103d269b633813fc60c';
	const offsets = [-900, -40, -30, 5, 10, 700, 800].map((ms) => BigInt(ms) * 1_000_000n);
	const logRecords = offsets.map((offset) => ({
		traceId: other,
		timeUnixNano: String(now + offset),
		body: { stringValue: String(offset) },
	}));
	const headers = { 'content-type': 'application/json' };
	await send(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }), headers);
	const ask = async (query: string) => {
		const answer = await fetch(`${product.ready.ui}/api/v1/traces/${other}/logs?at=${now / 1_000_000n}${query}`);
		const { logs, truncated } = (await answer.json()) as TraceLogsAnswer;
		return { moments: logs.map(({ timeUnixNano }) => BigInt(timeUnixNano) - now), truncated };
	};
	await until(async () => ((await ask('')).moments.length === 7 ? true : undefined), 'seven records');
	for (const [around, limit] of [
		[0n, 3],
		[750_000_000n, 3],
		[-9_000_000_000n, 2],
		[0n, 7],
		[9_999_999_999_999_999_999n - now, 2],
	] as const) {
		const distance = (moment: bigint) => (moment < around ? around - moment : moment - around);
		const nearest = offsets.toSorted((a, b) => Number(distance(a) - distance(b))).slice(0, limit);
		expect(await ask(`&around=${now + around}&limit=${limit}`)).toEqual({
			moments: nearest.toSorted((a, b) => Number(a - b)),
			truncated: limit < 7,
		});
	}
	const refused = await fetch(`${product.ready.ui}/api/v1/traces/${other}/logs?around=now`);
	expect(refused.status).toBe(400);
});

test('a trace that is not known has no logs, and an id that is none is refused', async () => {
	const of = (id: string) => fetch(`${product.ready.ui}/api/v1/traces/${id}/logs`);
	expect(await (await of('1'.repeat(32))).json()).toEqual({ logs: [], truncated: false });
	expect((await of('xyz')).status).toBe(400);
});

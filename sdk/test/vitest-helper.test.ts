import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { withSpan } from '../index.ts';
import { traceOf } from '../vitest.ts';

const query = (text: string) => withSpan('query', { 'db.query.text': text }, () => text);

test('the spans of a call are its own, in order, and its result is passed on', async () => {
	const tracer = trace.getTracer('test');
	const { result, spans, durationMs } = await traceOf(async () => {
		const late = tracer.startSpan('ends after the call');
		setTimeout(() => late.end(), 20);
		await withSpan('outer', () => withSpan('inner', () => Promise.resolve()));
		return 42;
	});
	withSpan('elsewhere', () => {});
	expect(result).toBe(42);
	expect(spans.map(({ name }) => name)).toEqual(['ends after the call', 'outer', 'inner']);
	expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
	expect(durationMs).toBeGreaterThanOrEqual(0);
	await expect(traceOf(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('a request over node:http is traced on both sides', async () => {
	const server = createServer((_, response) => response.end('hello'));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const recorded = await traceOf(
		() =>
			new Promise<void>((resolve) => {
				get(`http://127.0.0.1:${port}/cart`, (answer) => answer.resume().once('end', resolve));
			}),
	);
	server.close();
	expect(recorded).toHaveSpan('GET');
	expect(recorded.spans.map(({ kind }) => kind).toSorted((a, b) => a - b)).toEqual([1, 2]);
});

test('queries repeat whatever their values are', async () => {
	const repeating = await traceOf(() => {
		for (const id of [1, 22, 333]) query(`SELECT * FROM articles WHERE id = ${id} AND name = 'a''b'`);
		query('SELECT * FROM articles WHERE id IN (1, 2, 3)');
	});
	expect(repeating).not.toHaveNoRepeatedQueries();
	expect(repeating).toHaveNoRepeatedQueries(3);
	expect(() => expect(repeating).toHaveNoRepeatedQueries()).toThrow(
		'3 × SELECT * FROM articles WHERE id = ? AND name = ?',
	);
	expect(await traceOf(() => query('SELECT 1'))).toHaveNoRepeatedQueries();
});

test('errors are those of spans, recorded with their causes', async () => {
	const failing = await traceOf(() => {
		try {
			withSpan('pay', () => {
				throw new Error('payment failed', { cause: new TypeError('card is undefined') });
			});
		} catch {
			// The caller has seen it.
		}
	});
	expect(failing).toHaveErrors();
	expect(() => expect(failing).not.toHaveErrors()).toThrow('pay: payment failed');
	const stack = failing.spans[0]?.events[0]?.attributes?.['exception.stacktrace'];
	expect(stack).toMatch(/^Error: payment failed\n[^]*\nCaused by: TypeError: card is undefined\n/);
	expect(await traceOf(() => 1)).not.toHaveErrors();
	expect(() => expect(failing).toHaveSpan('refund')).toThrow('spans: pay; asked for refund');
	expect(() => expect(failing).toTakeLessThan(0)).toThrow(/the call took .* ms/);
});

test('what a span takes by itself is without its children, whether they overlap or outlive it', async () => {
	const tracer = trace.getTracer('test');
	const recorded = await traceOf(() => {
		const began = Date.now();
		const parent = tracer.startSpan('parent', { startTime: began });
		const inside = trace.setSpan(context.active(), parent);
		for (const [name, from, to] of [
			['late', 70, 130],
			['first', 10, 40],
			['overlaps', 30, 50],
		] as const) {
			tracer.startSpan(name, { startTime: began + from }, inside).end(began + to);
		}
		parent.end(began + 100);
	});
	// 100 ms less 10 to 50 and 70 to 100.
	expect(recorded).toHaveSelfTimesBelow(30.1, 'parent');
	expect(recorded).not.toHaveSelfTimesBelow(30, 'parent');
	expect(recorded).toHaveSelfTimesBelow(60.1);
	expect(() => expect(recorded).toHaveSelfTimesBelow(60)).toThrow('to be compared with 60 ms:\nlate: 60.0 ms');
	expect(() => expect(recorded).toHaveSelfTimesBelow(60, 'absent')).toThrow('no span absent');
});

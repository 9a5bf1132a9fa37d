import { beforeAll, describe, expect, test, vi } from 'vitest';
import { buildSdkIfStale } from '../build.ts';
import { runApp } from './run-app.ts';

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => void (await buildSdkIfStale()), 120_000);

describe('the last spans are sent, and the process ends as it would without tracing', () => {
	test.each([
		{ way: 'normally', code: 0, spans: ['last words'] },
		{ way: 'with an exit code', code: 7, spans: ['last words'] },
		{ way: 'by an uncaught exception', code: 1, spans: ['last words'] },
		{ way: 'by an unhandled rejection', code: 1, spans: ['last words'] },
		{ way: 'by handling the exception', code: 4, spans: ['last words'] },
		{ way: 'after a shutdown by hand', code: 0, spans: ['last words'] },
	])('when it ends $way', async ({ way, code, spans }) => {
		const ended = await runApp('esm/ends.js', { args: [way] });
		expect(ended).toMatchObject({ code, signal: null });
		expect(ended.spans.map((span) => span.name)).toEqual(spans);
	});

	test.each(['SIGTERM', 'SIGINT'] as const)('when %s ends it', async (signal) => {
		const ended = await runApp('esm/ends.js', { args: ['by a signal'], signal });
		expect(ended).toMatchObject({ code: null, signal });
		expect(ended.spans.map((span) => span.name)).toEqual(['last words']);
	});

	// Busy at first, so that whoever doesn't wait for the second attempt is found out.
	test.each([
		{ way: 'by a signal while its spans are on their way', ends: { code: null, signal: 'SIGTERM' } },
		{ way: 'by a signal of its own, with no work left', ends: { code: null, signal: 'SIGTERM' } },
		{ way: 'by process.exit after a flush by hand', ends: { code: 5, signal: null } },
	] as const)('when it ends $way', async ({ way, ends }) => {
		const env = { OTEL_BSP_SCHEDULE_DELAY: way.includes('no work left') ? '5000' : '50' };
		const ended = await runApp('esm/ends.js', { args: [way], env, signal: 'SIGTERM', busyFor: 1 });
		expect(ended).toMatchObject(ends);
		expect(ended.spans.map((span) => span.name)).toEqual(['last words']);
	});

	test('when it handles SIGTERM itself: its handler decides, and what it traces is sent too', async () => {
		const ended = await runApp('esm/ends.js', { args: ['by a signal it handles'], signal: 'SIGTERM' });
		expect(ended).toMatchObject({ code: 3, signal: null });
		expect(ended.spans.map((span) => span.name)).toEqual(['last words', 'drain']);
	});
});

test('an uncaught exception is printed with its own stack', async () => {
	const { stderr } = await runApp('esm/ends.js', { args: ['by an uncaught exception'] });
	expect(stderr).toMatch(/RangeError: out of stock\n\s+at .*ends\.js:/);
});

test('an endpoint that is away delays the end by two seconds, and the loss is told', async () => {
	const ended = await runApp('esm/ends.js', {
		args: ['with an exit code'],
		endpoint: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }),
	});
	expect(ended.code).toBe(7);
	expect(ended.tookMs).toBeGreaterThan(1_900);
	expect(ended.stderr).toContain('[spanhouse] spans may be lost: http://127.0.0.1:9 did not take them within 2000 ms');
});

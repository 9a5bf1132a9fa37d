import { afterEach, expect, test, vi } from 'vitest';
import { decodeTrace } from '../../schema/trace-columns.ts';
import { largeTrace } from '../../test/support/sample-traces.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import { silentLog } from '../log.ts';
import { arrangeInPlace } from './arrange-trace.ts';
import { ArrangePool } from './arrange-pool.ts';

// Starting a thread compiles the analysis, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let pool: ArrangePool | undefined;
afterEach(async () => pool?.close());

const job = (count: number, form: 'binary' | 'json' = 'binary') => ({
	spans: traceSpans(largeTrace(count)),
	traceId: 'a'.repeat(32),
	total: count + 1,
	form,
});
const scripted = (onJob: string): ArrangePool => {
	const script = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', (job) => { ${onJob} });`;
	return new ArrangePool({ log: silentLog, workerUrl: new URL(`data:text/javascript,${encodeURIComponent(script)}`) });
};

test.each(['binary', 'json'] as const)(
	'a large trace comes back from the thread as arranging in place gives it: %s',
	async (form) => {
		pool = new ArrangePool({ log: silentLog });
		const bodies = await Promise.all([5000, 6000, 100].map((count) => pool!.arrange(job(count, form))));
		for (const [i, count] of [5000, 6000, 100].entries()) {
			expect(Buffer.from(bodies[i]!).equals(Buffer.from(arrangeInPlace(job(count, form))))).toBe(true);
		}
	},
);

test('what the store has more than it gave is said', async () => {
	pool = new ArrangePool({ log: silentLog });
	expect(decodeTrace(await pool.arrange(job(5000)))).toMatchObject({ count: 5000, total: 5001, truncated: true });
});

test('a thread that dies loses its trace alone: the next gets a new one', async () => {
	pool = scripted(
		'if (job.total === 5001) throw new Error("out of memory"); parentPort.postMessage(new ArrayBuffer(job.total));',
	);
	const [first, second] = await Promise.allSettled([pool.arrange(job(5000)), pool.arrange(job(6000))]);
	expect(first).toMatchObject({ status: 'rejected', reason: { status: 503, code: 'TRACE_BUSY' } });
	expect(second).toMatchObject({ status: 'fulfilled', value: { byteLength: 6001 } });
});

test('no more than sixteen wait, and closing tells those that do', async () => {
	pool = scripted('');
	const asked = Array.from({ length: 18 }, () => pool!.arrange(job(4001)).catch((error: Error) => error.message));
	expect(await asked[17]).toMatch(/too many wait for the thread that arranges large traces/);
	await pool.close();
	expect(await Promise.all(asked.slice(0, 17))).toEqual(
		Array.from({ length: 17 }, () => expect.stringMatching(/shutting down/)),
	);
});

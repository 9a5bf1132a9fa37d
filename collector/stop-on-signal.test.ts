import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

const module = JSON.stringify(new URL('stop-on-signal.ts', import.meta.url).href);

/** A process whose work closes as `close` says, and that tells each step in a line. */
async function started(close: string) {
	const program = `
		const { stopOnSignal } = await import(${module});
		const close = () => { console.log('closing'); return ${close}; };
		stopOnSignal({ close, tell: (problem) => console.log(problem) });
		setInterval(() => {}, 1_000);
		console.log('ready');
	`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	onTestFinished(() => void child.kill('SIGKILL'));
	const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const line = async (): Promise<string | undefined> => (await lines.next()).value;
	expect(await line()).toBe('ready');
	return { child, ended, line };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s closes, and ends with 0 once that is done', async (signal) => {
	const { child, ended, line } = await started('Promise.resolve()');
	child.kill(signal);
	expect(await line()).toBe('closing');
	expect(await ended).toEqual([0, null]);
});

test.each([
	['SIGTERM', 'SIGTERM'],
	['SIGINT', 'SIGINT'],
	['SIGTERM', 'SIGINT'],
] as const)('%s, and %s while that is not done, ends at once with 1', async (first, second) => {
	const { child, ended, line } = await started('new Promise(() => {})');
	child.kill(first);
	expect(await line()).toBe('closing');
	child.kill(second);
	expect(await ended).toEqual([1, null]);
});

test('what can not be closed is told, and ends with 1', async () => {
	const { child, ended, line } = await started("Promise.reject(new Error('the disk is gone'))");
	child.kill('SIGTERM');
	expect([await line(), await line()]).toEqual(['closing', 'stopping: the disk is gone']);
	expect(await ended).toEqual([1, null]);
});

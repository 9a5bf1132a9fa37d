import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OUTBOX_CRASH_POINTS } from '../../collector/alerting/notify/outbox/crash-point.ts';
import { dataFolders } from '../support/data-folders.ts';
import { Receiver } from '../support/receiver.ts';
import { firing } from '../support/transitions.ts';

const script = fileURLToPath(new URL('../support/dying-notify.ts', import.meta.url));
const rules = ['first', 'second'];

let receiver: Receiver;
let dataFolder: string;
beforeEach(async () => {
	receiver = await new Receiver().start();
	dataFolder = mkdtempSync(join(dataFolders, 'spanhouse-notify-kill-'));
});
afterEach(async () => {
	await receiver.kill();
	rmSync(dataFolder, { recursive: true, force: true });
});

/** `taken`: rules whose transitions it promised not to lose. */
function run(point: string, published: readonly string[]) {
	const orders = { port: receiver.port, dataFolder, point, transitions: published.map((rule) => firing({ rule })) };
	const child = spawn(process.execPath, [script, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] });
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const died = new Promise<{ signal: NodeJS.Signals | null; taken: string[] }>((resolve) =>
		child.on('close', (_, signal) => resolve({ signal, taken: output.split('\n').filter((line) => line !== '') })),
	);
	return { died, stop: () => child.kill('SIGKILL') };
}

const keys = (): string[] => receiver.received.map(({ headers }) => String(headers['idempotency-key']));

test.each(OUTBOX_CRASH_POINTS)(
	'killed at %s, it tells after the restart what it had taken, with the same key, and the rest when it is published again',
	async (point) => {
		const { signal, taken } = await run(point, rules).died;
		expect(signal).toBe('SIGKILL');
		const before = keys();
		const untaken = rules.filter((rule) => !taken.includes(rule));
		const second = run('none', untaken);
		await vi.waitFor(() => expect(new Set(keys()).size).toBe(2), { timeout: 30_000 });
		second.stop();
		await second.died;
		// One more of what was sent and not noted, at the most.
		expect(keys().length).toBeLessThanOrEqual(3);
		expect(keys().slice(0, before.length)).toEqual(before);
		for (const key of keys()) expect(key).toMatch(/^(first|second)\/[0-9a-f]{16}\/1$/);
	},
);

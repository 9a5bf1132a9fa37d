/** `/readyz` of the real product: it says no while requests are refused, and yes again though nobody has sent anything since. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { migratedFolder, startProduct, until } from '../support/product.ts';

test('a spool that can not be written is not ready, and is again by itself once it can', async () => {
	const folder = await migratedFolder();
	const product = await startProduct({ args: ['--data-dir', folder] });
	onTestFinished(async () => {
		await product.stop();
		rmSync(folder, { recursive: true, force: true });
	});
	const readiness = async () => {
		const answer = await fetch(`${product.ready.ui}/readyz`);
		return { status: answer.status, body: (await answer.json()) as { status: string; reason?: string } };
	};
	let sent = 0;
	const send = async () => {
		const nano = String(BigInt(Date.now()) * 1_000_000n);
		const ids = { traceId: String(++sent).padStart(32, 'a'), spanId: '1'.repeat(16) };
		const span = { ...ids, name: 'ready', startTimeUnixNano: nano, endTimeUnixNano: nano };
		const answer = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
		});
		return answer.status;
	};
	expect(await readiness()).toEqual({ status: 200, body: { status: 'ready' } });
	// No segment was begun yet: the first can't be made in a folder that isn't there.
	renameSync(join(folder, 'spool'), join(folder, 'elsewhere'));
	expect(await send()).toBe(503);
	expect(await readiness()).toEqual({
		status: 503,
		body: { status: 'not ready', reason: expect.stringContaining('ENOENT') },
	});
	renameSync(join(folder, 'elsewhere'), join(folder, 'spool'));
	await until(async () => ((await readiness()).status === 200 ? true : undefined), 'readiness', 30_000);
	expect(await send()).toBe(200);
});

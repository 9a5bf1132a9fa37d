/** What a 2xx means, on the real product: kill it at once after the answer, start it again, and the span is there, once. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { StatusAnswer } from '../../schema/api-status.ts';
import { silentLog } from '../../collector/log.ts';
import { ClickHouse } from '../../collector/store/engine/clickhouse.ts';
import { EmbeddedServer } from '../../collector/store/engine/embedded-server.ts';
import { clickHouseFront } from '../support/clickhouse-front.ts';
import { dataFolders } from '../support/data-folders.ts';
import { migratedFolder, startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const dataFolder = (): string => {
	const folder = mkdtempSync(join(dataFolders, 'spanhouse-ack-'));
	folders.push(folder);
	return folder;
};

/** With a store that has all its tables. */
const storeFolder = async (): Promise<string> => {
	const folder = await migratedFolder();
	folders.push(folder);
	return folder;
};

const request = (traceId: string): string => {
	const nano = String(BigInt(Date.now()) * 1_000_000n);
	const spans = ['1', '2', '3'].map((digit) => ({
		traceId,
		spanId: digit.repeat(16),
		name: 'kept',
		startTimeUnixNano: nano,
		endTimeUnixNano: nano,
	}));
	return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
};

async function send({ ready }: Product, body: string): Promise<number> {
	const headers = { 'content-type': 'application/json' };
	const answer = await fetch(`${ready.otlpHttp}/v1/traces`, { method: 'POST', headers, body });
	return answer.status;
}

async function stored({ ready }: Product): Promise<number> {
	const answer = await fetch(`${ready.ui}/api/v1/count`);
	return ((await answer.json()) as { spans: number }).spans;
}

async function status({ ready }: Product): Promise<StatusAnswer> {
	return (await (await fetch(`${ready.ui}/api/v1/status`)).json()) as StatusAnswer;
}

const killed = (product: Product): Promise<unknown> => {
	const { promise, resolve } = Promise.withResolvers();
	product.process.once('exit', resolve);
	product.process.kill('SIGKILL');
	return promise;
};

test.each(['spool', 'store'])('with ack=%s what was answered survives kill -9, and is there once', async (ack) => {
	const args = ['--data-dir', await storeFolder(), '--ack', ack];
	let product = await startProduct({ args });
	for (let round = 1; round <= 3; round++) {
		expect(await send(product, request(String(round).repeat(32)))).toBe(200);
		await killed(product);
		product = await startProduct({ args });
	}
	await until(async () => ((await stored(product)) >= 9 ? true : undefined), 'nine spans');
	expect(await stored(product)).toBe(9);
	expect(await product.stop()).toBe(0);
});

test('a request that a client sends again is acknowledged again and stored once, through a restart too', async () => {
	const args = ['--data-dir', await storeFolder()];
	const body = request('a'.repeat(32));
	let product = await startProduct({ args });
	expect(await send(product, body)).toBe(200);
	expect(await send(product, body)).toBe(200);
	expect((await status(product)).spool).toMatchObject({ ack: 'spool', repeatedRequests: 1 });
	await product.stop();
	product = await startProduct({ args });
	expect(await send(product, body)).toBe(200);
	await until(async () => ((await stored(product)) > 0 ? true : undefined), 'the spans');
	expect(await stored(product)).toBe(3);
	await product.stop();
});

test('with ack=memory the answer does not wait, and the spans arrive; what is ephemeral is gone at the end', async () => {
	const folder = dataFolder();
	const product = await startProduct({ args: ['--ephemeral', '--ack', 'memory'], env: { TMPDIR: folder } });
	expect(await send(product, request('b'.repeat(32)))).toBe(200);
	await until(async () => ((await stored(product)) === 3 ? true : undefined), 'the spans');
	expect((await status(product)).spool.ack).toBe('memory');
	expect(readdirSync(folder)).toEqual([expect.stringMatching(/^spanhouse-/)]);
	await product.stop();
	expect(readdirSync(folder)).toEqual([]);
});

test('an unknown promise is refused at the start', async () => {
	await expect(startProduct({ args: ['--ephemeral', '--ack', 'maybe'] })).rejects.toThrow(
		/--ack is "maybe"; expected one of spool/,
	);
});

test('while ClickHouse can not be reached the status says how far behind it is, and how the spool fills', async () => {
	const server = await EmbeddedServer.start(await storeFolder(), silentLog);
	let front = await clickHouseFront(server);
	const { port, url } = front;
	try {
		const product = await startProduct({ args: ['--data-dir', dataFolder()], env: { CLICKHOUSE_URL: url } });
		const { retention } = await status(product);
		await front.close();
		expect(await send(product, request('e'.repeat(32)))).toBe(200);
		const away = await until(async () => {
			const answer = await status(product);
			return answer.spool.storeFailure !== undefined && !answer.store.ready ? answer : undefined;
		}, 'that it knows');
		expect((await fetch(`${product.ready.ui}/api/v1/ingest`)).status).toBe(503);
		expect(away.spool).toMatchObject({ spans: 3, drainBytesPerSecond: 0, fullInMs: expect.any(Number) });
		expect(away.spool.fillBytesPerSecond).toBeGreaterThan(0);
		expect(away.watermarkMs).toBeLessThan(Date.now());
		expect(away.retention).toMatchObject({ configured: retention.configured, reachMs: null });
		expect(away.disk).toMatchObject({ maxBytes: null, usedBytes: null, freeBytes: expect.any(Number) });
		front = await clickHouseFront(server, port);
		const back = await until(async () => {
			const answer = await status(product);
			return answer.spool.spans === 0 && answer.spans.rows === 3 ? answer : undefined;
		}, 'the spans');
		expect(back).toMatchObject({ store: { ready: true }, spool: { fullInMs: null } });
		expect(back.watermarkMs).toBeGreaterThan(away.watermarkMs);
		expect(back.retention.reachMs).toBeGreaterThan(0);
		await product.stop();
	} finally {
		await front.close();
		await server.stop();
	}
});

test('with --drain the process ends when all that it acknowledged is stored, and not before', async () => {
	const server = await EmbeddedServer.start(await storeFolder(), silentLog);
	let front = await clickHouseFront(server);
	const { port, url } = front;
	try {
		const args = ['--data-dir', dataFolder(), '--drain'];
		const product = await startProduct({ args, env: { CLICKHOUSE_URL: url } });
		const ended = new Promise((resolve) => product.process.once('exit', resolve));
		await front.close();
		expect(await send(product, request('d'.repeat(32)))).toBe(200);
		product.process.kill('SIGTERM');
		// Without it, it would have ended before it says that it waits.
		const isWaiting = () => product.log().includes('waiting until the spool is empty');
		await until(() => Promise.resolve(isWaiting() ? true : undefined), 'that it waits');
		expect(product.process.exitCode).toBeNull();
		front = await clickHouseFront(server, port);
		expect(await ended).toBe(0);
		const clickhouse = new ClickHouse({ url, headers: {} }, { username: 'default', password: '' }, 'spanhouse');
		expect(await clickhouse.rows('SELECT count() AS spans FROM spans', {})).toEqual([{ spans: 3 }]);
		await clickhouse.close();
	} finally {
		await front.close();
		await server.stop();
	}
});

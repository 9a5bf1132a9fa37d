import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { openStore } from '../../../collector/store/store.ts';
import type { Store } from '../../../collector/store/store.ts';
import { storeOptions, temporaryFolder, throwAwayStore } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';

const everything = { where: '1', parameters: {} };
const lately = () => ({ project: 'default', window: { fromMs: Date.now() - 3_600_000, toMs: Date.now() + 60_000 } });
const countOf = async (store: Store) => (await store.search.count(lately(), everything)).spans;

function oneSpan(row: number) {
	const nowNano = BigInt(Date.now()) * 1_000_000n;
	const id = (row + 1).toString(16);
	return spanBlock([
		{ traceId: id.padStart(32, '0'), spanId: id.padStart(16, '0'), startUnixNano: nowNano, endUnixNano: nowNano },
	]);
}

/** Processes that have a file open in the engine's folder; this one has only the lock beside it. */
function enginesOf(folder: string): number[] {
	const data = join(folder, 'clickhouse');
	return allProcesses().filter((pid) =>
		listOf(`/proc/${pid}/fd`).some((fd) => targetOf(`/proc/${pid}/fd/${fd}`).startsWith(data)),
	);
}

const allProcesses = (): number[] => listOf('/proc').filter((name) => /^\d+$/.test(name)).map(Number); // prettier-ignore

/** Processes come and go while one looks. */
function orElse<Value>(otherwise: Value, look: () => Value): Value {
	try {
		return look();
	} catch {
		return otherwise;
	}
}
const listOf = (folder: string): string[] => orElse<string[]>([], () => readdirSync(folder));
const targetOf = (link: string): string => orElse('', () => readlinkSync(link));
const commandOf = (pid: number): string => orElse('', () => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));

const needsProc = process.platform !== 'linux';

test.skipIf(needsProc)(
	'the engine is restarted when it is killed during work, and every acknowledged span is there',
	async () => {
		await using store = await throwAwayStore();
		let acknowledged = 0;
		let refused = 0;
		const end = new AbortController();
		const work = (async () => {
			for (let row = 0; !end.signal.aborted; row += 1) {
				await store.writer.append(oneSpan(row)).then(() => (acknowledged += 1), () => (refused += 1)); // prettier-ignore
			}
		})();
		for (let kill = 0; kill < 2; kill += 1) {
			const before = acknowledged;
			await expect.poll(() => acknowledged, { timeout: 15_000 }).toBeGreaterThan(before + 5);
			const [engine] = enginesOf(store.dataFolder);
			process.kill(engine!, 'SIGKILL');
			await expect.poll(() => store.state().ready, { timeout: 5_000, interval: 5 }).toBe(false);
			expect(store.state()).toMatchObject({ reason: expect.stringContaining('ClickHouse') });
			await expect.poll(() => store.state().ready, { timeout: 20_000 }).toBe(true);
		}
		end.abort();
		await work;
		const stored = await countOf(store);
		expect(stored).toBeGreaterThanOrEqual(acknowledged);
		// What was refused may have landed all the same: its answer was lost.
		expect(stored).toBeLessThanOrEqual(acknowledged + refused);
	},
);

test.skipIf(needsProc)('killing the collector ends its engine, frees the folder, and loses nothing', async () => {
	const folder = temporaryFolder();
	const parent = fork(new URL('./orphan-parent.ts', import.meta.url), [folder.path], { execArgv: [] });
	await once(parent, 'message');
	const [engine] = enginesOf(folder.path);
	expect(engine).toBeGreaterThan(0);
	parent.kill('SIGKILL');
	await once(parent, 'exit');
	// At once: the new one waits for the orphan.
	const store = await openStore(storeOptions(folder.path));
	expect(enginesOf(folder.path)).not.toContain(engine);
	expect(await countOf(store)).toBe(1);
	await store.close();
	expect(enginesOf(folder.path)).toEqual([]);
	folder.remove();
});

test('a second instance on the same data folder is refused, and told what to do', async () => {
	await using store = await throwAwayStore();
	await expect(openStore(storeOptions(store.dataFolder))).rejects.toMatchObject({
		code: 'DATA_FOLDER_IN_USE',
		message: expect.stringContaining('--data-dir'),
	});
	await store.writer.append(oneSpan(1));
	expect(await countOf(store)).toBe(1);
});

test('a closed store can be opened again, with its data', async () => {
	const folder = temporaryFolder();
	const first = await openStore(storeOptions(folder.path));
	await first.writer.append(oneSpan(1));
	await first.close();
	const second = await openStore(storeOptions(folder.path));
	expect(await countOf(second)).toBe(1);
	await second.close();
	folder.remove();
});

test('nobody gets in without the secret, and nobody else can read it', async () => {
	const folder = temporaryFolder();
	const server = await EmbeddedServer.start(folder.path, silentLog);
	const { url, headers } = server.address;
	const ask = (sent: Record<string, string>) => fetch(`${url}/?query=SELECT%201`, { headers: sent });
	expect((await ask(headers)).status).toBe(200);
	expect((await ask({})).status).toBe(404);
	expect((await ask({ 'X-Spanhouse-Secret': 'guess' })).status).toBe(404);
	expect(statSync(join(folder.path, 'clickhouse.xml')).mode & 0o077).toBe(0);
	const secret = Object.values(headers)[0]!;
	expect(allProcesses().map(commandOf).join('\n')).not.toContain(secret);
	await server.stop();
	folder.remove();
});

test.skipIf(needsProc)('a store that is stopped stays stopped', async () => {
	const folder = temporaryFolder();
	const server = await EmbeddedServer.start(folder.path, silentLog);
	const { pid } = server;
	await server.stop();
	expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
	await sleep(300);
	expect(enginesOf(folder.path)).toEqual([]);
	folder.remove();
});

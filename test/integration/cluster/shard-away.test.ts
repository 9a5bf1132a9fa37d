/** A store that is copied to two real shards, and what they answer while one of them is away. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectMissing } from '../../../collector/missing-shards.ts';
import { silentLog } from '../../../collector/log.ts';
import { copyStore } from '../../../collector/store/copy/copy-store.ts';
import type { CopiedTable } from '../../../collector/store/copy/copy-tables.ts';
import { openStore } from '../../../collector/store/store.ts';
import type { Store } from '../../../collector/store/store.ts';
import { callTraces } from '../../support/call-traces.ts';
import { storeOptions, temporaryFolder } from '../../support/clickhouse.ts';
import { clusterEngines, clusterName } from '../../support/cluster-engines.ts';
import type { ClusterEngines } from '../../support/cluster-engines.ts';
import { spanBlock } from '../../support/span-block.ts';

const endMs = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
const spans = callTraces({ seed: 3, traces: 200, endMs, withinMs: 6 * 3_600_000 });
const scope = { project: 'default', window: { fromMs: endMs - 7 * 3_600_000, toMs: endMs + 1 } };
const everything = { where: '1', parameters: {} };
const reader = { name: 'reads', password: 'only', grants: ['SELECT ON moved.*', 'SELECT ON moved_local.*'] };
const withoutRows = { name: 'without_rows', password: 'half of it', grants: ['SELECT ON moved.*'] };
const folder = temporaryFolder();

let engines: ClusterEngines;
let moved: Store | undefined;
beforeAll(async () => void (engines = await clusterEngines({ users: [reader, withoutRows] })), 300_000);
afterAll(async () => {
	await moved?.close();
	await engines?.close();
	folder.remove();
}, 60_000);

const answersOf = async (store: Store) => ({
	counted: await store.search.count(scope, everything),
	services: await store.red.services(scope, { stepMs: 600_000, spans: 'entry' }),
	traces: await store.search.traces(scope, everything, { sort: '-duration', limit: 40 }),
});

test('a copy of the embedded store goes on where it was cut off, and gives the same answers', async () => {
	const source = await openStore(storeOptions(folder.path));
	await source.writer.append(spanBlock(spans));
	// Versions are known by the spans that requests come in with until all are counted, which the copy waits for.
	expect(await source.deriver.settle(30_000)).toBe(true);
	const before = await answersOf(source);
	expect(before.counted).toEqual({ spans: spans.length, traces: 200 });
	await source.close();
	const [url = ''] = engines.urls.split(',');
	const cluster = { name: clusterName, urls: engines.urls.split(',') };
	const remote = { url, username: 'default', password: '', cluster };
	const copied: CopiedTable[] = [];
	const copy = (beforeDone: () => Promise<void>) =>
		copyStore({
			dataFolder: folder.path,
			remote,
			database: 'moved',
			program: 'test',
			log: silentLog,
			onTable: (table) => copied.push(table),
			beforeDone,
		});
	let left = 5;
	const cutOff = copy(async () => {
		left -= 1;
		if (left === 0) throw new Error('cut off');
	});
	await expect(cutOff).rejects.toThrow('cut off');
	copied.length = 0;
	await copy(async () => {});
	expect(copied.reduce((sum, { known }) => sum + known, 0)).toBe(4);
	expect(copied.find(({ table }) => table === 'spans')?.rows).toBe(spans.length);
	moved = await openStore({ ...storeOptions(folder.path), database: 'moved', remote });
	expect(await answersOf(moved)).toEqual(before);
}, 300_000);

test('a user that only reads needs the rows of each shard, too, and is refused at the start without', async () => {
	const [url = ''] = engines.urls.split(',');
	const cluster = { name: clusterName, urls: engines.urls.split(',') };
	const open = ({ name: username, password }: typeof reader): Promise<Store> => {
		const remote = { url, username: 'default', password: '', cluster, reader: { username, password } };
		return openStore({ ...storeOptions(`${folder.path}/beside`), database: 'moved', remote });
	};
	mkdirSync(`${folder.path}/beside`);
	const refused = expect.stringMatching(/CLICKHOUSE_READ_USER .*Not enough privileges.*moved_local/);
	await expect(open(withoutRows)).rejects.toMatchObject({ message: refused });
	const store = await open(reader);
	expect((await store.search.count(scope, everything)).spans).toBe(spans.length);
	await store.close();
}, 60_000);

/** Servers take a moment to find each other again. */
const expectWhole = (store: Store) =>
	expect.poll(async () => (await store.search.count(scope, everything)).spans, { timeout: 60_000 }).toBe(spans.length);

test('without a shard, reads that may do so say which it was, and all others fail', async () => {
	const store = moved!;
	await engines.shards[1].kill();
	await expect(store.search.count(scope, everything)).rejects.toMatchObject({ status: 503, code: 'SHARD_UNAVAILABLE' });
	const { outcome, missing } = await collectMissing(() => store.search.count(scope, everything));
	const rest = outcome.status === 'fulfilled' ? outcome.value.spans : 0;
	expect(missing).toEqual({ names: new Set(['shard 2 (127.0.0.1)']), of: 2 });
	expect(rest).toBeGreaterThan(0);
	expect(rest).toBeLessThan(spans.length);
	const { outcome: status } = await collectMissing(() => store.status.spans(scope));
	expect(status).toMatchObject({ status: 'fulfilled', value: { rows: rest } });
	await engines.shards[1].start();
	await expectWhole(store);

	// The server that is asked first: the other one answers.
	await engines.shards[0].kill();
	const other = await collectMissing(() => store.search.count(scope, everything));
	expect(other.missing.names).toEqual(new Set(['shard 1 (127.0.0.1)']));
	expect(other.outcome).toMatchObject({ status: 'fulfilled', value: { spans: spans.length - rest } });
	await engines.shards[0].start();
	await expectWhole(store);
}, 300_000);

test('a deletion ends on shards, too, and takes from all of them; repeated, it takes no more', async () => {
	const { deletion } = moved!.keeping;
	const chosen = spans.slice(0, 40).map(({ traceId }) => traceId);
	const left = spans.filter(({ traceId }) => !chosen.includes(traceId));
	const id = randomUUID();
	const found = { spans: spans.length - left.length, traces: new Set(chosen).size };
	expect(await deletion.count({ project: 'default' }, { traceIds: chosen })).toMatchObject(found);
	await deletion.choose('default', id, { traceIds: chosen });
	for (let time = 0; time < 2; time += 1) {
		await deletion.erase('default', id);
		expect((await moved!.search.count(scope, everything)).spans).toBe(left.length);
	}
	expect(await deletion.count({ project: 'default' }, { traceIds: chosen })).toMatchObject({ spans: 0, exceptions: 0 });
}, 120_000);

/** Several collectors that decide on one ClickHouse: what each acknowledged is there, and nothing was overwritten unseen. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { StateStore } from '../../../collector/state/state-store.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { migrate, readMigrations } from '../../../collector/store/engine/migrations.ts';
import { createStateTable } from '../../../collector/store/state-table.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';

const folder = temporaryFolder();
let server: EmbeddedServer;
let clickhouse: ClickHouse;

const openShared = () =>
	StateStore.open({ table: createStateTable(clickhouse, () => Promise.resolve(), true), clock: Date.now });

beforeAll(async () => {
	server = await EmbeddedServer.start(folder.path, silentLog);
	clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	const ofState = readMigrations().filter(({ name }) => name.startsWith('state'));
	await migrate(clickhouse, ofState, 'test', silentLog);
}, 60_000);
afterAll(async () => {
	await clickhouse.close();
	await server.stop();
	folder.remove();
});

const documentKey = (name: string) => ({ project: 'default', kind: 'view', name });

interface Tally {
	counted: number;
	by: string[];
}

/** Adds one to a document as often, each time to the version that it read. Returns the versions that were acknowledged. */
async function countUp(store: StateStore, author: string, times: number): Promise<number[]> {
	const key = documentKey('tally');
	const versions: number[] = [];
	while (versions.length < times) {
		const [newest] = await store.history(key, 1);
		const before = JSON.parse(newest?.json ?? '{"counted":0,"by":[]}') as Tally;
		const value = { counted: before.counted + 1, by: [...before.by, author] };
		const written = await store.put(key, value, { author, expected: newest?.version ?? 0 }).catch((error: unknown) => {
			if ((error as { code?: string }).code === 'VERSION_CONFLICT') return undefined;
			throw error;
		});
		if (written !== undefined) versions.push(written.version);
	}
	return versions;
}

test('each change of a version is made once, whoever makes it, and stays when parts are merged', async () => {
	const [times, authors] = [8, ['ann', 'bob', 'cat']];
	const stores = await Promise.all(authors.map(openShared));
	const acknowledged = await Promise.all(stores.map((store, index) => countUp(store, authors[index] ?? '', times)));
	const all = acknowledged.flat().sort((a, b) => a - b);
	expect(all).toEqual(Array.from({ length: times * authors.length }, (_, index) => index + 1));
	await clickhouse.command('OPTIMIZE TABLE spanhouse.state FINAL');
	const later = await openShared();
	const { value, version } = later.get(documentKey('tally'))!;
	expect({ version, counted: (value as Tally).counted }).toEqual({ version: all.length, counted: all.length });
	const history = await later.history(documentKey('tally'), 100);
	expect(history.map(({ author }) => author).reverse()).toEqual((value as Tally).by);
	expect(await later.recent({ beforeMs: Date.now() + 1_000, limit: 100, without: [] })).toHaveLength(all.length);
	await Promise.all([...stores, later].map((store) => store.close()));
}, 120_000);

test('a write that came second to its place counts nowhere, though it is stored and its process is gone', async () => {
	const key = documentKey('of two');
	const table = createStateTable(clickhouse, () => Promise.resolve(), true);
	const version = { ...key, version: 1, timeMs: Date.now(), author: 'first', json: '"first"' };
	const position = await table.position();
	expect(await table.append([version], position)).toBe(true);
	const second = { ...version, author: 'second', json: '"second"' };
	expect(await table.append([second, { ...second, ...documentKey('beside it') }], position)).toBe(false);
	const store = await openShared();
	expect(store.get(key)?.value).toBe('first');
	expect(store.get(documentKey('beside it'))).toBeUndefined();
	expect(await store.history(key, 10)).toHaveLength(1);
	expect(await store.countVersions(key)).toBe(1);
	await clickhouse.command('OPTIMIZE TABLE spanhouse.state FINAL');
	expect(await store.put(key, 'later', { author: 'first', expected: 1 })).toMatchObject({ version: 2 });
	await store.delete(key, { author: 'first' });
	expect([(await store.history(key, 10)).length, await store.countVersions(key)]).toEqual([3, 2]);
	await store.close();
}, 60_000);

/** What people ask has a user of its own at a server that somebody runs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../collector/store/store.ts';
import type { Store } from '../../../collector/store/store.ts';
import { storeOptions, temporaryFolder } from '../../support/clickhouse.ts';
import { loneEngine } from '../../support/cluster-engines.ts';
import { fillWithMigrated } from '../../support/migrated-store.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';

const endMs = Date.UTC(2026, 10, 20, 12);
const spans = randomSpans({ seed: 43, count: 200, endMs, withinMs: 3_600_000 });
const scope = { project: 'default', window: { fromMs: endMs - 2 * 3_600_000, toMs: endMs + 1 } };

const narrow = { name: 'narrow', password: 'reads', grants: ['SELECT ON spanhouse.spans'] };
const blind = { name: 'blind', password: 'sees nothing', grants: ['SELECT ON other.*'] };

let engine: Awaited<ReturnType<typeof loneEngine>>;
const folder = temporaryFolder();
beforeAll(async () => {
	engine = await loneEngine([narrow, blind], (dataFolder) => fillWithMigrated(dataFolder, storeOptions(dataFolder)));
}, 60_000);
afterAll(async () => {
	await engine?.close();
	folder.remove();
});

const open = (reader: { name: string; password: string }): Promise<Store> =>
	openStore({
		...storeOptions(folder.path),
		remote: {
			url: engine.url,
			username: 'default',
			password: '',
			reader: { username: reader.name, password: reader.password },
		},
	});

test('what people ask goes by the rights of the read user, and all else by those of the other', async () => {
	const store = await open(narrow);
	try {
		await store.writer.append(spanBlock(spans));
		expect(await store.search.count(scope, { where: '1', parameters: {} })).toMatchObject({ spans: spans.length });
		// Counted already, by the user that may; the one that asks may not look at it.
		expect(await store.deriver.settle(20_000)).toBe(true);
		const refused = { message: expect.stringContaining('narrow: Not enough privileges') };
		await expect(store.red.services(scope, { stepMs: 600_000, spans: 'entry' })).rejects.toMatchObject(refused);
		await expect(store.serviceMap.edges(scope)).rejects.toMatchObject(refused);
		expect(await store.status.newestMs({ project: 'default' })).toBeGreaterThan(0);
	} finally {
		await store.close();
	}
});

test.each([
	['may not read', blind, 'Not enough privileges'],
	['has another password', { ...narrow, password: 'guessed' }, 'Authentication failed'],
])('a read user that %s is refused at the start, by its setting', async (_, reader, why) => {
	const refused = { code: 'STORE_UNREACHABLE', message: expect.stringMatching(`CLICKHOUSE_READ_USER .*${why}`) };
	await expect(open(reader)).rejects.toMatchObject(refused);
	// The folder is free again, or the reason would be another one now.
	await expect(open(reader)).rejects.toMatchObject(refused);
});

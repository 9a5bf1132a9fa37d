import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { View, ViewsAnswer } from '../../../schema/api-views.ts';
import { StateStore } from '../../../collector/state/state-store.ts';
import { temporaryFolder, throwAwayStore } from '../../support/clickhouse.ts';
import { fillWithMigrated } from '../../support/migrated-store.ts';
import { productStore, startProduct } from '../../support/product.ts';

const kills = 4;
const names = 7;

const putView = (ui: string, name: string, search: string, version?: number) =>
	fetch(`${ui}/api/v1/views/traces/${name}`, {
		method: 'PUT',
		headers: { 'content-type': 'application/json', ...(version === undefined ? {} : { 'if-match': `"${version}"` }) },
		body: JSON.stringify({ search }),
	});

test('kill -9 while views are written: each acknowledged one is there afterwards, with its version', async () => {
	const folder = temporaryFolder();
	await fillWithMigrated(folder.path, productStore);
	/** What was acknowledged: for each name, text by version. */
	const acknowledged = new Map<string, Map<number, string>>();
	for (let kill = 0; kill < kills; kill += 1) {
		const product = await startProduct({ args: ['--data-dir', folder.path] });
		let timer: NodeJS.Timeout | undefined;
		const exited = once(product.process, 'exit');
		for (let index = 0; ; index += 1) {
			const [name, search] = [`view-${index % names}`, `q=${kill}-${index}`];
			const view = await putView(product.ready.ui, name, search)
				.then(async (response) => (await response.json()) as View)
				.catch(() => undefined);
			if (view === undefined) break; // Killed.
			// Each view was written by then, however slow that is.
			if (index === names) timer = setTimeout(() => product.process.kill('SIGKILL'), 100 + kill * 170);
			acknowledged.set(name, (acknowledged.get(name) ?? new Map<number, string>()).set(view.version, search));
		}
		await exited;
		clearTimeout(timer);
	}
	const product = await startProduct({ args: ['--data-dir', folder.path] });
	const { views } = (await (await fetch(`${product.ready.ui}/api/v1/views`)).json()) as ViewsAnswer;
	expect(acknowledged.size).toBe(names);
	for (const [name, versions] of acknowledged) {
		const newest = Math.max(...versions.keys());
		const view = views.find((candidate) => candidate.name === name);
		// The kill may have come between the write and its answer.
		expect([newest, newest + 1]).toContain(view?.version);
		expect(versions.get(view?.version ?? 0) ?? view?.search).toBe(view?.search);
	}
	expect(await product.stop()).toBe(0);
	folder.remove();
});

test('two that change one version at once through ClickHouse: one wins, and a fresh start reads the same', async () => {
	await using store = await throwAwayStore();
	const state = await StateStore.open({ table: store.stateTable, clock: () => 1_700_000_000_123 });
	const key = { project: 'default', kind: 'view', name: "traces/it's \\ ☕ {x}" };
	await state.put(key, { text: 'a\u0000b\n"' }, { author: 'ann' });
	const outcomes = await Promise.allSettled([1, 2].map((n) => state.put(key, { n }, { author: 'bob', expected: 1 })));
	expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
	await state.put({ ...key, name: 'gone' }, 1, { author: 'ann' });
	await state.delete({ ...key, name: 'gone' }, { author: 'ann' });
	const again = await StateStore.open({ table: store.stateTable, clock: () => 0 });
	expect(again.list('default', 'view')).toEqual(state.list('default', 'view'));
	expect(again.list('default', 'view')).toMatchObject([{ name: key.name, version: 2, timeMs: 1_700_000_000_123 }]);
	expect(await again.history(key, 10)).toMatchObject([
		{ version: 2, author: 'bob' },
		{ version: 1, author: 'ann', json: JSON.stringify({ text: 'a\u0000b\n"' }) },
	]);
});

test('changes that belong together are one part of the table, with the version after the newest, deleted or not', async () => {
	await using store = await throwAwayStore();
	const state = await StateStore.open({ table: store.stateTable, clock: () => 1_700_000_000_123 });
	const key = (name: string) => ({ project: 'default', kind: 'config.Link', name });
	await state.put(key('gone'), 1, { author: 'ann' });
	await state.delete(key('gone'), { author: 'ann' });
	await state.put(key('old'), 1, { author: 'ann' });
	const edits = Array.from({ length: 300 }, (_, index) => ({ key: key(`a${index}`), value: { index }, expected: 0 }));
	await state.applyAll([...edits, { key: key('gone'), value: 2 }, { key: key('old'), value: undefined }], 'git');
	const again = await StateStore.open({ table: store.stateTable, clock: () => 0 });
	expect(again.list('default', 'config.Link')).toEqual(state.list('default', 'config.Link'));
	expect([again.all('config.Link').length, again.get(key('gone'))?.version]).toEqual([301, 3]);
	expect((await state.history(key('old'), 5)).map(({ version, json }) => [version, json])).toEqual([
		[2, undefined],
		[1, '1'],
	]);
});

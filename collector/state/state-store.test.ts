import { expect, test } from 'vitest';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { StateStore } from './state-store.ts';
import type { StateLimits } from './state-store.ts';
import type { DocumentVersion, StateTable } from './state-table.ts';

/** A table in memory whose next append may fail before or after its row lands, or land only when somebody settles. */
class ModelTable implements StateTable {
	rows: DocumentVersion[] = [];
	next: 'works' | 'fails' | 'lands and fails' | 'lands late' = 'works';
	#late: DocumentVersion[] = [];

	async current(limit: number) {
		const newest = new Map<string, DocumentVersion>();
		for (const row of this.rows) {
			const key = `${row.project} ${row.kind} ${row.name}`;
			if (row.version > (newest.get(key)?.version ?? 0)) newest.set(key, row);
		}
		return [...newest.values()].filter((row) => row.json !== undefined).slice(0, limit);
	}
	async newest(key: { project: string; kind: string; name: string }) {
		return (await this.history(key, 1))[0];
	}
	async history(key: { project: string; kind: string; name: string }, limit: number) {
		await Promise.resolve(); // Lets whoever else writes in between, if there were two at once.
		return this.rows
			.filter((row) => row.project === key.project && row.kind === key.kind && row.name === key.name)
			.sort((a, b) => b.version - a.version)
			.slice(0, limit);
	}
	async countVersionsOf(key: { project: string; kind: string; name: string }) {
		return (await this.history(key, Infinity)).filter(({ json }) => json !== undefined).length;
	}
	async recent() {
		return [];
	}
	async position() {
		return this.rows.length;
	}
	async append(versions: readonly DocumentVersion[], position: number) {
		await Promise.resolve();
		if (position !== this.rows.length) return false;
		const outcome = this.next;
		this.next = 'works';
		if (outcome === 'lands late') this.#late.push(...versions);
		else if (outcome !== 'fails') this.rows.push(...versions);
		if (outcome !== 'works') throw new Error(outcome);
		return true;
	}
	async settle() {
		this.rows.push(...this.#late.splice(0));
	}
}

const key = { project: 'default', kind: 'view', name: 'slow' };
const open = async (table: StateTable = new ModelTable(), limits?: StateLimits) =>
	StateStore.open({ table, clock: () => 1_000, ...(limits === undefined ? {} : { limits }) });

test('a document changes by versions, and its history names who changed it', async () => {
	const store = await open();
	expect(store.get(key)).toBeUndefined();
	const first = await store.put(key, { a: 1 }, { author: 'ann' });
	expect(first).toEqual({ ...key, version: 1, timeMs: 1_000, author: 'ann', value: { a: 1 } });
	await store.put(key, { a: 2 }, { author: 'bob', expected: 1 });
	expect(await store.delete(key, { author: 'cat' })).toBe(3);
	expect(store.get(key)).toBeUndefined();
	expect(await store.delete(key, { author: 'cat' })).toBeUndefined();
	await store.put(key, { a: 4 }, { author: 'dan', expected: 0 });
	expect((await store.history(key, 10)).map(({ version, author, json }) => [version, author, json])).toEqual([
		[4, 'dan', '{"a":4}'],
		[3, 'cat', undefined],
		[2, 'bob', '{"a":2}'],
		[1, 'ann', '{"a":1}'],
	]);
});

test('of writers that change the same version at once, one wins', async () => {
	const store = await open();
	await store.put(key, 0, { author: 'a' });
	const writes = Array.from({ length: 20 }, (_, index) => store.put(key, index, { author: 'a', expected: 1 }));
	const outcomes = await Promise.allSettled(writes);
	expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
	const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
	expect(reasons).toEqual(Array.from({ length: 19 }, () => expect.objectContaining({ code: 'VERSION_CONFLICT' })));
	expect(store.get(key)).toMatchObject({ version: 2, value: 0 });
});

test('of writers that expect nothing, each gets a version of its own', async () => {
	const table = new ModelTable();
	const store = await open(table);
	await Promise.all(Array.from({ length: 20 }, (_, index) => store.put(key, index, { author: 'a' })));
	expect(table.rows.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
	expect(store.get(key)?.value).toBe(19);
});

test('several processes on one table: each change of a version is made once, and each sees what the others did', async () => {
	const table = new MemoryTable();
	const stores = await Promise.all(Array.from({ length: 4 }, () => open(table)));
	const count = async (store: StateStore): Promise<void> => {
		for (let done = 0; done < 10;) {
			const [newest] = await store.history(key, 1);
			const value = { counted: ((JSON.parse(newest?.json ?? '{}') as { counted?: number }).counted ?? 0) + 1 };
			const written = store.put(key, value, { author: 'a', expected: newest?.version ?? 0 });
			done += await written.then(
				() => 1,
				(error: unknown) => {
					expect(error).toMatchObject({ code: 'VERSION_CONFLICT' });
					return 0;
				},
			);
		}
	};
	await Promise.all(stores.map(count));
	expect((await open(table)).get(key)).toMatchObject({ version: 40, value: { counted: 40 } });
	// Whoever expects nothing comes behind the others; who deletes knows what they wrote.
	await Promise.all(stores.map((store, index) => store.put({ ...key, name: 'any' }, index, { author: 'a' })));
	expect((await table.newest({ ...key, name: 'any' }))?.version).toBe(4);
	expect(await stores[0]!.delete({ ...key, name: 'any' }, { author: 'a' })).toBe(5);
});

test.each(['fails', 'lands and fails', 'lands late'] as const)(
	'when an append %s, nothing is acknowledged, and what follows agrees with a fresh start',
	async (outcome) => {
		const table = new ModelTable();
		const store = await open(table);
		await store.put(key, 'before', { author: 'a' });
		table.next = outcome;
		await expect(store.put(key, 'unsure', { author: 'a', expected: 1 })).rejects.toThrow(outcome);
		await store.close();
		const landed = outcome !== 'fails';
		expect(store.get(key)).toMatchObject({ version: landed ? 2 : 1, value: landed ? 'unsure' : 'before' });
		const third = await store.put(key, 'after', { author: 'a', expected: landed ? 2 : 1 });
		expect((await open(table)).get(key)).toEqual(third);
		expect(new Set(table.rows.map(({ version }) => version)).size).toBe(table.rows.length);
	},
);

test('documents are found by project and kind, in order of their names', async () => {
	const store = await open();
	for (const name of ['b', 'a']) await store.put({ ...key, name }, name, { author: 'a' });
	await store.put({ ...key, kind: 'silence' }, 1, { author: 'a' });
	await store.put({ ...key, project: 'other' }, 1, { author: 'a' });
	expect(store.list('default', 'view').map(({ name }) => name)).toEqual(['a', 'b']);
});

test('what is kept is bounded: documents, bytes of each and of all, and writes that wait', async () => {
	const store = await open(new ModelTable(), { documents: 2, documentBytes: 100, totalBytes: 150, waiting: 3 });
	const write = { author: 'a' };
	await expect(store.put(key, 'x'.repeat(99), write)).rejects.toMatchObject({ status: 413 });
	await store.put({ ...key, name: 'one' }, 'x'.repeat(90), write);
	await expect(store.put({ ...key, name: 'two' }, 'x'.repeat(90), write)).rejects.toMatchObject({
		status: 409,
		code: 'STATE_FULL',
	});
	await store.put({ ...key, name: 'two' }, 'x', write);
	await expect(store.put({ ...key, name: 'three' }, 'x', write)).rejects.toMatchObject({ code: 'STATE_FULL' });
	await store.put({ ...key, name: 'one' }, 'y', write);
	await store.delete({ ...key, name: 'two' }, write);
	await store.put({ ...key, name: 'three' }, 'x'.repeat(90), write);
	const waiting = [1, 2, 3].map((value) => store.put({ ...key, name: 'one' }, value, write));
	await expect(store.put({ ...key, name: 'one' }, 4, write)).rejects.toMatchObject({ code: 'STORE_BUSY' });
	await Promise.all(waiting);
});

test('changes that belong together are made together, or not at all', async () => {
	const table = new ModelTable();
	const store = await open(table);
	await store.put(key, 'old', { author: 'a' });
	await store.put({ ...key, name: 'gone' }, 'x', { author: 'a' });
	const edits = [
		{ key, value: 'new', expected: 1 },
		{ key: { ...key, name: 'gone' }, value: undefined },
		{ key: { ...key, name: 'absent' }, value: undefined },
		{ key: { ...key, name: 'added' }, value: 'y', expected: 0 },
	];
	await store.applyAll(edits, 'git');
	expect(store.list('default', 'view').map(({ name, value, version }) => [name, value, version])).toEqual([
		['added', 'y', 1],
		['slow', 'new', 2],
	]);
	const rows = table.rows.length;
	const stale = [
		{ key: { ...key, name: 'added' }, value: 'z' },
		{ key, value: 'newer', expected: 1 },
	];
	await expect(store.applyAll(stale, 'git')).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
	expect([table.rows.length, store.get(key)?.value]).toEqual([rows, 'new']);
	table.next = 'lands and fails';
	await expect(store.applyAll([{ key, value: 'unsure' }], 'git')).rejects.toThrow('lands');
	await store.close();
	expect(store.get(key)?.value).toBe('unsure');
	const small = await open(new ModelTable(), { documents: 2, documentBytes: 100, totalBytes: 150, waiting: 3 });
	const three = ['a', 'b', 'c'].map((name) => ({ key: { ...key, name }, value: 1 }));
	await expect(small.applyAll(three, 'git')).rejects.toMatchObject({ code: 'STATE_FULL' });
	expect(small.list('default', 'view')).toEqual([]);
});

import { expect, test } from 'vitest';
import { documentSchema } from '../../schema/desired-state.ts';
import type { WrittenDocument } from '../../schema/desired-state.ts';
import { StateStore } from '../state/state-store.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { StoredDocuments } from './documents.ts';
import type { DocumentChange } from './documents.ts';

const written = (name: string, measure = 'p95'): WrittenDocument => ({
	apiVersion: 'spanhouse.dev/v1',
	kind: 'Alert',
	metadata: { name },
	spec: { query: 'service:a', measure, conditions: [{ severity: 'page', above: '800ms' }] },
});
const alert = (name: string, measure?: string) => documentSchema.parse(written(name, measure));

async function open() {
	const state = await StateStore.open({ table: new MemoryTable(), clock: () => 1_000 });
	const reports: string[] = [];
	const documents = new StoredDocuments({ state, isSource: () => true, report: (message) => reports.push(message) });
	const changes: DocumentChange[] = [];
	documents.onChange((change) => changes.push(change));
	return { state, documents, reports, changes };
}

test('a document is kept with version, author and owner, and listeners hear of each change', async () => {
	const { documents, changes } = await open();
	const first = await documents.put('default', alert('slow'), { author: 'ann' });
	expect(first).toMatchObject({ version: 1, author: 'ann', changedMs: 1_000, owner: { source: null } });
	await documents.put('default', alert('slow', 'p99'), { author: 'bob', expected: 1 });
	await documents.put('other', alert('slow'), { author: 'bob' });
	expect(documents.list('default', 'Alert').map(({ document }) => document.spec.measure)).toEqual(['p99']);
	expect(documents.get('default', 'SLO', 'slow')).toBeUndefined();
	expect(await documents.delete('default', 'Alert', 'slow', { author: 'cat' })).toBe(3);
	expect(await documents.delete('default', 'Alert', 'slow', { author: 'cat' })).toBeUndefined();
	expect(changes.map(({ project, before, after }) => [project, before?.version, after?.version])).toEqual([
		['default', undefined, 1],
		['default', 1, 2],
		['other', undefined, 1],
		['default', 2, undefined],
	]);
	const history = await documents.history('default', 'Alert', 'slow', 10);
	expect(history.map(({ version, author }) => [version, author])).toEqual([
		[3, 'cat'],
		[2, 'bob'],
		[1, 'ann'],
	]);
});

test('of two who change the same version, one is told', async () => {
	const { documents } = await open();
	await documents.put('default', alert('slow'), { author: 'ann' });
	await documents.put('default', alert('slow', 'p99'), { author: 'ann', expected: 1 });
	await expect(documents.put('default', alert('slow'), { author: 'bob', expected: 1 })).rejects.toMatchObject({
		code: 'VERSION_CONFLICT',
	});
});

test('what was stored before a default was there gets it; what cannot be read is told once and left alone', async () => {
	const { state, documents, reports } = await open();
	const key = { project: 'default', kind: 'config.Alert' };
	await state.put({ ...key, name: 'old' }, { document: written('old') }, { author: 'ann' });
	await state.put({ ...key, name: 'newer' }, { document: { kind: 'Alert', tomorrow: 1 } }, { author: 'ann' });
	for (let again = 0; again < 2; again += 1) {
		expect(documents.list('default', 'Alert').map(({ document }) => document.spec.window)).toEqual(['5m']);
	}
	expect(reports).toEqual([expect.stringContaining('config.Alert newer')]);
});

test('a listener that throws stops neither the write nor the next listener', async () => {
	const { documents, reports } = await open();
	documents.onChange(() => {
		throw new Error('broken');
	});
	const heard: string[] = [];
	const stop = documents.onChange(({ name }) => heard.push(name));
	await documents.put('default', alert('a'), { author: 'ann' });
	stop();
	await documents.put('default', alert('b'), { author: 'ann' });
	expect(heard).toEqual(['a']);
	expect(reports).toHaveLength(2);
});

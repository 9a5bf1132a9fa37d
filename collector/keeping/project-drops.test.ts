import { expect, test } from 'vitest';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { Projects } from '../access/projects.ts';
import { silentLog } from '../log.ts';
import { StateStore } from '../state/state-store.ts';
import { ProjectDrops } from './project-drops.ts';

/** A store with a project to drop; `done` is what was dropped of it, in order. */
async function world() {
	const it = { nowMs: 1_700_000_000_000, storedUpToMs: Infinity, isDerived: true };
	const clock = () => it.nowMs;
	const state = await StateStore.open({ table: new MemoryTable(), clock });
	const projects = new Projects({ state, clock, log: silentLog });
	await projects.create('mango', 'Mango', 'ann');
	await projects.create('kiwi', 'Kiwi', 'ann');
	for (const project of ['mango', 'kiwi'])
		await state.put({ project, kind: 'view', name: 'slow' }, { q: 'error:true' }, { author: 'ann' });
	const done: string[] = [];
	const note = (what: string) => async (name?: string) => void done.push(name === undefined ? what : `${what} ${name}`);
	const drops = new ProjectDrops({
		projects,
		state,
		documents: { everything: () => [], delete: async () => 1 },
		data: { drop: note('data') },
		pinned: { refresh: note('pinned') },
		intake: {
			storedUpToMs: () => it.storedUpToMs,
			releaseStored: async () => {},
			removeSetAsideOf: async (name) => {
				done.push(`set aside ${name}`);
				return { records: 0, spans: 0, unreadable: 0 };
			},
		},
		forgetProject: note('memory'),
		settleDerived: async () => it.isDerived,
		clock,
		log: silentLog,
	});
	return { it, state, projects, drops, done };
}

test('a closed project goes at once and once more when nothing can be on its way; others stay', async () => {
	const { it, state, projects, drops, done } = await world();
	await drops.step();
	expect(done).toEqual([]);
	await projects.close('mango', 'ann');
	await drops.step();
	const round = ['data mango', 'memory mango', 'set aside mango', 'pinned'];
	expect(done).toEqual(round);
	expect(state.ofProject('mango')).toEqual([]);
	expect(projects.closed().map(({ name }) => name)).toEqual(['mango']);
	it.nowMs += 90_000;
	await drops.step();
	expect(done).toEqual([...round, ...round]);
	expect([projects.get('mango'), projects.get('kiwi')?.title]).toEqual([undefined, 'Kiwi']);
	expect(state.ofProject('kiwi')).toHaveLength(1);
});

test('while what was derived from its spans is not there yet, nothing is dropped, and the next round tries again', async () => {
	const { it, projects, drops, done } = await world();
	await projects.close('mango', 'ann');
	it.isDerived = false;
	await drops.step();
	expect(done).toEqual([]);
	it.isDerived = true;
	await drops.step();
	expect(done).toContain('data mango');
});

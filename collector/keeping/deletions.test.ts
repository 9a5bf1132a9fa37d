import { expect, test } from 'vitest';
import type { Found } from '../../schema/api-keeping.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { silentLog } from '../log.ts';
import { StateStore } from '../state/state-store.ts';
import { Deletions } from './deletions.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const scope = { project: 'default', window: { fromMs: 0, toMs: 1 } };
const none: Found = { traces: 0, spans: 0, logs: 0, exceptions: 0, findings: 0, pins: 0 };

/** For what the test lets happen. */
interface Waits {
	derived?: Promise<void>;
	counted?: Promise<void>;
}

/** A store that holds a trace of 43 spans, and collectors on it. */
function world() {
	const it = { stored: { ...none, traces: 1, spans: 43 }, erased: 0 };
	const table = new MemoryTable();
	/** It waits there for the test. */
	const collector = async (waits: Waits = {}, own = 'other', setAside = 0): Promise<Deletions> => {
		const clock = () => 1_700_000_000_000;
		const removed = async () => ({ records: setAside, spans: setAside, unreadable: 0 });
		return new Deletions({
			own,
			state: await StateStore.open({ table, clock }),
			traces: {
				count: async () => {
					const found = it.stored;
					await waits.counted;
					return found;
				},
				choose: async () => {},
				traceIds: async () => [traceId],
				erase: async () => {
					it.stored = none;
					it.erased += 1;
				},
			},
			pins: { forget: async () => {} },
			intake: {
				storedUpToMs: () => Infinity,
				releaseStored: async () => {},
				removeSetAside: removed,
				removeSetAsideOf: removed,
				forgetSamples: () => {},
			},
			forgetTold: async () => {},
			settleDerived: async () => {
				await waits.derived;
				return true;
			},
			compile: () => {
				throw new Error('nothing is asked by a query here');
			},
			log: silentLog,
			clock,
		});
	};
	return { it, table, collector };
}

test.each(['derived', 'counted'] as const)(
	'what a deletion found stays, though another collector did it while the one that was asked waited for what is %s',
	async (what) => {
		const { it, table, collector } = world();
		const { promise, resolve } = Promise.withResolvers<void>();
		const waits: Waits = {};
		const asked = await collector(waits);
		const others = Promise.withResolvers<void>();
		const put = table.append.bind(table);
		// From the moment on at which the deletion is written down.
		table.append = async (versions, position) => {
			waits[what] = promise;
			others.resolve();
			return put(versions, position);
		};
		const request = asked.request({ scope, body: { traceIds: [traceId] }, author: 'ann' });
		await others.promise;
		await expect.poll(() => table.rows.length).toBe(1);
		await (await collector()).step();
		expect(it.erased).toBe(1);
		const done = table.rows.length;
		resolve();
		expect(await request).toMatchObject({ state: 'done', found: { traces: 1, spans: 43 } });
		expect([it.erased, table.rows.length]).toEqual([1, done]);
	},
);

test('each collector forgets what it holds of a deletion that another one carried out, once', async () => {
	const { it, table, collector } = world();
	const first = await collector({}, 'first');
	const { id } = await first.request({ scope, body: { traceIds: [traceId] }, author: 'ann' });
	// From the spool of another one, which was away.
	it.stored = { ...none, spans: 7 };
	const second = await collector({}, 'second', 2);
	await second.step();
	expect([it.erased, it.stored.spans]).toEqual([2, 0]);
	const told = second.get('default', id ?? '');
	expect(told).toMatchObject({ state: 'done', found: { spans: 43 }, quarantine: { records: 2, spans: 2 } });
	expect(told).not.toHaveProperty('forgottenBy');
	const versions = table.rows.length;
	for (const each of [second, await collector({}, 'second'), await collector({}, 'first')]) await each.step();
	const third = await collector({}, 'third');
	await third.step();
	// Nothing was left: nothing is deleted again.
	expect([it.erased, table.rows.length]).toEqual([2, versions + 1]);
});

import { expect, test } from 'vitest';
import type { AlertEventRow } from '../store/alerts/alert-types.ts';
import { BlindAlert } from './blind-alert.ts';
import type { Transition } from './transition.ts';

test('that nothing can be evaluated is told once, before it can be written, and so is its end', async () => {
	let nowMs = 1_700_000_000_000;
	let storeIsAway = true;
	const published: Transition[] = [];
	const written: AlertEventRow[] = [];
	const blind = new BlindAlert({
		table: {
			appendEvents: async (rows) => {
				if (storeIsAway) throw new Error('away');
				written.push(...rows);
			},
		},
		publish: async (transition) => void published.push(transition),
		clock: () => nowMs,
		project: 'default',
	});
	await blind.step(119_000, 3);
	await blind.step(600_000, 0);
	expect(published).toEqual([]);
	await expect(blind.step(121_000, 3)).rejects.toThrow('away');
	await expect(blind.step(150_000, 3)).rejects.toThrow('away');
	expect(published).toMatchObject([{ state: 'firing', title: 'No alert can be evaluated: ingest is 121 s behind' }]);
	storeIsAway = false;
	nowMs += 60_000;
	await blind.step(1_000, 3);
	await blind.step(1_000, 3);
	expect(published.map(({ state, sequence, firingId }) => [state, sequence - 1_700_000_000_000, firingId])).toEqual([
		['firing', 0, published[0]!.firingId],
		['resolved', 60_000, published[0]!.firingId],
	]);
	expect(written.map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
});

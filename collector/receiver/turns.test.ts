import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('no more run at once than there are turns, each in its order, and a failure gives its turn back', async () => {
	const turns = new Turns(2);
	const began: number[] = [];
	let running = 0;
	let most = 0;
	const results = await Promise.allSettled(
		Array.from({ length: 9 }, (_, i) =>
			turns.run(async () => {
				began.push(i);
				most = Math.max(most, ++running);
				await new Promise((resolve) => setTimeout(resolve, 1));
				running--;
				if (i % 3 === 0) throw new Error('no');
				return i;
			}),
		),
	);
	expect(most).toBe(2);
	expect(began).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
	expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
});

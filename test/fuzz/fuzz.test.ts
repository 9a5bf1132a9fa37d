import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const executions = 20_000;
/** The same cases each time; `npm run fuzz` looks further. */
const seed = 20_261_128;

test.each(Object.keys(TARGETS))(
	'%s: 20,000 cases are taken or refused, and nothing else',
	{ timeout: 300_000 },
	async (name) => {
		const target = await TARGETS[name]!();
		try {
			const { taken, refused } = await fuzz(target, { seed, executions });
			expect(taken + refused).toBe(executions);
			// Neither wins by far, or the cases would teach nothing.
			expect(taken).toBeGreaterThan(executions / 50);
			expect(refused).toBeGreaterThan(executions / 50);
		} finally {
			await target.close();
		}
	},
);

import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

/** Of what holds traces. The others share most of their code with them, and have fewer. */
const executionsOf = (name: string): number => (['logs', 'metrics', 'zipkin'].includes(name) ? 2_000 : 20_000);
/** The same cases each time; `npm run fuzz` looks further. */
const seed = 20_261_128;

test.each(Object.keys(TARGETS).map((name) => [name, executionsOf(name)] as const))(
	'%s: %i cases are taken or refused, and nothing else',
	{ timeout: 300_000 },
	async (name, executions) => {
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

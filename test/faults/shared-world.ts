import type { Random } from '../fuzz/fuzz.ts';
import { FaultWorld } from './fault-world.ts';
import type { WorldOptions } from './fault-world.ts';

/**
 * A collector and a ClickHouse that faults hurt one after the other: to start them and to wait for the rollup takes the
 * processor longer than most faults do.
 */
export class SharedWorld {
	#first: FaultWorld | undefined;
	/** Collectors on the same ClickHouse that faults have asked for with no more than that. */
	readonly #others: FaultWorld[] = [];

	/** What a fault opens its worlds with; it has them for itself until it is over. */
	async opener(service: string, random: Random): Promise<(options?: WorldOptions) => Promise<FaultWorld>> {
		const first = (this.#first ??= await FaultWorld.open({ random }));
		const waiting = [...this.#others];
		await first.renew(service);
		return async ({ beside, ...options } = {}) => {
			const isUsual = Object.keys(options).length === 0;
			if (beside === undefined && isUsual) return first;
			const found = isUsual ? waiting.shift() : undefined;
			if (found !== undefined) {
				await found.renew(service);
				return found;
			}
			const world = await FaultWorld.open({ ...options, beside: first });
			if (isUsual) this.#others.push(world);
			return world;
		};
	}

	/** Waits for the rollup, and says in words where it counts other spans than are stored. */
	async problems(): Promise<string[]> {
		return this.#first === undefined ? [] : rollupProblems(this.#first);
	}

	/** The next fault begins in a new one. */
	async close(): Promise<void> {
		const first = this.#first;
		this.#first = undefined;
		this.#others.length = 0;
		await first?.close();
	}
}

export async function rollupProblems(world: FaultWorld): Promise<string[]> {
	const { rolledUp, stored, differing } = (await world.rolledUp()) ?? { rolledUp: 0, stored: 0, differing: [] };
	if (rolledUp === stored) return [];
	return [`the rollup counts ${rolledUp} of ${stored} spans: ${differing.join(', ')}`];
}

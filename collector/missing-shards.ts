import { AsyncLocalStorage } from 'node:async_hooks';

/** Shards of a cluster without which something was answered. */
export interface MissingShards {
	/** Each by its number, and the host where it should be. */
	names: Set<string>;
	/** Shards there are. */
	of: number;
}

const collecting = new AsyncLocalStorage<MissingShards>();

/**
 * Reads within `ask` may do without shards that don't answer, and the caller is told which those were and says so. All other
 * reads fail then: what is judged, counted up or written down must not go by a part of the data.
 */
export async function collectMissing<Answer>(
	ask: () => Promise<Answer>,
): Promise<{ outcome: PromiseSettledResult<Answer>; missing: MissingShards }> {
	const missing: MissingShards = { names: new Set(), of: 0 };
	const [outcome] = await collecting.run(missing, () => Promise.allSettled([ask()]));
	return { outcome, missing };
}

/** Where to note that a shard is missing; undefined where a read has to have all of them. */
export const missingShards = (): MissingShards | undefined => collecting.getStore();

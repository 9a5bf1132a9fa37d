import type { BlockResource, BlockScope, SpanBlock } from '../../../schema/span-block.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';

/** Of any signal: whose rows, by index, come from which resources and scopes. */
type SourcedBlock = Pick<SpanBlock, 'project' | 'resource' | 'resources' | 'scope' | 'scopes'>;

const maxKnown = 200_000;

/** A row of `resources` or `scopes`. */
type SourceRow = Record<string, unknown>;

/**
 * Writes resources and scopes before the rows that point to them: each once per day of spans, so that the TTL, which goes
 * by that day, keeps what spans still need. Writing one twice does no harm: the tables keep one row per id and day.
 */
export class SourceCatalog {
	readonly #clickhouse: ClickHouse;
	/** Keys in the order they were written, oldest first. */
	readonly #known = new Set<string>();

	constructor(clickhouse: ClickHouse) {
		this.#clickhouse = clickhouse;
	}

	/** All blocks are of one project and day, and go to the shard at one place: what their rows point to lies beside them. */
	async store(pieces: readonly { block: SourcedBlock; day: number }[], shard: number): Promise<void> {
		const resources = new Map<string, SourceRow>();
		const scopes = new Map<string, SourceRow>();
		for (const { block, day } of pieces) {
			const prefix = `${shard} ${day} ${block.project} `;
			for (const resource of usedOf(block.resource, block.resources)) {
				const key = `r ${prefix}${resource.id}`;
				if (!this.#known.has(key))
					resources.set(key, { ...sourceRow(block, day, resource), ...resourceFields(resource) });
			}
			for (const scope of usedOf(block.scope, block.scopes)) {
				const key = `s ${prefix}${scope.id}`;
				if (!this.#known.has(key)) scopes.set(key, { ...sourceRow(block, day, scope), name: scope.name });
			}
		}
		await this.#insert(shard, 'resources', resources);
		await this.#insert(shard, 'scopes', scopes);
	}

	async #insert(shard: number, table: 'resources' | 'scopes', rows: ReadonlyMap<string, SourceRow>): Promise<void> {
		if (rows.size === 0) return;
		const lines = [...rows.values()].map((row) => JSON.stringify(row)).join('\n');
		await this.#clickhouse.shard(shard).insert(table, 'JSONEachRow', [Buffer.from(lines)]);
		for (const key of rows.keys()) this.#known.add(key);
		for (const oldest of this.#known) {
			if (this.#known.size <= maxKnown) break;
			this.#known.delete(oldest);
		}
	}
}

function usedOf<Source>(rows: Uint32Array, sources: readonly Source[]): Source[] {
	const used = new Uint8Array(sources.length);
	for (let row = 0; row < rows.length; row += 1) used[rows[row] ?? 0] = 1;
	return sources.filter((_, index) => used[index] === 1);
}

const sourceRow = (block: SourcedBlock, day: number, source: BlockResource | BlockScope): SourceRow => ({
	project: block.project,
	day,
	id: String(source.id),
	version: source.version,
	// Own properties whatever the key, `__proto__` included.
	attributes: Object.fromEntries(source.attributes),
	dropped_attributes: source.droppedAttributes,
	schema_url: source.schemaUrl,
});

const resourceFields = (resource: BlockResource): SourceRow => ({
	service: resource.service,
	service_namespace: resource.namespace,
	instance: resource.instance,
	environment: resource.environment,
});

import type { SpanDetail } from '../../../schema/api.ts';
import { untagAttributes } from './any-value.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { ReadScope } from '../reader-types.ts';
import type { StoredSpan } from './stored-span.ts';

/** Those of pinned traces outlive the others: they are asked for what the others don't have. */
type Table = '' | 'pinned_';

/** Copies of one id are equal, whatever their day. */
const RESOURCES = (table: Table) => `
	SELECT toString(id) AS key, attributes, dropped_attributes AS droppedAttributes, schema_url AS schemaUrl
	FROM ${table}resources WHERE project = {project:String} AND id IN {ids:Array(UInt64)} LIMIT 1 BY id`;

const SCOPES = (table: Table) => `
	SELECT toString(id) AS key, name, version, attributes, dropped_attributes AS droppedAttributes, schema_url AS schemaUrl
	FROM ${table}scopes WHERE project = {project:String} AND id IN {ids:Array(UInt64)} LIMIT 1 BY id`;

/** As Jaeger knows hosts: `host.id`, else `host.name`. Values are tagged. */
const HOSTS = (table: Table) => `
	SELECT toString(id) AS key, if(attributes['host.id'] != '', attributes['host.id'], attributes['host.name']) AS host
	FROM ${table}resources WHERE project = {project:String} AND id IN {ids:Array(UInt64)} LIMIT 1 BY id`;

const maxHosts = 20_000;

/** The hosts of resources. An id stands for what the resource says, so that what was read once is known. */
export class HostReader {
	readonly #clickhouse: ClickHouse;
	/** By project and id; empty for resources that do not name one. */
	#known = new Map<string, string>();

	constructor(clickhouse: ClickHouse) {
		this.#clickhouse = clickhouse;
	}

	/** The host of each resource, as text; resources that do not name one are left out. */
	async read(scope: ReadScope, resourceIds: Iterable<bigint>): Promise<ReadonlyMap<bigint, string>> {
		const ids = [...resourceIds];
		const keyOf = (id: bigint): string => `${scope.project} ${id}`;
		const missing = ids.filter((id) => !this.#known.has(keyOf(id)));
		const found = new Map(ids.map((id) => [id, this.#known.get(keyOf(id)) ?? '']));
		if (missing.length > 0) {
			const rows = await readById<{ key: string; host: string }>(this.#clickhouse, scope, HOSTS, missing);
			if (this.#known.size + rows.length > maxHosts) this.#known = new Map();
			for (const { key, host } of rows) {
				this.#known.set(keyOf(BigInt(key)), host);
				found.set(BigInt(key), host);
			}
		}
		return new Map([...found].filter(([, host]) => host !== ''));
	}
}

/** Of a cluster only the shard that has the spans has to answer: it has what they name, too. */
const besideTheirSpans = { skip_unavailable_shards: 1 } as const;

async function readById<Row extends { key: string }>(
	clickhouse: ClickHouse,
	{ project, signal }: ReadScope,
	sql: (table: Table) => string,
	ids: readonly bigint[],
): Promise<Row[]> {
	const rows = await clickhouse.rows<Row>(sql(''), { project, ids }, signal, besideTheirSpans);
	const found = new Set(rows.map(({ key }) => key));
	const missing = ids.filter((id) => !found.has(String(id)));
	if (missing.length === 0) return rows;
	return [
		...rows,
		...(await clickhouse.rows<Row>(sql('pinned_'), { project, ids: missing }, signal, besideTheirSpans)),
	];
}

interface SourceRow {
	key: string;
	attributes: Record<string, string>;
	droppedAttributes: number;
	schemaUrl: string;
}
interface ScopeRow extends SourceRow {
	name: string;
	version: string;
}

/** Where spans come from, by the ids that they carry. */
export interface Sources {
	resourceOf(span: StoredSpan): SpanDetail['resource'];
	scopeOf(span: StoredSpan): SpanDetail['scope'];
}

export async function readSources(
	clickhouse: ClickHouse,
	scope: ReadScope,
	spans: readonly StoredSpan[],
): Promise<Sources> {
	const ids = (of: (span: StoredSpan) => bigint) => [...new Set(spans.map(of))];
	const [resources, scopes] = await Promise.all([
		readById<SourceRow>(
			clickhouse,
			scope,
			RESOURCES,
			ids((span) => span.resourceId),
		),
		readById<ScopeRow>(
			clickhouse,
			scope,
			SCOPES,
			ids((span) => span.scopeId),
		),
	]);
	const resourceById = new Map(resources.map((row) => [row.key, toResource(row)]));
	const scopeById = new Map(
		scopes.map((row) => [row.key, { name: row.name, version: row.version, ...toResource(row) }]),
	);
	return {
		resourceOf: (span) => resourceById.get(String(span.resourceId)) ?? knownOfResource(span),
		scopeOf: (span) => scopeById.get(String(span.scopeId)) ?? noScope,
	};
}

const toResource = (row: SourceRow): SpanDetail['resource'] => ({
	attributes: untagAttributes(Object.entries(row.attributes)),
	droppedAttributes: row.droppedAttributes,
	schemaUrl: row.schemaUrl,
});

/** What the span's own row still tells, should its resource be gone. */
const knownOfResource = ({ service }: StoredSpan): SpanDetail['resource'] => ({
	attributes: [{ key: 'service.name', value: { stringValue: service } }],
	droppedAttributes: 0,
	schemaUrl: '',
});

const noScope: SpanDetail['scope'] = { name: '', version: '', attributes: [], droppedAttributes: 0, schemaUrl: '' };

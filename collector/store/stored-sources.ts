import type { SpanDetail } from '../../schema/api.ts';
import { untagAttributes } from './any-value.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { ReadScope } from './reader-types.ts';
import type { StoredSpan } from './stored-span.ts';

/** Copies of one id are equal, whatever their day. */
const RESOURCES = `
	SELECT toString(id) AS key, attributes, dropped_attributes AS droppedAttributes, schema_url AS schemaUrl
	FROM resources WHERE project = {project:String} AND id IN {ids:Array(UInt64)} LIMIT 1 BY id`;

const SCOPES = `
	SELECT toString(id) AS key, name, version, attributes, dropped_attributes AS droppedAttributes, schema_url AS schemaUrl
	FROM scopes WHERE project = {project:String} AND id IN {ids:Array(UInt64)} LIMIT 1 BY id`;

/** As Jaeger knows hosts: `host.id`, else `host.name`. Values are tagged. */
const HOSTS = `
	SELECT toString(id) AS key, if(attributes['host.id'] != '', attributes['host.id'], attributes['host.name']) AS host
	FROM resources WHERE project = {project:String} AND id IN {ids:Array(UInt64)} LIMIT 1 BY id`;

/** The host of each resource, as text; resources that do not name one are left out. */
export async function readHosts(
	clickhouse: ClickHouse,
	{ project, signal }: ReadScope,
	resourceIds: Iterable<bigint>,
): Promise<ReadonlyMap<bigint, string>> {
	const rows = await clickhouse.rows<{ key: string; host: string }>(HOSTS, { project, ids: [...resourceIds] }, signal);
	return new Map(rows.filter(({ host }) => host !== '').map(({ key, host }) => [BigInt(key), host]));
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
	const { project, signal } = scope;
	const ids = (of: (span: StoredSpan) => bigint) => [...new Set(spans.map(of))];
	const [resources, scopes] = await Promise.all([
		clickhouse.rows<SourceRow>(RESOURCES, { project, ids: ids((span) => span.resourceId) }, signal),
		clickhouse.rows<ScopeRow>(SCOPES, { project, ids: ids((span) => span.scopeId) }, signal),
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

import { createHash } from 'node:crypto';
import type { Red } from '../../../schema/api.ts';
import { SPAN_KINDS } from '../../../schema/span.ts';
import type { SpanKind } from '../../../schema/span.ts';
import type { Side } from '../../analysis/deploy-verdict.ts';
import { nameOf } from '../../analysis/version-sights.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import { RED_MINUTES } from '../derived/red-minutes.ts';
import { redSource } from './red-source.ts';
import type { RedMarks } from './red-source.ts';
import { createFlagReader } from './flag-reader.ts';
import type { FlagReader } from './flag-reader.ts';
import { inEnvironment, IN_WINDOW, ofService, scopeParameters, SERVICE_NAME } from '../read-scope.ts';
import type { ServiceName, WindowScope } from '../reader-types.ts';
import { RedSums, sumsOf } from './red-sums.ts';
import type { GroupSums } from './red-sums.ts';

/** A version of a service, and when it first and last sent spans. */
export interface VersionSight {
	namespace: string;
	service: string;
	environment: string;
	version: string;
	firstMs: number;
	lastMs: number;
}

/** What somebody told; empty texts where nothing was said. */
export interface ToldChange {
	id: string;
	kind: string;
	tMs: number;
	namespace: string;
	service: string;
	environment: string;
	revision: string;
	title: string;
	author: string;
	url: string;
}

export interface ToldFilter {
	kind?: string;
	service?: ServiceName;
}

/** What was counted: for people, and for comparing. */
export interface Counted {
	red: Red;
	side: Side;
}

export interface OperationCounts extends Counted {
	operation: string;
	kind: SpanKind;
}

/** `entry`: the service as a whole. The operations with the most requests come first. */
export interface ServiceCounts {
	entry: Counted;
	operations: OperationCounts[];
}

export interface ChangeReader extends FlagReader {
	/**
	 * Versions whose spans ended in the window, by service and then by first sight, and how many there are: where it is more, those
	 * that were first seen longest ago are missing.
	 */
	versions(scope: WindowScope, service?: ServiceName): Promise<{ versions: VersionSight[]; total: number }>;
	/** The newest, and how many there are. */
	told(scope: WindowScope, filter?: ToldFilter): Promise<{ changes: ToldChange[]; total: number }>;
	/** Resolves when it is on disk. The same told twice is kept once. */
	tell(project: string, change: Omit<ToldChange, 'id'>): Promise<ToldChange>;
	/** The spans of a version, and those of the service's other versions meanwhile. */
	sides(scope: WindowScope, service: ServiceName, version: string): Promise<SideCounts>;
}

export interface SideCounts {
	version: ServiceCounts;
	others: ServiceCounts;
	/** Operations by kind and side that were read, and how many there are: those with the fewest requests are missing. */
	read: { seen: number; of: number };
}

/** Read at once; tests take less. */
interface ChangeLimits {
	versions: number;
	operations: number;
}
const usual: ChangeLimits = { versions: 20_000, operations: 5_000 };
/** Far more than an answer shows: a deploy that was told too is one with the deploy that was seen, and counts once. */
const maxTold = 10_000;

const hourMs = 3_600_000;

/** Entry spans alone: every version that serves has them, and they stand together in the rollup. */
const versionsAsked = (service: ServiceName | undefined): string =>
	`entry = 1 AND version != '' AND ${service === undefined ? '1' : ofService(service)}`;

/** @param rows of the rollup of services */
const VERSIONS_SEEN = (rows: string) => `
	SELECT * FROM (SELECT service_namespace AS namespace, service, environment, version,
		toUnixTimestamp64Milli(min(first_time)) AS firstMs, toUnixTimestamp64Milli(max(last_time)) AS lastMs,
		count() OVER () AS total
	FROM (${rows})
	GROUP BY namespace, service, environment, version
	ORDER BY firstMs DESC, namespace, service, environment, version DESC LIMIT {limit:UInt32})
	ORDER BY namespace, service, environment, firstMs, version`;

/** By the name as it was told: with the namespace or without; of a service that is known by its bare name, in any. */
const TOLD_OF = ({ namespace }: ServiceName): string =>
	`${SERVICE_NAME} IN {names:Array(String)}${namespace === undefined ? ' OR service = {service:String}' : ''}`;

/** A change that was told without an environment is one of all of them. */
const TOLD = ({ environment }: WindowScope, { kind, service }: ToldFilter) => `
	SELECT id, kind, toUnixTimestamp64Milli(time) AS tMs, service_namespace AS namespace, service,
		environment, revision, title, author, url, count() OVER () AS total
	FROM changes FINAL
	WHERE ${IN_WINDOW} AND ${environment === undefined ? '1' : "environment IN ({environment:String}, '')"}
		AND ${kind === undefined ? '1' : 'kind = {kind:String}'} AND (${service === undefined ? '1' : TOLD_OF(service)})
	ORDER BY time DESC, id LIMIT ${maxTold}`;

const OPERATIONS = (scope: WindowScope, service: ServiceName, read: ReadWindow) => `
	SELECT operation, kind, entry, toUInt8(version = {version:String}) AS isVersion,
		sum(counted.requests) AS requests, sumIf(counted.requests, error = 1) AS errors, sum(total_nano) AS totalNano,
		toFloat64(sum(counted.spans)) AS spans, (sumMap(counted.buckets, bucket_requests) AS histogram).1 AS buckets,
		histogram.2 AS bucketRequests, count() OVER () AS found
	FROM (${derivedRows(RED_MINUTES, `${ofService(service)} AND ${inEnvironment(scope)}`, read)}) AS counted
	GROUP BY operation, kind, entry, isVersion
	ORDER BY requests DESC, operation, kind LIMIT {limit:UInt32}`;

/** `marks`: up to where the rollups may be believed at this moment. `writes` is who may, where `clickhouse` is one that can only read. */
export function createChangeReader(
	clickhouse: ClickHouse,
	writes: ClickHouse,
	marks: () => RedMarks,
	untilReady: () => Promise<void>,
	limits: ChangeLimits = usual,
): ChangeReader {
	return {
		...createFlagReader(clickhouse),
		async versions(scope, service) {
			const where = versionsAsked(service);
			// Whole hours come from the rollup by hour.
			const asked = { scope, where, parameters: { ...service }, stepMs: hourMs, ofServices: true };
			const source = redSource(asked, marks());
			const rows = await clickhouse.rows<VersionSight & { total: number }>(
				VERSIONS_SEEN(source.rows),
				{ ...source.parameters, limit: limits.versions },
				scope.signal,
			);
			return { versions: rows.map(sightOf), total: rows[0]?.total ?? 0 };
		},
		async told(scope, filter = {}) {
			const parameters = { ...scopeParameters(scope), ...toldParameters(filter) };
			const rows = await clickhouse.rows<ToldRow>(TOLD(scope, filter), parameters, scope.signal);
			return { changes: rows, total: rows[0]?.total ?? 0 };
		},
		async tell(project, change) {
			const id = createHash('sha256').update(JSON.stringify(change)).digest('hex').slice(0, 32);
			const { tMs, namespace, ...texts } = change;
			const row = { project, time: (tMs / 1_000).toFixed(3), id, service_namespace: namespace, ...texts };
			await untilReady();
			await writes.insert(`changes (${Object.keys(row).join(', ')})`, 'JSONEachRow', [
				Buffer.from(JSON.stringify(row)),
			]);
			return { ...change, id };
		},
		async sides(scope, service, version) {
			const at = marks().minutes;
			const parameters = { ...derivedParameters(scope, at), ...service, version, limit: limits.operations };
			const rows = await clickhouse.rows<OperationRow>(
				OPERATIONS(scope, service, readWindow(scope, at)),
				parameters,
				scope.signal,
			);
			const [own, others] = [rows.filter(isOfVersion), rows.filter((row) => !isOfVersion(row))];
			const read = { seen: rows.length, of: rows[0]?.found ?? 0 };
			return { version: countsOf(own), others: countsOf(others), read };
		},
	};
}

const sightOf = ({ namespace, service, environment, version, firstMs, lastMs }: VersionSight): VersionSight => ({
	namespace,
	service,
	environment,
	version,
	firstMs,
	lastMs,
});

type ToldRow = ToldChange & { total: number };

function toldParameters({ kind, service }: ToldFilter): Parameters {
	return {
		...(kind === undefined ? {} : { kind }),
		...(service === undefined ? {} : { service: service.service, names: [nameOf(service), service.service] }),
	};
}

interface OperationRow extends Omit<GroupSums, 'satisfied' | 'tolerating'> {
	operation: string;
	kind: number;
	entry: number;
	isVersion: number;
	/** How many such rows there are. */
	found: number;
}

const isOfVersion = ({ isVersion }: OperationRow): boolean => isVersion === 1;

function countsOf(rows: readonly OperationRow[]): ServiceCounts {
	const entry = new RedSums();
	const operations = new Map<string, RedSums>();
	for (const row of rows) {
		const sums = { ...row, satisfied: 0, tolerating: 0 };
		sumsOf(operations, JSON.stringify([row.kind, row.operation])).add(sums);
		if (row.entry === 1) entry.add(sums);
	}
	return {
		entry: counted(entry),
		operations: [...operations].map(([key, sums]) => {
			const [kind, operation] = JSON.parse(key) as [number, string];
			return { operation, kind: SPAN_KINDS[kind] ?? 'unspecified', ...counted(sums) };
		}),
	};
}

const counted = (sums: RedSums): Counted => ({ red: sums.red(), side: sums.side() });

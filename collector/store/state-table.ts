import { randomUUID } from 'node:crypto';
import type { DocumentKey, DocumentVersion, StateTable } from '../state/state-table.ts';
import type { ClickHouse, Parameters } from './clickhouse.ts';
import { endQueries } from './fence.ts';

/** Begins the query ids of inserts: one whose answer got lost may still run. */
const insertIds = 'state-';

const VERSION_COLUMNS = `
	project, kind, name, version, toUnixTimestamp64Milli(time) AS timeMs, author, deleted, document`;

const CURRENT = `
	SELECT * FROM (
		SELECT ${VERSION_COLUMNS} FROM state
		ORDER BY project, kind, name, version DESC, time DESC LIMIT 1 BY project, kind, name)
	WHERE deleted = 0 LIMIT {limit:UInt32}`;

const HISTORY = `
	SELECT ${VERSION_COLUMNS} FROM state
	WHERE project = {project:String} AND kind = {kind:String} AND name = {name:String}
	ORDER BY version DESC, time DESC LIMIT {limit:UInt32}`;

const RECENT = `
	SELECT ${VERSION_COLUMNS} FROM state
	WHERE time < fromUnixTimestamp64Milli({beforeMs:Int64}) AND NOT has({without:Array(String)}, kind)
	ORDER BY time DESC LIMIT {limit:UInt32} WITH TIES`;

const COUNT = 'SELECT count() AS versions FROM state';

interface VersionRow {
	project: string;
	kind: string;
	name: string;
	version: number;
	timeMs: number;
	author: string;
	deleted: number;
	document: string;
}

/** `untilReady` resolves when the store takes inserts. `isShared`: other collectors may write to it. */
export function createStateTable(
	{ home: clickhouse }: ClickHouse,
	untilReady: () => Promise<void>,
	isShared = false,
): StateTable {
	const read = async (sql: string, parameters: Parameters) =>
		(await clickhouse.rows<VersionRow>(sql, parameters)).map(toVersion);
	const history = ({ project, kind, name }: DocumentKey, limit: number) =>
		read(HISTORY, { project, kind, name, limit });
	return {
		current: (limit) => read(CURRENT, { limit }),
		newest: async (key) => (await history(key, 1))[0],
		history,
		recent: ({ beforeMs, limit, without }) => read(RECENT, { beforeMs, limit, without }),
		async append(versions) {
			const rows = versions.map((version) => JSON.stringify(toRow(version)));
			await untilReady();
			await clickhouse.insert(
				'state (project, kind, name, version, time, author, deleted, document)',
				'JSONEachRow',
				[Buffer.from(rows.join('\n'))],
				{},
				insertIds + randomUUID(),
			);
		},
		...(isShared ? { countVersions: () => countVersions(clickhouse) } : {}),
		async settle() {
			await untilReady();
			await endQueries(clickhouse, insertIds);
		},
	};
}

const countVersions = async (clickhouse: ClickHouse): Promise<number> =>
	(await clickhouse.rows<{ versions: number }>(COUNT, {}))[0]?.versions ?? 0;

const toRow = ({ timeMs, json, ...version }: DocumentVersion) => ({
	...version,
	time: (timeMs / 1_000).toFixed(3),
	deleted: json === undefined ? 1 : 0,
	document: json ?? '',
});

const toVersion = ({ deleted, document, ...row }: VersionRow): DocumentVersion => ({
	...row,
	json: deleted === 1 ? undefined : document,
});

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentKey, DocumentVersion, StateTable } from '../state/state-table.ts';
import type { ClickHouse, Parameters } from './engine/clickhouse.ts';
import { endQueries } from './engine/fence.ts';
import { QueryError } from './engine/store-error.ts';

/** Begins the query ids of inserts: one whose answer got lost may still run. */
const insertIds = 'state-';
/** How long a write waits for those that began before it. */
const othersTimeoutMs = 30_000;
const othersPollMs = 20;

const VERSION_COLUMNS = `
	project, kind, name, version, toUnixTimestamp64Milli(time) AS timeMs, author, deleted, document`;

/** Of writes with one number the one counts that the server took first: it numbers inserts, and keeps that number. */
const counting = (among: string): string => `
	(position = 0 OR (position, writer) IN (
		SELECT position, argMin(writer, _block_number) FROM state WHERE ${among} GROUP BY position))`;

const OF_KEY = 'project = {project:String} AND kind = {kind:String} AND name = {name:String}';

const CURRENT = `
	SELECT * FROM (
		SELECT ${VERSION_COLUMNS} FROM state WHERE ${counting('position > 0')}
		ORDER BY project, kind, name, version DESC, time DESC LIMIT 1 BY project, kind, name)
	WHERE deleted = 0 LIMIT {limit:UInt32}`;

const COUNTING_OF_KEY = `${OF_KEY} AND ${counting(`position IN (SELECT position FROM state WHERE ${OF_KEY} AND position > 0)`)}`;

const HISTORY = `
	SELECT ${VERSION_COLUMNS} FROM state
	WHERE ${COUNTING_OF_KEY}
	ORDER BY version DESC, time DESC LIMIT {limit:UInt32}`;

const COUNT_OF_KEY = `SELECT count() AS versions FROM state WHERE ${COUNTING_OF_KEY} AND deleted = 0`;

const RECENT = `
	SELECT ${VERSION_COLUMNS} FROM state
	WHERE time < fromUnixTimestamp64Milli({beforeMs:Int64}) AND NOT has({without:Array(String)}, kind)
		AND ${counting('position > 0')}
	ORDER BY time DESC LIMIT {limit:UInt32} WITH TIES`;

const COUNT = 'SELECT count() AS versions FROM state';

const NEWEST_POSITION = 'SELECT max(position) AS position FROM state';

const FIRST_WRITER = `
	SELECT argMin(writer, _block_number) AS writer FROM state WHERE position = {position:UInt64}`;

const RUNNING = `
	SELECT query_id AS id FROM system.processes WHERE startsWith(query_id, {ids:String}) AND query_id != {own:String}`;

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
	const ownIds = `${insertIds}${randomUUID()}-`;
	/** Where nobody else writes. */
	let known: number | undefined;
	const read = async (sql: string, parameters: Parameters) =>
		(await clickhouse.rows<VersionRow>(sql, parameters)).map(toVersion);
	const history = ({ project, kind, name }: DocumentKey, limit: number) =>
		read(HISTORY, { project, kind, name, limit });
	return {
		current: (limit) => read(CURRENT, { limit }),
		newest: async (key) => (await history(key, 1))[0],
		history,
		countVersionsOf: ({ project, kind, name }) => countVersions(clickhouse, COUNT_OF_KEY, { project, kind, name }),
		recent: ({ beforeMs, limit, without }) => read(RECENT, { beforeMs, limit, without }),
		async position() {
			if (known !== undefined) return known;
			if (isShared) await untilOthersEnded(clickhouse, '');
			const newest = await newestPosition(clickhouse);
			if (!isShared) known = newest;
			return newest;
		},
		async append(versions, before) {
			const writer = ownIds + randomUUID();
			const position = before + 1;
			const rows = versions.map((version) => JSON.stringify({ ...toRow(version), position, writer }));
			await untilReady();
			await clickhouse.insert(
				'state (project, kind, name, version, time, author, deleted, document, position, writer)',
				'JSONEachRow',
				[Buffer.from(rows.join('\n'))],
				{},
				writer,
			);
			if (!isShared) known = position;
			return !isShared || (await isFirst(clickhouse, position, writer));
		},
		...(isShared ? { countVersions: () => countVersions(clickhouse, COUNT, {}) } : {}),
		async settle() {
			known = undefined;
			await untilReady();
			await endQueries(clickhouse, ownIds);
		},
	};
}

/**
 * Whether no other insert of this position came before this one, which has ended: what came before began before, so it has
 * ended or is seen to run.
 */
async function isFirst(clickhouse: ClickHouse, position: number, writer: string): Promise<boolean> {
	await untilOthersEnded(clickhouse, writer);
	const [first] = await clickhouse.rows<{ writer: string }>(FIRST_WRITER, { position });
	return first?.writer === writer;
}

/** Resolves when no insert runs any more that ran when this began. */
async function untilOthersEnded(clickhouse: ClickHouse, own: string): Promise<void> {
	const running = async () =>
		(await clickhouse.rows<{ id: string }>(RUNNING, { ids: insertIds, own })).map(({ id }) => id);
	const deadlineMs = performance.now() + othersTimeoutMs;
	let left = await running();
	while (left.length > 0) {
		if (performance.now() > deadlineMs) {
			throw new QueryError(503, 'STORE_BUSY', `an insert of another collector runs for over ${othersTimeoutMs} ms`);
		}
		await sleep(othersPollMs);
		const still = new Set(await running());
		left = left.filter((id) => still.has(id));
	}
}

const newestPosition = async (clickhouse: ClickHouse): Promise<number> =>
	(await clickhouse.rows<{ position: number }>(NEWEST_POSITION, {}))[0]?.position ?? 0;

const countVersions = async (
	clickhouse: Pick<ClickHouse['home'], 'rows'>,
	sql: string,
	parameters: Parameters,
): Promise<number> => (await clickhouse.rows<{ versions: number }>(sql, parameters))[0]?.versions ?? 0;

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

/** What docs/operations.md says of backups and upgrades, done. */
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { CommitLog } from '../../../collector/store/derived/commit-log.ts';
import { writerIdentity } from '../../../collector/store/derived/writer-identity.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { migrate, readMigrations } from '../../../collector/store/engine/migrations.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { openStore } from '../../../collector/store/store.ts';
import type { Store } from '../../../collector/store/store.ts';
import { callTraces } from '../../support/call-traces.ts';
import { storeOptions, temporaryFolder } from '../../support/clickhouse.ts';
import { KEPT_SCHEMAS, migrationsOf } from '../../support/kept-schemas.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';

const endMs = Date.UTC(2026, 10, 20, 12);
const spans = callTraces({ seed: 12, traces: 60, endMs, withinMs: 2 * 3_600_000 });
const scope = { project: 'default', window: { fromMs: endMs - 3 * 3_600_000, toMs: endMs } };
const everything = { where: '1', parameters: {} };
const key = { project: 'default', kind: 'view', name: 'of the drill' };

async function answersOf(store: Store) {
	return {
		counted: await store.search.count(scope, everything),
		services: await store.red.services(scope, { stepMs: 600_000, spans: 'entry' }),
		traces: await store.search.traces(scope, everything, { sort: '-duration', limit: 20 }),
		state: await store.stateTable.newest(key),
	};
}

const folderOf = (): string => {
	const folder = temporaryFolder();
	onTestFinished(() => folder.remove());
	return folder.path;
};

test('a folder that was copied while nothing ran opens as it was, whatever became of the original', async () => {
	const [original, backup] = [folderOf(), folderOf()];
	const store = await openStore(storeOptions(original));
	await store.writer.append(spanBlock(spans));
	await store.stateTable.append([{ ...key, version: 1, timeMs: endMs, author: 'test', json: '{"q":"error:true"}' }], 0);
	const before = await answersOf(store);
	expect(before.counted.spans).toBe(spans.length);
	await store.close();
	cpSync(original, backup, { recursive: true });

	const later = await openStore(storeOptions(original));
	await later.writer.append(spanBlock(callTraces({ seed: 13, traces: 5, endMs, withinMs: 3_600_000 })));
	await later.close();
	const restored = await openStore(storeOptions(backup));
	try {
		expect(await answersOf(restored)).toEqual(before);
	} finally {
		await restored.close();
	}
}, 180_000);

const [oldest] = KEPT_SCHEMAS;

/** Opens a folder as a version from before did. */
async function withEarlier<Answer>(
	folder: string,
	use: (clickhouse: ClickHouse) => Promise<Answer>,
	schema = oldest!,
): Promise<Answer> {
	const server = await EmbeddedServer.start(folder, silentLog);
	const clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	try {
		await migrate(clickhouse, migrationsOf(schema), '0.0.1', silentLog);
		return await use(clickhouse);
	} finally {
		await clickhouse.close();
		await server.stop();
	}
}

const writeEarlier = (folder: string, schema = oldest): Promise<void> =>
	withEarlier(
		folder,
		async (clickhouse) => {
			const writer = new SpanWriter({
				clickhouse,
				untilReady: () => Promise.resolve(),
				commits: new CommitLog(writerIdentity(folder), 0),
			});
			await writer.append(spanBlock(spans));
			await writer.close();
		},
		schema,
	);

const spansOfEarlier = (folder: string): Promise<number | undefined> =>
	withEarlier(folder, async (clickhouse) => {
		const [row] = await clickhouse.rows<{ spans: number }>('SELECT count() AS spans FROM spans', {});
		return row?.spans;
	});

test('a store of each schema from before opens in this one, and answers as if it had been made by it', async () => {
	const made = await openStore(storeOptions(folderOf()));
	try {
		await made.writer.append(spanBlock(spans));
		expect(await made.deriver.settle(60_000)).toBe(true);
		const answers = await answersOf(made);
		expect(answers.services).not.toEqual([]);
		for (const kept of KEPT_SCHEMAS) {
			const old = folderOf();
			await writeEarlier(old, kept);
			const upgraded = await openStore(storeOptions(old));
			try {
				expect(await upgraded.deriver.settle(60_000)).toBe(true);
				expect(await answersOf(upgraded), kept.schema).toEqual(answers);
			} finally {
				await upgraded.close();
			}
		}
	} finally {
		await made.close();
	}
}, 300_000);

test('of database calls that a version from before counted by minute it is not known how many rows they returned', async () => {
	const folder = folderOf();
	const earlier = `
		INSERT INTO spanhouse.query_minutes (project, minute, _day, service, query, system, calls, spans)
		SELECT 'default', toDateTime(${endMs / 1000 - 600}, 'UTC'), toDate(${endMs / 1000}), 'cart', 2748, 'postgresql', 7, 7`;
	await withEarlier(folder, (clickhouse) => clickhouse.command(earlier));
	const upgraded = await openStore(storeOptions(folder));
	try {
		const queries = async () => (await upgraded.queries.list(scope, {}, 60_000)).queries;
		expect(await queries()).toMatchObject([{ calls: 7, rows: null }]);
		const call: PlainSpan = {
			traceId: '1'.repeat(32),
			spanId: '1'.repeat(16),
			kind: SPAN_KINDS.indexOf('client'),
			type: SPAN_TYPES.indexOf('db'),
			resource: { service: 'cart' },
			promoted: { 'db.system.name': 'postgresql' },
			query: { text: 'SELECT 1', fingerprint: 2748n },
			attributes: [['db.response.returned_rows', { intValue: '4' }]],
			weight: 3,
			startUnixNano: BigInt(endMs - 2_000) * 1_000_000n,
			endUnixNano: BigInt(endMs - 1_000) * 1_000_000n,
		};
		await upgraded.writer.append(spanBlock([call]));
		expect(await queries()).toMatchObject([{ calls: 10, rows: { calls: 3, returned: 12, most: 4 } }]);
	} finally {
		await upgraded.close();
	}
}, 180_000);

test('what a version laid down stays as it was: a store that has it in another form would be refused', () => {
	for (const { schema, migrations } of KEPT_SCHEMAS) {
		const now = migrationsOf({ schema, migrations });
		expect(
			now.map(({ number, name, checksum }) => ({ number, name, checksum })),
			schema,
		).toEqual(migrations);
	}
	expect(KEPT_SCHEMAS.length).toBeGreaterThan(1);
});

test('a migration that fails leaves the folder to the version before, which opens also what it was before a good one', async () => {
	const folder = folderOf();
	await writeEarlier(folder);
	const broken = {
		number: 9_999,
		name: 'broken',
		template: 'ALTER TABLE {database}.nothing DROP COLUMN a',
		checksum: '',
	};
	const failing = openStore({ ...storeOptions(folder), migrations: [...readMigrations(), broken] });
	await expect(failing).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
	expect(await spansOfEarlier(folder)).toBe(spans.length);

	const upgraded = await openStore(storeOptions(folder));
	await upgraded.writer.append(spanBlock(callTraces({ seed: 14, traces: 5, endMs, withinMs: 3_600_000 })));
	await upgraded.close();
	await expect(spansOfEarlier(folder)).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' });
	// Whatever is done to the upgraded one, the copy stays as it was; another start of the same version makes no other.
	await (await openStore(storeOptions(folder))).close();
	rmSync(join(folder, 'clickhouse'), { recursive: true });
	renameSync(join(folder, 'before-upgrade', 'clickhouse'), join(folder, 'clickhouse'));
	expect(await spansOfEarlier(folder)).toBe(spans.length);
}, 180_000);

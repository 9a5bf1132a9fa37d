/**
 * The replicated form of the schema, before a real ZooKeeper: two shards with a replica each. The engine here is ClickHouse's own code
 * without its server: it makes and registers replicated tables, and leaves them read-only, since it has no port for other replicas.
 */
import { expect, test } from 'vitest';
import { readMigrations } from '../../../collector/store/engine/migrations.ts';
import { renderMigration } from '../../../collector/store/engine/schema-template.ts';
import { clusterEngines } from '../../support/cluster-engines.ts';
import type { ShardEngine } from '../../support/cluster-engines.ts';
import { hasJava, startZooKeeper } from './zookeeper.ts';

const database = 'spanhouse_local';

async function run({ url }: ShardEngine, sql: string): Promise<string> {
	const answer = await fetch(url, { method: 'POST', body: sql });
	const text = (await answer.text()).trim();
	if (!answer.ok) throw new Error(`${text}\n${sql}`);
	return text;
}

interface Replica {
	table: string;
	zookeeper_path: string;
	replica_path: string;
}

test.skipIf(!hasJava)('every table is made as a replica of its shard, and registered as such', async () => {
	await using zookeeper = await startZooKeeper();
	const engines = await clusterEngines({ zookeeper: zookeeper.address });
	try {
		const made = readMigrations()
			.map(({ template }) => renderMigration(template, database, true))
			.filter((sql) => /^CREATE TABLE/m.test(sql));
		const names = made.map((sql) => String(/^CREATE TABLE IF NOT EXISTS `\w+`\.(\w+)/m.exec(sql)?.[1])).sort();
		expect(names.length).toBeGreaterThan(25);
		for (const [shard, engine] of engines.shards.entries()) {
			await run(engine, `CREATE DATABASE ${database}`);
			for (const sql of made) await run(engine, sql);
			const kinds = `SELECT name, engine FROM system.tables WHERE database = '${database}' FORMAT JSON`;
			const { data: tables } = JSON.parse(await run(engine, kinds)) as { data: { name: string; engine: string }[] };
			expect(tables.map(({ name }) => name).sort()).toEqual(names);
			expect(tables.filter(({ engine: kind }) => !/^Replicated\w*MergeTree$/.test(kind))).toEqual([]);
			const paths = `SELECT table, zookeeper_path, replica_path FROM system.replicas WHERE database = '${database}' ORDER BY table FORMAT JSON`;
			const { data: replicas } = JSON.parse(await run(engine, paths)) as { data: Replica[] };
			expect(replicas).toEqual(
				names.map((table) => {
					const path = `/clickhouse/tables/${shard}/${database}/${table}`;
					return { table, zookeeper_path: path, replica_path: `${path}/replicas/one` };
				}),
			);
		}
		// Made once more it would be another replica by the same name: ZooKeeper knows it.
		const [first = ''] = made;
		await run(engines.shards[0], `DETACH TABLE ${database}.${names[0]}`);
		const again = first.replace('IF NOT EXISTS', '').replace(/`\.\w+/, '`.another');
		const clash = again.replace('{table}', String(/`\.(\w+)/.exec(first)?.[1]));
		await expect(run(engines.shards[0], clash)).rejects.toThrow('REPLICA_ALREADY_EXISTS');
	} finally {
		await engines.close();
	}
});

import type { ClickHouse } from '../engine/clickhouse.ts';
import { nameOf } from './pinned-traces.ts';

/** Everything that is stored of one project. */
export interface ProjectData {
	/** Resolves when the rows are gone. What was decided and by whom stays: it is the audit. */
	drop(project: string): Promise<void>;
}

/** Tables whose rows have a project; most are partitioned by it, so that its rows go without being rewritten. */
const TABLES = `
	SELECT name AS table, startsWith(partition_key, '(project') AS isPartitioned
	FROM system.tables WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree') AND name != 'state'
		AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'project')`;

/** A partition is named by its values: `('default','2026-11-23')`. */
const PARTITIONS = `
	SELECT DISTINCT table, partition_id AS id FROM system.parts
	WHERE database = currentDatabase() AND active AND table IN {tables:Array(String)}
		AND startsWith(partition, concat('(\\'', {project:String}, '\\','))`;

export const createProjectData = (clickhouse: ClickHouse): ProjectData => ({
	async drop(project) {
		for (const shard of clickhouse.shards) await dropOn(shard, project);
	},
});

async function dropOn(shard: ClickHouse, project: string): Promise<void> {
	const name = nameOf(project);
	const tables = await shard.rows<{ table: string; isPartitioned: number }>(TABLES, {});
	const partitioned = tables.filter(({ isPartitioned }) => isPartitioned === 1).map(({ table }) => table);
	const bound = { project, tables: partitioned };
	for (const { table, id } of await shard.rows<{ table: string; id: string }>(PARTITIONS, bound)) {
		if (!/^\w+$/.test(id)) throw new Error(`${JSON.stringify(id)} is not the id of a partition`);
		await shard.command(`ALTER TABLE \`${shard.database}\`.${table} DROP PARTITION ID '${id}'`);
	}
	for (const { table, isPartitioned } of tables) {
		if (isPartitioned === 1) continue;
		const some = await shard.rows(`SELECT 1 FROM ${table} WHERE project = {project:String} LIMIT 1`, { project });
		if (some.length > 0) await shard.mutate(table, `DELETE WHERE project = '${name}'`);
	}
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../log.ts';
import type { ClickHouse } from './clickhouse.ts';
import { renderMigration } from './schema-template.ts';
import { StoreOpenError } from './store-error.ts';

export interface Migration {
	number: number;
	name: string;
	/** With placeholders: see schema-template.ts. */
	template: string;
	/** Of the template, so that it doesn't depend on the database's name. */
	checksum: string;
}

const folder = fileURLToPath(new URL('../../../schema/clickhouse/', import.meta.url));

/** The files `NNNN_name.sql` in order of their numbers, which are distinct but may leave gaps. */
export function readMigrations(from: string = folder): Migration[] {
	const files = readdirSync(from)
		.filter((file) => file.endsWith('.sql'))
		.sort();
	let before = -1;
	return files.map((file) => {
		const [, digits = '-1', name = ''] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
		const number = Number(digits);
		if (number <= before) throw new Error(`${file} should be named NNNN_name.sql, with a number of its own`);
		before = number;
		const template = readFileSync(join(from, file), 'utf8');
		return {
			number,
			name,
			template,
			checksum: createHash('sha256').update(template).digest('hex').slice(0, 16),
		};
	});
}

interface Applied {
	number: number;
	name: string;
	checksum: string;
	program: string;
}

const APPLIED = `
	SELECT number, any(name) AS name, any(checksum) AS checksum, any(program) AS program
	FROM schema_migrations GROUP BY number ORDER BY number`;

/**
 * Creates the database and applies what has not been applied, in order of numbers. A migration is recorded after its statement, which therefore
 * must bear being repeated: a crash in between runs it again.
 */
export async function migrate(
	clickhouse: ClickHouse,
	migrations: readonly Migration[],
	program: string,
	log: Log,
	isReplicated = false,
): Promise<void> {
	const { database } = clickhouse;
	await clickhouse.command(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
	await clickhouse.command(`
		CREATE TABLE IF NOT EXISTS \`${database}\`.schema_migrations
			(number UInt32, name String, checksum String, program String, applied DateTime DEFAULT now())
		ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`);
	const applied = await clickhouse.rows<Applied>(APPLIED, {});
	checkApplied(applied, migrations, database);
	const done = new Set(applied.map(({ number }) => number));
	const isNew = done.size === 0;
	for (const migration of migrations) {
		if (done.has(migration.number)) continue;
		await clickhouse.command(renderMigration(migration.template, database, isReplicated));
		const { number, name, checksum } = migration;
		const record = Buffer.from(JSON.stringify({ number, name, checksum, program }));
		await clickhouse.insert('schema_migrations (number, name, checksum, program)', 'JSONEachRow', [record]);
		// Who starts for the first time has nothing to migrate: a line for the whole says enough.
		log[isNew ? 'debug' : 'info']({ migration: `${number} ${name}`, database }, 'schema migrated');
	}
	if (isNew) log.info({ database, schema: migrations.at(-1)?.number }, 'schema created');
}

function checkApplied(applied: Applied[], migrations: readonly Migration[], database: string): void {
	const newest = applied.at(-1);
	const newestKnown = migrations.at(-1)?.number ?? 0;
	if (newest !== undefined && newest.number > newestKnown) {
		throw new StoreOpenError(
			'SCHEMA_TOO_NEW',
			`database ${database} has schema ${newest.number} of Spanhouse ${newest.program}, this program knows ${newestKnown}; use Spanhouse ${newest.program} or newer`,
		);
	}
	const known = new Map(migrations.map((migration) => [migration.number, migration.checksum]));
	for (const { number, name, checksum, program } of applied) {
		if (known.get(number) !== checksum) {
			throw new StoreOpenError(
				'SCHEMA_CHANGED',
				`migration ${number} (${name}) was applied to database ${database} by Spanhouse ${program} in another form than this program has; use that version, or another database`,
			);
		}
	}
}

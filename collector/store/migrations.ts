import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../log.ts';
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

const folder = fileURLToPath(new URL('../../schema/clickhouse/', import.meta.url));

/** The files `NNNN_name.sql` in order. Their numbers run from 1 without a gap. */
export function readMigrations(from: string = folder): Migration[] {
	const files = readdirSync(from)
		.filter((file) => file.endsWith('.sql'))
		.sort();
	return files.map((file, index) => {
		const [, digits = '', name = ''] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
		if (Number(digits) !== index + 1) throw new Error(`${file} should be number ${index + 1} among the migrations`);
		const template = readFileSync(join(from, file), 'utf8');
		return {
			number: index + 1,
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
 * Creates the database and applies what has not been applied. A migration is recorded after its statement, which therefore
 * must bear being repeated: a crash in between runs it again.
 */
export async function migrate(
	clickhouse: ClickHouse,
	migrations: Migration[],
	program: string,
	log: Log,
): Promise<void> {
	const { database } = clickhouse;
	await clickhouse.command(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
	await clickhouse.command(`
		CREATE TABLE IF NOT EXISTS \`${database}\`.schema_migrations
			(number UInt32, name String, checksum String, program String, applied DateTime DEFAULT now())
		ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`);
	const applied = await clickhouse.rows<Applied>(APPLIED, {});
	checkApplied(applied, migrations, database);
	for (const migration of migrations.slice(applied.length)) {
		await clickhouse.command(renderMigration(migration.template, database));
		const { number, name, checksum } = migration;
		const record = Buffer.from(JSON.stringify({ number, name, checksum, program }));
		await clickhouse.insert('schema_migrations (number, name, checksum, program)', 'JSONEachRow', [record]);
		log.info({ migration: `${number} ${name}`, database }, 'schema migrated');
	}
}

function checkApplied(applied: Applied[], migrations: Migration[], database: string): void {
	const newest = applied.at(-1);
	if (newest !== undefined && newest.number > migrations.length) {
		throw new StoreOpenError(
			'SCHEMA_TOO_NEW',
			`database ${database} has schema ${newest.number} of Spanhouse ${newest.program}, this program knows ${migrations.length}; use Spanhouse ${newest.program} or newer`,
		);
	}
	for (const [index, { number, name, checksum, program }] of applied.entries()) {
		const known = migrations[index];
		if (known === undefined || known.number !== number || known.checksum !== checksum) {
			throw new StoreOpenError(
				'SCHEMA_CHANGED',
				`migration ${number} (${name}) was applied to database ${database} by Spanhouse ${program} in another form than this program has; use that version, or another database`,
			);
		}
	}
}

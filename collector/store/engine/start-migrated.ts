import type { Log } from '../../log.ts';
import { messageOf } from '../../problem.ts';
import { ClickHouse } from './clickhouse.ts';
import { EmbeddedServer, untilEngineIsGone } from './embedded-server.ts';
import { migrate, readMigrations } from './migrations.ts';
import type { Migration } from './migrations.ts';
import { StoreOpenError } from './store-error.ts';
import { copyBeforeUpgrade, goBack, noteOpened } from './upgrade-copy.ts';

interface Options {
	dataFolder: string;
	/** An identifier. */
	database: string;
	/** This program's version, noted with the schema. */
	program: string;
	/** The program's own unless said. */
	migrations?: readonly Migration[];
	log: Log;
	metrics?: { queryDuration: { observe(seconds: number): void } };
}

/**
 * Starts the embedded server and brings its tables up to date. A migration that fails leaves the folder as it was, for the version
 * that it was opened with before. The caller holds the lock of the data folder.
 */
export async function startMigrated(options: Options): Promise<{ started: EmbeddedServer; clickhouse: ClickHouse }> {
	const { dataFolder, database, program, migrations = readMigrations(), log, metrics } = options;
	const opening = { program, schema: migrations.at(-1)?.number ?? 0 };
	await untilEngineIsGone(dataFolder);
	copyBeforeUpgrade(dataFolder, opening, log);
	const started = await EmbeddedServer.start(dataFolder, log);
	const credentials = { username: 'default', password: '' };
	const clickhouse = new ClickHouse(started.address, credentials, database, metrics?.queryDuration);
	started.on('ready', (address) => clickhouse.connect(address));
	try {
		await migrate(clickhouse, migrations, program, log);
	} catch (error) {
		await clickhouse.close();
		await started.stop();
		if (error instanceof StoreOpenError || !goBack(dataFolder)) throw error;
		throw new StoreOpenError(
			'MIGRATION_FAILED',
			`the tables could not be brought up to Spanhouse ${program}: ${messageOf(error)}. ${dataFolder} is as it was before: the version that ran last opens it`,
		);
	}
	noteOpened(dataFolder, opening);
	return { started, clickhouse };
}

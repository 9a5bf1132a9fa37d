import type { Log } from '../../log.ts';
import { ClickHouse } from '../engine/clickhouse.ts';
import { DERIVED_TABLES } from '../derived/derived-tables.ts';
import { Deriver } from '../derived/deriver.ts';
import { writerIdentity } from '../derived/writer-identity.ts';
import { EmbeddedServer } from '../engine/embedded-server.ts';
import { migrate, readMigrations } from '../engine/migrations.ts';
import { connectRemote } from '../cluster/remote-server.ts';
import type { RemoteServer } from '../cluster/remote-server.ts';
import { lockFolder } from '../engine/server-access.ts';
import { StoreOpenError } from '../engine/store-error.ts';
import { copyTables } from './copy-tables.ts';
import type { CopyOptions } from './copy-tables.ts';

interface CopyStoreOptions extends Pick<CopyOptions, 'onTable' | 'beforeDone'> {
	/** Of the embedded store; no Spanhouse may use it meanwhile. */
	dataFolder: string;
	remote: RemoteServer;
	/** Of the target; an identifier. */
	database: string;
	program: string;
	log: Log;
}

/** Before rows are copied: what the copy has is as far as what is counted from spans. */
const settleTimeoutMs = 600_000;

/** Copies an embedded store to a server or a cluster. Throws `StoreOpenError` where one of them can't be opened or used. */
export async function copyStore(options: CopyStoreOptions): Promise<void> {
	const { dataFolder, database, program, log } = options;
	const lock = lockFolder(dataFolder);
	let server: EmbeddedServer | undefined;
	try {
		server = await EmbeddedServer.start(dataFolder, log);
		const source = new ClickHouse(server.address, credentials, await embeddedDatabase(server, database));
		try {
			await migrate(source, readMigrations(), program, log);
			await copyFrom(source, options);
		} finally {
			await source.close();
		}
	} finally {
		await server?.stop();
		lock.release();
	}
}

const credentials = { username: 'default', password: '' };

const DATABASES = `
	SELECT DISTINCT database FROM system.tables WHERE name = 'schema_migrations' ORDER BY database = {wanted:String} DESC, database`;

/** What the embedded store calls its database: mostly the one there is, whatever that of the target is called. */
async function embeddedDatabase({ address }: EmbeddedServer, wanted: string): Promise<string> {
	const clickhouse = new ClickHouse(address, credentials, 'default');
	try {
		const [found, other] = await clickhouse.rows<{ database: string }>(DATABASES, { wanted });
		if (found !== undefined && (found.database === wanted || other === undefined)) return found.database;
	} finally {
		await clickhouse.close();
	}
	throw new StoreOpenError(
		'SOURCE_UNKNOWN',
		`the embedded store has several databases, or none, and not one that is called ${wanted}`,
	);
}

async function copyFrom(source: ClickHouse, options: CopyStoreOptions): Promise<void> {
	const { dataFolder, remote, database, program, log, onTable, beforeDone } = options;
	const writer = writerIdentity(dataFolder);
	const deriver = await Deriver.open({ clickhouse: source, writer, tables: DERIVED_TABLES, log });
	const isSettled = await deriver.settle(settleTimeoutMs);
	await deriver.stop();
	if (!isSettled) throw new Error(`what is counted from spans was not up to date after ${settleTimeoutMs / 1_000} s`);
	const target = await connectRemote(remote, { database, program, log, queryDuration: undefined });
	try {
		await copyTables({ source, target, writer, onTable, ...(beforeDone === undefined ? {} : { beforeDone }) });
	} finally {
		await target.close();
	}
}

/**
 * A PostgreSQL server for one service: PGlite, which runs the real PostgreSQL in WebAssembly, behind a socket.
 * `postgres.ts init FOLDER` lays down an empty database and ends; `postgres.ts serve FOLDER SCHEMA` serves a copy.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { announceReady, endWithParent } from './child-process.ts';

// PGlite gives all clients one session and runs one query at a time, so that these are plenty.
const maxConnections = 20;

/** Durability and large buffers are of no use to data that is thrown away with the demo. */
const LEAN_SETTINGS = [
	'shared_buffers = 8MB',
	'min_wal_size = 2MB',
	'max_wal_size = 8MB',
	'max_connections = 20',
	'fsync = off',
	'autovacuum = off',
	'jit = off',
];

endWithParent();
const [task = '', folder = '', schemaFile = ''] = process.argv.slice(2);
if (task === 'init') await initialise(folder);
else await serve(folder, schemaFile);

async function initialise(folder: string): Promise<void> {
	const database = await PGlite.create({
		dataDir: folder,
		initDbStartParams: ['--no-sync', '--wal-segsize=1'],
		postgresqlconf: LEAN_SETTINGS,
	});
	await database.close();
	process.disconnect();
}

async function serve(folder: string, schemaFile: string): Promise<void> {
	const database = await PGlite.create({ dataDir: folder });
	await database.exec(await readFile(schemaFile, 'utf8'));
	const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections });
	await server.start();
	// Any name leads to the one database; spans then tell which is meant.
	announceReady(`postgres://postgres:demo@${server.getServerConn()}/${basename(schemaFile, '.sql')}`);

	const end = async (): Promise<void> => {
		await server.stop();
		await database.close();
		process.exit(0);
	};
	process.once('SIGTERM', () => void end());
}

/**
 * A PostgreSQL server for one service: PGlite, which runs the real PostgreSQL in WebAssembly, behind a socket.
 * `postgres.ts FOLDER SCHEMA` serves the database in that folder after running the statements of the schema.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { announceReady, endWithParent } from './child-process.ts';

// PGlite gives all clients one session and runs one query at a time, so that these are plenty.
const maxConnections = 20;

endWithParent();
const [folder = '', schemaFile = ''] = process.argv.slice(2);
await serve();

async function serve(): Promise<void> {
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

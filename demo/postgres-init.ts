/** `postgres-init.ts FOLDER` lays down an empty PostgreSQL database, of which the services' databases are copies. */
import { isMainThread, Worker } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { endWithParent, leaveParent } from './child-process.ts';

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

const folder = process.argv[2] ?? '';
if (isMainThread) {
	endWithParent();
	// It is seconds of work without a pause: in a thread, so that the process still notices when its parent is gone.
	new Worker(new URL(import.meta.url), { argv: [folder] }).once('exit', leaveParent);
} else {
	const database = await PGlite.create({
		dataDir: folder,
		initDbStartParams: ['--no-sync', '--wal-segsize=1'],
		postgresqlconf: LEAN_SETTINGS,
	});
	await database.close();
}

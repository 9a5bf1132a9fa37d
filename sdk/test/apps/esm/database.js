import { Client } from 'pg';
import { withSpan } from '@spanhouse/sdk';

const client = new Client({ connectionString: process.env.DATABASE_URL, ssl: false });
await withSpan('report', { 'report.kind': 'daily' }, async () => {
	await client.connect();
	await client.query('SELECT $1::int AS answer', [42]);
	await client.query('CREATE TABLE answers (n int)');
	await client.query('SELECT n FROM answers');
	await client.query('SELECT 1; SELECT generate_series(1, 3)');
});
await client.end();

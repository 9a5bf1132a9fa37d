const pg = require('pg');

const client = new pg.Client({ connectionString: process.env.DATABASE_URL, ssl: false });
void client
	.connect()
	.then(() => client.query('SELECT $1::int AS answer', [42]))
	.then(() => client.end());

const pg = require('pg');

const client = new pg.Client({ connectionString: process.env.DATABASE_URL, ssl: false });
void client
	.connect()
	.then(() => client.query('SELECT $1::int AS answer', [42]))
	.then(() => client.query('CREATE TABLE answers (n int)'))
	.then(() => client.query('SELECT n FROM answers'))
	.then(() => client.query('SELECT 1; SELECT generate_series(1, 3)'))
	.then(() => client.end());

/** Where the databases read the same characters differently. What is not named here is read alike everywhere. */
export interface SqlDialect {
	/** `\'` does not end a string. */
	backslashEscapes: boolean;
	/** `"…"` is a string, not a name. */
	doubleQuotedStrings: boolean;
	/** `#` begins a comment that ends with the line; and `--` needs a blank behind it. */
	hashComments: boolean;
	/** `$tag$…$tag$` is a string. */
	dollarStrings: boolean;
	/** `[…]` is always a name; only when letters alone are in it; or never, because arrays are written so. */
	bracketNames: 'always' | 'letters' | 'never';
	/** Comments hold comments. */
	nestedComments: boolean;
	/** `q'[…]'` is a string. */
	delimitedStrings: boolean;
	/** `@5` and `$5` are numbers behind a sign, not parameters. */
	atIsOperator: boolean;
	dollarIsMoney: boolean;
	/** `#name` is a name. */
	hashNames: boolean;
}

const STANDARD: SqlDialect = {
	backslashEscapes: false,
	doubleQuotedStrings: false,
	hashComments: false,
	dollarStrings: true,
	bracketNames: 'letters',
	nestedComments: false,
	delimitedStrings: false,
	atIsOperator: false,
	dollarIsMoney: false,
	hashNames: false,
};

const MYSQL: SqlDialect = {
	...STANDARD,
	dollarStrings: false,
	backslashEscapes: true,
	doubleQuotedStrings: true,
	hashComments: true,
};
const POSTGRES: SqlDialect = { ...STANDARD, nestedComments: true, atIsOperator: true, bracketNames: 'never' };
const SQL_SERVER: SqlDialect = {
	...STANDARD,
	bracketNames: 'always',
	dollarStrings: false,
	nestedComments: true,
	dollarIsMoney: true,
	hashNames: true,
};
const ORACLE: SqlDialect = { ...STANDARD, delimitedStrings: true, dollarStrings: false };
const GOOGLE: SqlDialect = {
	...STANDARD,
	backslashEscapes: true,
	doubleQuotedStrings: true,
	bracketNames: 'never',
	dollarStrings: false,
};

/** Values of `db.system.name` whose queries are SQL, or near enough to it. */
const DIALECTS: ReadonlyMap<string, SqlDialect> = new Map([
	['other_sql', STANDARD],
	['actian.ingres', STANDARD],
	['aws.athena', STANDARD],
	['aws.redshift', POSTGRES],
	['azure.cosmosdb', GOOGLE],
	['azure.synapse', SQL_SERVER],
	['bigquery', GOOGLE],
	['gcp.bigquery', GOOGLE],
	['cassandra', STANDARD],
	['scylladb', STANDARD],
	['clickhouse', { ...STANDARD, backslashEscapes: true, bracketNames: 'never' }],
	['cockroachdb', POSTGRES],
	['couchbase', { ...STANDARD, backslashEscapes: true, doubleQuotedStrings: true }],
	['databricks', GOOGLE],
	['derby', STANDARD],
	['duckdb', STANDARD],
	['exasol', STANDARD],
	['firebirdsql', ORACLE],
	['gcp.spanner', GOOGLE],
	['h2database', STANDARD],
	['hive', GOOGLE],
	['hsqldb', STANDARD],
	['ibm.db2', STANDARD],
	['ibm.informix', STANDARD],
	['ibm.netezza', STANDARD],
	['influxdb', { ...STANDARD, backslashEscapes: true }],
	['intersystems.cache', STANDARD],
	['mariadb', MYSQL],
	['microsoft.sql_server', SQL_SERVER],
	['mysql', MYSQL],
	['oracle.db', ORACLE],
	['postgresql', POSTGRES],
	['presto', STANDARD],
	['sap.hana', STANDARD],
	['sap.maxdb', STANDARD],
	['singlestore', MYSQL],
	['snowflake', { ...STANDARD, backslashEscapes: true }],
	['spark', GOOGLE],
	['sqlite', { ...STANDARD, bracketNames: 'always' }],
	['teradata', STANDARD],
	['tidb', MYSQL],
	['timescaledb', POSTGRES],
	['trino', STANDARD],
	['vertica', STANDARD],
	['yugabytedb', POSTGRES],
]);

/** How a database reads SQL; undefined when its queries are something else, or nothing is known of it. */
export const sqlDialect = (system: string): SqlDialect | undefined => DIALECTS.get(system);

/** For what looks like SQL in an unknown database: quotes may hold values, unless a name has to stand there. */
export const guessedSql: SqlDialect = { ...STANDARD, doubleQuotedStrings: true };

/** What the standard says, where the databases differ. */
export const standardSql: SqlDialect = STANDARD;

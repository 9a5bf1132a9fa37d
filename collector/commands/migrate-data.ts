import { counted } from '../counted.ts';
import { createLog } from '../log.ts';
import { messageOf } from '../problem.ts';
import { copyStore } from '../store/copy/copy-store.ts';
import type { CopiedTable } from '../store/copy/copy-tables.ts';
import { remoteServer } from '../store-settings.ts';
import { print, printProblems, readSettings, UsageError } from './command.ts';
import type { Command } from './command.ts';

/** Copies an embedded store to a server or a cluster. */
export const migrateData: Command = {
	help: `spanhouse migrate-data --data-dir DIR --clickhouse-url URL [--clickhouse-cluster NAME] [options]

Copies all that the embedded store in DIR has to an empty database of a ClickHouse server or cluster, and compares the counts.
Stop the Spanhouse that uses DIR first. A run that was cut off is gone on with by the same command. Afterwards start Spanhouse
with the same --data-dir and the same --clickhouse-… options: what its spool still has goes to the server.

  --data-dir, --clickhouse-url, --clickhouse-cluster, --clickhouse-user, --clickhouse-database and their variables, such as
  CLICKHOUSE_PASSWORD, are those of serve: spanhouse serve --help
`,
	run: async (argv, { env, version }) => {
		const config = readSettings(argv, env);
		const { remote } = remoteServer(config);
		if (remote === undefined) throw new UsageError(['there is no --clickhouse-url to copy to']);
		try {
			await copyStore({
				dataFolder: config.dataDir,
				remote,
				database: config.clickhouseDatabase,
				program: version,
				log: createLog(config.logLevel),
				onTable: (table) => table.units > 0 && print(tableLine(table)),
			});
			print('everything is copied, and the counts are equal\n');
			return 0;
		} catch (error) {
			printProblems([messageOf(error)]);
			return 1;
		}
	},
};

function tableLine({ table, rows, units, known }: CopiedTable): string {
	const before = known === 0 ? '' : `, there already: ${known} of ${counted(units, 'part')}`;
	return `${table.padEnd(24)}${String(rows).padStart(12)} rows${before}\n`;
}

import { join } from 'node:path';
import { counted } from '../counted.ts';
import { createLog } from '../log.ts';
import { messageOf } from '../problem.ts';
import { nodeDisk } from '../spool/disk.ts';
import { logBlockCodec } from '../spool/log-block-codec.ts';
import { requeue } from '../spool/requeue.ts';
import { asideNames, readAside } from '../spool/set-aside.ts';
import { spanBlockCodec } from '../spool/span-block-codec.ts';
import { LOG_SPOOL_FOLDER, SPOOL_FOLDER } from '../spool-limits.ts';
import { selectRows } from '../store/inserts/select-rows.ts';
import { lockFolder } from '../store/engine/server-access.ts';
import { print, printProblems, readSettings, UsageError } from './command.ts';
import type { Command } from './command.ts';

const actions = ['list', 'requeue'] as const;
type Action = (typeof actions)[number];

const kinds = [
	{ folder: SPOOL_FOLDER, rows: 'span' },
	{ folder: LOG_SPOOL_FOLDER, rows: 'log record' },
] as const;

/** Shows what a stopped collector has set aside, and puts it into its spool again. */
export const spool: Command = {
	help: `spanhouse spool list|requeue --data-dir DIR

What ClickHouse will never take as it is, or what is damaged, is set aside in DIR/spool/quarantine and DIR/log-spool/quarantine.
Stop the Spanhouse that uses DIR first.

  list     says what was set aside, and why
  requeue  puts it into the spool again, after an upgrade or a repair that lets ClickHouse take it: the next start stores it,
           without the rows of it that are stored already. What is still refused is set aside again; what is damaged stays.
           Interrupted, it loses and doubles nothing: the same command goes on.

  --data-dir and its variable are those of serve: spanhouse serve --help
`,
	run: async ([action, ...argv], { env }) => {
		if (!actions.includes(action as Action))
			throw new UsageError([`spool wants one of ${actions.join(', ')}; found ${JSON.stringify(action ?? '')}`]);
		const { dataDir, logLevel } = readSettings(argv, env);
		try {
			const lock = lockFolder(dataDir);
			try {
				if (action === 'list') await list(dataDir);
				else await requeueAll(dataDir, logLevel);
			} finally {
				lock.release();
			}
			return 0;
		} catch (error) {
			printProblems([messageOf(error)]);
			return 1;
		}
	},
};

async function list(dataDir: string): Promise<void> {
	for (const { folder, rows } of kinds) {
		const path = join(dataDir, folder);
		const names = await asideNames(nodeDisk, path);
		for (const name of names) {
			const aside = await readAside(nodeDisk, path, name);
			const what = aside === undefined ? 'unreadable' : `${counted(aside.spans, rows)}: ${oneLine(aside.reason)}`;
			print(`${folder}/quarantine/${name}  ${what}${aside?.rows === undefined ? ' (stays at a requeue)' : ''}\n`);
		}
		print(`${folder}: ${counted(names.length, 'record')} set aside\n`);
	}
}

/** ClickHouse's words may hold what a stranger wrote, which a terminal is not to obey. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 200);

async function requeueAll(dataDir: string, logLevel: Parameters<typeof createLog>[0]): Promise<void> {
	const log = createLog(logLevel);
	const common = { disk: nodeDisk, log, clock: Date.now };
	const [spans, logs] = [join(dataDir, SPOOL_FOLDER), join(dataDir, LOG_SPOOL_FOLDER)];
	const results = [
		await requeue({ ...common, folder: spans, codec: spanBlockCodec, selectRows }),
		await requeue({
			...common,
			folder: logs,
			codec: logBlockCodec,
			selectRows: (block, rows) => ({
				...block,
				rows: rows.length,
				timeUnixMs: Array.from(rows, (row) => block.timeUnixMs[row] ?? 0),
				records: Array.from(rows).flatMap((row) => block.records[row] ?? []),
			}),
		}),
	];
	for (const [index, { folder, rows }] of kinds.entries()) {
		const { records = 0, spans: count = 0, left = 0 } = results[index] ?? {};
		print(`${folder}: ${counted(records, 'record')} with ${counted(count, rows)} requeued, ${left} left\n`);
	}
}

import { counted } from '../counted.ts';
import { changedFields } from '../desired/changed-fields.ts';
import { findingLine, loadGoodFolder } from '../desired/load-folder.ts';
import { planAgainstServer } from '../desired/plan-against-server.ts';
import { toChange } from '../desired/plan-changes.ts';
import type { PlannedEdit } from '../desired/plan-changes.ts';
import { messageOf } from '../problem.ts';
import { readServerArguments, SERVER_HELP } from '../server-client.ts';
import { print, printProblems } from './command.ts';
import type { Command } from './command.ts';

/** Shows what a running server would change. */
export const diff: Command = {
	help: `spanhouse diff DIR [--source NAME] [--server URL]

Shows what a running Spanhouse would change if its source of configuration said what the folder says. Nothing is changed.
Exit code: 0 when that is known, 1 when the folder has an error or the server can't tell.

  --source NAME     compare as this source; needed when the server has several
${SERVER_HELP}`,
	run: async (argv, { env }) => {
		const read = readServerArguments(argv, { source: { type: 'string' } }, ['DIR'], env);
		const loaded = await loadGoodFolder(read.positionals[0] ?? '.');
		if (Array.isArray(loaded)) {
			printProblems(loaded);
			return 1;
		}
		const { documents } = loaded;
		try {
			const source = read.values['source'];
			const plan = await planAgainstServer(read.client, documents, source);
			for (const edit of plan.edits) print(describe(edit));
			for (const conflict of plan.conflicts) print(`! ${findingLine(conflict)}\n`);
			if (plan.needsConfirmation)
				print(`! removes ${plan.removes} of ${plan.owned}: it would be held until confirmed\n`);
			print(
				plan.edits.length === 0 ? 'nothing would change\n' : `${counted(plan.edits.length, 'document')} would change\n`,
			);
			return 0;
		} catch (error) {
			printProblems([messageOf(error)]);
			return 1;
		}
	},
};

const signs = { create: '+', update: '~', delete: '-', release: '-', adopt: '~', move: '~' } as const;

function describe(edit: PlannedEdit): string {
	const { action, kind, name, file, line } = toChange(edit);
	const where = file === null ? '' : ` (${file}:${line})`;
	const fields = edit.after === undefined ? [] : changedFields(edit.before?.document ?? {}, edit.after.document);
	const shown = action === 'create' ? [] : fields.map((field) => `    ${field}\n`);
	return `${signs[action]} ${action} ${kind} ${name}${where}\n${shown.join('')}`;
}

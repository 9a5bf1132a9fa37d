import type { GateAnswer } from '../../schema/api-objectives.ts';
import { messageOf } from '../problem.ts';
import { readServerArguments, SERVER_HELP } from '../server-client.ts';
import { print, printProblems, UsageError } from './command.ts';
import type { Command } from './command.ts';

const exitCodes = { allow: 0, deny: 1, unknown: 2 } as const;

/** Whether a service may be deployed now, as an exit code. */
export const gate: Command = {
	help: `spanhouse gate SERVICE [--env ENV] [--intent INTENT] [--override REASON] [--when-unknown allow|deny] [--server URL]

Asks whether a service may be deployed now: not while one of its error budgets is spent or one of its pages fires.
Exit code: 0 yes, 1 no, 2 when that can't be told.

  --env ENV               the environment
  --intent INTENT         release (default), rollback or fix: the last two pass with a note
  --override REASON       pass all the same; the reason stands in the audit log
  --when-unknown ANSWER   allow (0) or deny (1) instead of 2, also when the server can't be reached
${SERVER_HELP}`,
	run: async (argv, { env }) => {
		const own = {
			env: { type: 'string' },
			intent: { type: 'string' },
			override: { type: 'string' },
			'when-unknown': { type: 'string' },
		} as const;
		const { positionals, values, client } = readServerArguments(argv, own, ['SERVICE'], env);
		const { 'when-unknown': whenUnknown, ...asked } = values as Record<string, string | undefined>;
		if (whenUnknown !== undefined && whenUnknown !== 'allow' && whenUnknown !== 'deny')
			throw new UsageError([`--when-unknown is ${whenUnknown}; expected allow or deny`]);
		const unknown = exitCodes[whenUnknown ?? 'unknown'];
		const query = { env: asked['env'], intent: asked['intent'], override: asked['override'] };
		try {
			const answer = await client.get<GateAnswer>(`/gate/${encodeURIComponent(positionals[0] ?? '')}`, query);
			print(describe(answer));
			return answer.decision === 'unknown' ? unknown : exitCodes[answer.decision];
		} catch (error) {
			printProblems([messageOf(error)]);
			return unknown;
		}
	},
};

function describe({ service, environment, decision, reasons, notes }: GateAnswer): string {
	const lines = [...reasons.map(({ text }) => text), ...notes].map((text) => `  ${text}\n`);
	return `${decision}: ${service}${environment === '' ? '' : ` in ${environment}`}\n${lines.join('')}`;
}

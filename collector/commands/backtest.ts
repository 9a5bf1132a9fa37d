import type { BacktestAnswer, Tally } from '../../schema/api-alerts.ts';
import type { DesiredDocument } from '../../schema/desired-state.ts';
import { loadGoodFolder } from '../desired/load-folder.ts';
import type { PlannedEdit } from '../desired/plan-changes.ts';
import { planAgainstServer } from '../desired/plan-against-server.ts';
import { messageOf } from '../problem.ts';
import { readServerArguments, SERVER_HELP } from '../server-client.ts';
import { print, printProblems, UsageError } from './command.ts';
import type { Command } from './command.ts';

/** One rule that a folder would change. */
interface RuleOutcome {
	kind: 'Alert' | 'SLO';
	name: string;
	action: string;
	before: Tally | null;
	after: Tally | null;
	warnings: string[];
	error?: string;
}

/** Says how often changed alerts would have fired, before and after. */
export const backtest: Command = {
	help: `spanhouse backtest DIR [--since 7d] [--format markdown|json] [--source NAME] [--server URL]

For each alert and objective that the folder would change on a running Spanhouse: how often it would have fired over the last days, as it is
now and as the folder says. Made for a comment on a pull request.
Exit code: 0 when every rule could be told, 1 otherwise.

  --since 7d        how far back
  --format FORMAT   markdown (default) or json
  --source NAME     compare as this source; needed when the server has several
${SERVER_HELP}`,
	run: async (argv, { env }) => {
		const own = {
			since: { type: 'string', default: '7d' },
			format: { type: 'string', default: 'markdown' },
			source: { type: 'string' },
		} as const;
		const { positionals, values, client } = readServerArguments(argv, own, ['DIR'], env);
		const { since, format, source } = values as { since: string; format: string; source?: string };
		checkOptions(since, format);
		const loaded = await loadGoodFolder(positionals[0] ?? '.');
		if (Array.isArray(loaded)) {
			printProblems(loaded);
			return 1;
		}
		const { documents } = loaded;
		try {
			const { edits } = await planAgainstServer(client, documents, source);
			const outcomes = await outcomesOf(edits, (document) =>
				client.post<BacktestAnswer>('/backtest', { document, from: `now-${since}`, to: 'now' }),
			);
			print(format === 'json' ? `${JSON.stringify(outcomes, undefined, '\t')}\n` : markdown(outcomes, since));
			return outcomes.some(({ error }) => error !== undefined) ? 1 : 0;
		} catch (error) {
			printProblems([messageOf(error)]);
			return 1;
		}
	},
};

function checkOptions(since: string, format: string): void {
	if (!/^\d{1,4}[mhd]$/.test(since)) throw new UsageError([`--since is ${since}; expected such as 7d or 24h`]);
	if (format !== 'markdown' && format !== 'json')
		throw new UsageError([`--format is ${format}; expected markdown or json`]);
}

/** One after the other: each reads days of spans. */
async function outcomesOf(edits: readonly PlannedEdit[], ask: Ask): Promise<RuleOutcome[]> {
	const outcomes: RuleOutcome[] = [];
	for (const { action, kind, name, before, after } of edits) {
		if (kind === 'Alert' || kind === 'SLO')
			outcomes.push(await outcomeOf({ kind, name, action }, before?.document, after?.document, ask));
	}
	return outcomes;
}

type Ask = (document: DesiredDocument) => Promise<BacktestAnswer>;

async function outcomeOf(
	head: Pick<RuleOutcome, 'kind' | 'name' | 'action'>,
	before: DesiredDocument | undefined,
	after: DesiredDocument | undefined,
	ask: Ask,
): Promise<RuleOutcome> {
	try {
		const was = before === undefined ? undefined : await ask(before);
		const is = after === undefined ? undefined : await ask(after);
		return { ...head, before: was?.tally ?? null, after: is?.tally ?? null, warnings: is?.warnings ?? [] };
	} catch (error) {
		return { ...head, before: null, after: null, warnings: [], error: messageOf(error) };
	}
}

function markdown(outcomes: readonly RuleOutcome[], since: string): string {
	if (outcomes.length === 0) return `No alert or objective would change.\n`;
	const rows = outcomes.map(({ kind, name, action, before, after, warnings, error }) => {
		const notes = error === undefined ? warnings.join(' ') : `could not be told: ${error}`;
		return `| ${kind} ${cell(name)} | ${action} | ${tallyText(before)} | ${tallyText(after)} | ${cell(notes)} |\n`;
	});
	return `Over the last ${since}:\n\n| rule | change | before | after | |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`;
}

const cell = (text: string): string =>
	text.replace(/[|\\`<\n]/g, (character) => (character === '\n' ? ' ' : `\\${character}`));

function tallyText(tally: Tally | null): string {
	if (tally === null) return '–';
	const { firings, totalMs, longestMs, flaps } = tally;
	if (firings === 0) return 'never fired';
	const flapping = flaps === 0 ? '' : `, ${flaps} of them soon after another`;
	return `fired ${firings}×${flapping}, ${minutes(totalMs)} in all, longest ${minutes(longestMs)}`;
}

const minutes = (ms: number): string =>
	ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;

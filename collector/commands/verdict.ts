import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployAnswer } from '../../schema/api-changes.ts';
import type { Partial as Cut } from '../../schema/api.ts';
import { messageOf } from '../problem.ts';
import { readServerArguments, SERVER_HELP, ServerError } from '../server-client.ts';
import { duration } from '../settings.ts';
import { print, printProblems, UsageError } from './command.ts';
import type { Command } from './command.ts';

/** Lines of a kind. */
const maxLines = 20;
const longestLine = 200;
const exitCodes = { better: 0, same: 0, worse: 1, unsure: 2 } as const;
const everyMs = 15_000;
const longestWaitMs = 24 * 3_600_000;

/** What a deploy did, as a word and an exit code. */
export const verdict: Command = {
	help: `spanhouse verdict SERVICE@VERSION [--wait 10m] [--env ENV] [--server URL]

Says what a deploy did: better, same, worse, or unsure while there are too few requests to tell. With --wait it asks again
until it is sure, at most that long; docs/howto/tell-changes.md says how it is judged. Operations that are worse are named, and
issues, queries and dependencies that are new, or gone.
Exit code: 0 better or same, 1 worse, 2 unsure or when the server can't tell.

  --wait 10m        how long to wait for an answer that is sure
  --env ENV         the environment
${SERVER_HELP}`,
	run: async (argv, { env }) => {
		const own = { wait: { type: 'string' }, env: { type: 'string' } } as const;
		const { positionals, values, client } = readServerArguments(argv, own, ['SERVICE@VERSION'], env);
		const [, service, version] = /^(.+)@(.+)$/.exec(positionals[0] ?? '') ?? [];
		if (service === undefined || version === undefined)
			throw new UsageError([`found ${positionals[0]}, expected SERVICE@VERSION`]);
		const { wait, env: environment } = values as { wait?: string; env?: string };
		const endMs = Date.now() + waitMs(wait);
		const path = `/deploys/${encodeURIComponent(service)}/${encodeURIComponent(version)}`;
		for (;;) {
			const found = await ask(() => client.get<DeployAnswer>(path, { env: environment }));
			const isSure = typeof found !== 'string' && found.verdict !== 'unsure';
			if (isSure || Date.now() + everyMs > endMs) return tell(found);
			await sleep(everyMs);
		}
	},
};

function waitMs(wait: string | undefined): number {
	if (wait === undefined) return 0;
	try {
		return Math.min(longestWaitMs, duration(wait));
	} catch (error) {
		throw new UsageError([`--wait is ${wait}; expected ${messageOf(error)}`]);
	}
}

/** A text says why there is no answer: the version may not have sent anything yet. */
async function ask(get: () => Promise<DeployAnswer>): Promise<DeployAnswer | string> {
	try {
		return await get();
	} catch (error) {
		if (error instanceof ServerError) return error.message;
		throw error;
	}
}

function tell(found: DeployAnswer | string): number {
	if (typeof found === 'string') {
		printProblems([found]);
		return exitCodes.unsure;
	}
	print(`${found.verdict}: ${found.service}@${found.version}, compared with ${found.previous ?? 'nothing before'}\n`);
	const worse = found.operations.filter(({ verdict }) => verdict === 'worse');
	printLines('worse', { list: worse.map(({ operation }) => operation) });
	// Servers of before don't say.
	if (found.contents === undefined) return exitCodes[found.verdict];
	const { newIssues, newQueries, newDependencies, goneDependencies } = found.contents;
	printLines('new issue', newIssues, ({ type, title }) => `${type} ${title}`.trim());
	printLines('new query', newQueries, ({ text, summary }) => text || summary);
	printLines('new dependency', newDependencies, ({ node }) => node);
	printLines('not called any more', goneDependencies, ({ node }) => node);
	return exitCodes[found.verdict];
}

/** Whatever a sender wrote stays on its line, and moves no cursor. */
const lineOf = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, longestLine);

function printLines<Entry>(
	head: string,
	{ list, partial }: { list: readonly Entry[]; partial?: Cut | undefined },
	textOf: (entry: Entry) => string = String,
): void {
	for (const entry of list.slice(0, maxLines)) print(`  ${head}: ${lineOf(textOf(entry))}\n`);
	// Otherwise it says of something else how much of it was looked at.
	const of = partial?.seen === list.length ? partial.of : list.length;
	if (of > maxLines) print(`  ${head}: ${of - maxLines} more\n`);
}

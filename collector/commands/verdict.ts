import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployAnswer } from '../../schema/api-changes.ts';
import { messageOf } from '../problem.ts';
import { readServerArguments, SERVER_HELP, ServerError } from '../server-client.ts';
import { duration } from '../settings.ts';
import { print, printProblems, UsageError } from './command.ts';
import type { Command } from './command.ts';

const exitCodes = { better: 0, same: 0, worse: 1, unsure: 2 } as const;
const everyMs = 15_000;
const longestWaitMs = 24 * 3_600_000;

/** What a deploy did, as a word and an exit code. */
export const verdict: Command = {
	help: `spanhouse verdict SERVICE@VERSION [--wait 10m] [--env ENV] [--server URL]

Says what a deploy did: better, same, worse, or unsure while there are too few requests to tell. With --wait it asks again
until it is sure, at most that long; docs/howto/tell-changes.md says how it is judged.
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
	const worse = found.operations.filter(({ verdict }) => verdict === 'worse').map(({ operation }) => operation);
	print(`${found.verdict}: ${found.service}@${found.version}, compared with ${found.previous ?? 'nothing before'}\n`);
	for (const operation of worse.slice(0, 20)) print(`  worse: ${operation}\n`);
	return exitCodes[found.verdict];
}

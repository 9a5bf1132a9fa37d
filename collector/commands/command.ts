import { ConfigError, readConfig } from '../config.ts';
import type { Config } from '../config.ts';

/** What a command of the command line is handed. */
export interface CommandContext {
	/** The folder of package.json, with a slash at its end. */
	packageRoot: string;
	version: string;
	env: NodeJS.ProcessEnv;
}

/** One command: `spanhouse NAME …`. */
export interface Command {
	/** What `spanhouse NAME --help` prints. */
	help: string;
	/**
	 * Resolves with the exit code when the command has ended; one that goes on, as `serve` does, resolves with undefined once
	 * it runs. What is wrong with the arguments is thrown as UsageError.
	 */
	run(argv: readonly string[], context: CommandContext): Promise<number | undefined>;
}

/** All that is wrong with what somebody typed, one line each. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
	readonly problems: readonly string[];
	constructor(problems: readonly string[]) {
		super(problems.join('\n'));
		this.problems = problems;
	}
}

/** Settings of `serve` from flags and environment. Throws a UsageError with all that is wrong with them. */
export function readSettings(argv: readonly string[], env: NodeJS.ProcessEnv): Config {
	try {
		return readConfig(argv, env);
	} catch (error) {
		throw error instanceof ConfigError ? new UsageError(error.problems) : error;
	}
}

export const print = (text: string): void => void process.stdout.write(text);

export function printProblems(problems: readonly string[]): void {
	for (const problem of problems) process.stderr.write(`spanhouse: ${problem}\n`);
}

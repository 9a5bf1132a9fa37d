import { parseArgs } from 'node:util';
import { UsageError } from './commands/command.ts';
import { messageOf } from './problem.ts';

/** What every command that asks a server takes. */
const serverOptions = {
	server: { type: 'string', default: 'http://127.0.0.1:4319' },
	token: { type: 'string' },
	project: { type: 'string' },
} as const;

export const SERVER_HELP = `  --server URL      the screen's address (http://127.0.0.1:4319)
  --token TOKEN     or SPANHOUSE_TOKEN; only where people log in
  --project NAME    (default)
`;

/** Why a server gave no answer that helps: it can't be reached, or refuses. `status` is undefined when it can't be reached. */
export class ServerError extends Error {
	override readonly name = 'ServerError';
	readonly status: number | undefined;
	constructor(message: string, status?: number) {
		super(message);
		this.status = status;
	}
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** Throws UsageError for options that aren't there and for another number of words than expected. */
export function readArguments<Own extends Options>(argv: readonly string[], own: Own, words: readonly string[]) {
	try {
		const parsed = parseArgs({ args: [...argv], options: own, allowPositionals: true, strict: true });
		if (parsed.positionals.length === words.length) return parsed;
	} catch (error) {
		throw new UsageError([messageOf(error)]);
	}
	throw new UsageError([`expected ${words.join(' ')}`]);
}

/** As `readArguments`, with what a server is asked by. */
export function readServerArguments<Own extends Options>(
	argv: readonly string[],
	own: Own,
	words: readonly string[],
	env: NodeJS.ProcessEnv,
) {
	const parsed = readArguments(argv, { ...serverOptions, ...own }, words);
	const { server, token, project } = parsed.values as { server: string; token?: string; project?: string };
	if (!/^https?:$/.test(URL.parse(server)?.protocol ?? ''))
		throw new UsageError([`--server is ${JSON.stringify(server)}; expected a URL such as http://127.0.0.1:4319`]);
	const secret = token ?? env['SPANHOUSE_TOKEN'];
	return { ...parsed, client: new ServerClient(server.replace(/\/$/, ''), secret, project) };
}

const timeoutMs = 60_000;

/** Asks the API of a running Spanhouse. */
class ServerClient {
	readonly #base: string;
	readonly #token: string | undefined;
	readonly #project: string | undefined;

	constructor(server: string, token: string | undefined, project: string | undefined) {
		this.#base = `${server}/api/v1`;
		this.#token = token;
		this.#project = project;
	}

	/** Throws ServerError. `path` is escaped already. */
	async get<Answer>(path: string, query: Record<string, string | undefined> = {}): Promise<Answer> {
		return this.#ask<Answer>('GET', path, query, undefined);
	}

	async post<Answer>(path: string, body: unknown): Promise<Answer> {
		return this.#ask<Answer>('POST', path, {}, body);
	}

	async #ask<Answer>(
		method: string,
		path: string,
		query: Record<string, string | undefined>,
		body: unknown,
	): Promise<Answer> {
		const url = new URL(this.#base + path);
		for (const [name, value] of Object.entries({ project: this.#project, ...query })) {
			if (value !== undefined) url.searchParams.set(name, value);
		}
		const response = await fetch(url, {
			method,
			redirect: 'error', // The token is for this server.
			signal: AbortSignal.timeout(timeoutMs),
			headers: {
				...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		}).catch((error: unknown) => {
			const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
			throw new ServerError(`${url.origin} can't be reached: ${cause}`);
		});
		const text = await response.text();
		if (!response.ok)
			throw new ServerError(problemOf(text) ?? `the server answered ${response.status}`, response.status);
		try {
			return JSON.parse(text) as Answer;
		} catch {
			throw new ServerError(`${url.origin} is no Spanhouse`, response.status);
		}
	}
}

function problemOf(text: string): string | undefined {
	try {
		return (JSON.parse(text) as { detail?: string }).detail;
	} catch {
		return undefined;
	}
}

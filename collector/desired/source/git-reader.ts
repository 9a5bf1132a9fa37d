import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigFile } from '../load-documents.ts';
import { runGit } from './git-command.ts';
import type { GitCommand } from './git-command.ts';
import { repositoryAddress } from './repository-address.ts';
import type { RepositoryAddress } from './repository-address.ts';
import { checkLimits, decodeFile, isConfigFile, SourceError } from './source-reader.ts';
import type { SourceContent, SourceReader } from './source-reader.ts';

export interface GitPlace {
	repository: string;
	branch: string;
	/** Within the repository; `.` for all of it. */
	path: string;
}

interface GitReaderParts extends GitPlace {
	/** Where repositories may lie for the moment of reading. */
	folder: string;
	/** `user:password`, or a token; asked for each time, so that a changed secret counts. */
	credentials: () => Promise<string | undefined>;
	/** Addresses of the host that may be connected to; undefined: whatever it resolves to. Throws SourceError. */
	addresses: ((address: RepositoryAddress) => Promise<string[]>) | undefined;
	env: GitCommand['env'];
}

const timeoutMs = 60_000;
/** Of the history-less copy of the repository. */
const maxRepositoryBytes = 256 * 1024 * 1024;
const watchEveryMs = 200;
const maxListBytes = 16 * 1024 * 1024;

/**
 * Reads a branch through the `git` command. Nothing is ever checked out: files come out of git's own store by their ids, so
 * that links, submodules, attributes and hooks of a repository are without effect. Each new revision is fetched alone, without
 * history, into an empty repository that is deleted afterwards.
 */
export function createGitReader(parts: GitReaderParts): SourceReader {
	const address = repositoryAddress(parts.repository);
	return {
		async read(known, signal) {
			const run = await runner(parts, address, signal);
			const revision = await newestRevision(run, parts);
			if (revision === known) return 'unchanged';
			return fetched(run, { ...parts, signal }, revision);
		},
	};
}

type Run = (folder: string, command: Pick<GitCommand, 'arguments'> & Partial<GitCommand>) => Promise<Buffer>;

/** Binds what every call has in common. */
async function runner(
	{ env, folder, credentials, addresses }: GitReaderParts,
	address: RepositoryAddress,
	signal: AbortSignal,
): Promise<Run> {
	await mkdir(folder, { recursive: true });
	const secret = await credentials();
	const common = {
		env,
		protocol: address.protocol,
		...(addresses === undefined ? {} : pinned(address, await addresses(address))),
		secretSettings: secret === undefined ? {} : authorization(address, secret),
		timeoutMs,
		signal,
		maxOutputBytes: maxListBytes,
	};
	return (folder, command) => runGit({ ...common, folder, ...command });
}

/** What was checked is what is connected to, however the name resolves a moment later. */
function pinned({ protocol, host, port }: RepositoryAddress, addresses: readonly string[]): Partial<GitCommand> {
	if (protocol === 'ssh') return { sshOptions: `-o HostName=${addresses[0]} -o HostKeyAlias=${host}` };
	const number = port ?? (protocol === 'https' ? 443 : 80);
	return { settings: ['-c', `http.curloptResolve=${host}:${number}:${addresses.map(bracketed).join(',')}`] };
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Goes to this host alone: redirects are off, and the setting names the address. A bare token is a password. */
function authorization({ url, protocol }: RepositoryAddress, secret: string): Record<string, string> {
	if (!protocol.startsWith('http')) throw new SourceError('refused', `credentials are for https; ssh uses its agent`);
	const pair = secret.includes(':') ? secret : `git:${secret}`;
	return {
		[`http.${new URL(url).origin}/.extraHeader`]: `Authorization: Basic ${Buffer.from(pair).toString('base64')}`,
	};
}

async function newestRevision(run: Run, { repository, branch, folder }: GitReaderParts): Promise<string> {
	const reference = `refs/heads/${branch}`;
	const listed = (await run(folder, { arguments: ['ls-remote', '--', repository, reference] })).toString();
	const [, revision] = /^([0-9a-f]{40,64})\t/.exec(listed) ?? [];
	if (revision === undefined) throw new SourceError('refused', `the repository has no branch ${branch}`);
	return revision;
}

interface Reading extends GitReaderParts {
	signal: AbortSignal;
}

async function fetched(run: Run, parts: Reading, revision: string): Promise<SourceContent> {
	const folder = join(parts.folder, `fetch-${randomUUID()}.git`);
	await mkdir(folder);
	try {
		await run(folder, { arguments: ['init', '--quiet', '--bare', '--template=', '.'] });
		await fetchBounded(run, folder, parts);
		// The branch may have moved since it was listed; what was fetched counts.
		const head = (await run(folder, { arguments: ['rev-parse', 'FETCH_HEAD'] })).toString().trim();
		const files = await readFiles(run, folder, head, parts.path);
		return { ...(await describe(run, folder, head)), revision: head || revision, files };
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** Git has no limit on what it fetches: whoever watches the folder ends it. */
async function fetchBounded(run: Run, folder: string, { repository, branch, signal }: Reading): Promise<void> {
	const done = new AbortController();
	const tooLarge = new AbortController();
	const watch = async () => {
		while (!done.signal.aborted) {
			if ((await bytesIn(folder)) > maxRepositoryBytes) return tooLarge.abort();
			await sleep(watchEveryMs, undefined, { signal: done.signal }).catch(() => {});
		}
	};
	const watching = watch();
	const options = ['--quiet', '--depth=1', '--no-tags', '--no-write-commit-graph'];
	try {
		await run(folder, {
			arguments: ['fetch', ...options, '--', repository, `+refs/heads/${branch}:refs/heads/source`],
			signal: AbortSignal.any([signal, tooLarge.signal]),
		});
	} catch (error) {
		if (!tooLarge.signal.aborted) throw error;
		throw new SourceError('refused', `the repository is larger than ${maxRepositoryBytes} bytes, even without history`);
	} finally {
		done.abort();
		await watching;
	}
}

async function bytesIn(folder: string): Promise<number> {
	const names = await readdir(folder, { recursive: true }).catch(() => []);
	const sizes = names.map((name) =>
		stat(join(folder, name)).then(
			({ size }) => size,
			() => 0,
		),
	);
	return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function readFiles(run: Run, folder: string, revision: string, path: string): Promise<ConfigFile[]> {
	const below = path.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
	const place = below === '' || below === '.' ? [] : ['--', below];
	const listed = (await run(folder, { arguments: ['ls-tree', '-r', '-z', '-l', '--full-tree', revision, ...place] }))
		.toString()
		.split('\0')
		.filter((entry) => entry !== '');
	if (listed.length === 0 && place.length > 0) throw new SourceError('refused', `the revision has no path ${below}`);
	const entries = listed.flatMap((entry) => {
		// Links (120000) and submodules (160000) are no files.
		const [, id = '', size, file = ''] = /^100(?:644|755) blob ([0-9a-f]+) +(\d+)\t([^]*)$/.exec(entry) ?? [];
		return size !== undefined && isConfigFile(file) ? [{ id, path: file, bytes: Number(size) }] : [];
	});
	checkLimits(entries);
	if (entries.length === 0) return [];
	const input = entries.map(({ id }) => `${id}\n`).join('');
	return splitBatch(await run(folder, { arguments: ['cat-file', '--batch'], input }), entries);
}

/** Source: git cat-file, "BATCH OUTPUT": a line with id, type and size, the contents, a line end. */
function splitBatch(output: Buffer, entries: readonly { path: string; bytes: number }[]): ConfigFile[] {
	let at = 0;
	return entries.map(({ path, bytes }) => {
		const start = output.indexOf(10, at) + 1;
		at = start + bytes + 1;
		return { path, text: decodeFile(path, output.subarray(start, start + bytes)) };
	});
}

async function describe(run: Run, folder: string, revision: string) {
	const format = '--format=%an <%ae>%x00%ct%x00%s';
	const shown = (await run(folder, { arguments: ['log', '-1', '--no-show-signature', format, revision] })).toString();
	const [author = '', seconds = '', message = ''] = shown.trimEnd().split('\0');
	return { author: author.slice(0, 200), message: message.slice(0, 500), committedMs: Number(seconds) * 1_000 };
}

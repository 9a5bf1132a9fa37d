import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];

/** Whether git is here; tests that need it are skipped without. */
export const hasGit = (() => {
	try {
		execFileSync('git', ['--version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
})();

/** A bare repository, and a working copy that pushes to it. */
export class GitRepository {
	readonly root: string = mkdtempSync(join(tmpdir(), 'spanhouse-git-'));
	readonly bare: string = join(this.root, 'config.git');
	readonly work: string = join(this.root, 'work');

	constructor() {
		execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', this.bare]);
		execFileSync('git', ['init', '--quiet', '--initial-branch=main', this.work]);
		this.git('remote', 'add', 'origin', this.bare);
	}

	get url(): string {
		return `file://${this.bare}`;
	}

	/** Runs in the working copy. */
	git(...args: string[]): string {
		return execFileSync('git', [...identity, ...args], { cwd: this.work, stdio: ['ignore', 'pipe', 'pipe'] })
			.toString()
			.trim();
	}

	/** Writes files (undefined deletes), commits and pushes; returns the commit. */
	push(files: Record<string, string | undefined>, message = 'change'): string {
		for (const [path, text] of Object.entries(files)) {
			const file = join(this.work, path);
			mkdirSync(dirname(file), { recursive: true });
			if (text === undefined) rmSync(file);
			else writeFileSync(file, text);
		}
		this.git('add', '--all');
		this.git('commit', '--quiet', '--allow-empty', '-m', message);
		this.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
		return this.git('rev-parse', 'HEAD');
	}

	remove(): void {
		rmSync(this.root, { recursive: true, force: true });
	}
}

export interface GitServer {
	url: string;
	/** Of each request. */
	seen: { path: string; authorization: string | undefined }[];
	close(): Promise<void>;
}

interface GitServerOptions {
	/** `user:password` that every request must carry. */
	credentials?: string;
	/** Answers each request with a redirect to there. */
	redirectTo?: string;
}

/** Git's own HTTP backend on loopback, run for each request as a web server would. Source: git-http-backend(1). */
export async function serveGit(repository: GitRepository, options: GitServerOptions = {}): Promise<GitServer> {
	const seen: GitServer['seen'] = [];
	const server = createServer((request, response) => {
		seen.push({ path: request.url ?? '', authorization: request.headers.authorization });
		if (options.redirectTo !== undefined) {
			response.writeHead(302, { location: options.redirectTo + (request.url ?? '') }).end();
		} else if (isAllowed(request, options.credentials)) runBackend(repository, request, response);
		else response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/config.git`,
		seen,
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

const isAllowed = (request: IncomingMessage, credentials: string | undefined): boolean =>
	credentials === undefined || request.headers.authorization === `Basic ${Buffer.from(credentials).toString('base64')}`;

function runBackend(repository: GitRepository, request: IncomingMessage, response: ServerResponse): void {
	const url = new URL(request.url ?? '/', 'http://localhost');
	const backend = spawn('git', ['http-backend'], {
		env: {
			PATH: process.env['PATH'],
			GIT_PROJECT_ROOT: repository.root,
			GIT_HTTP_EXPORT_ALL: '1',
			PATH_INFO: url.pathname,
			QUERY_STRING: url.search.slice(1),
			REQUEST_METHOD: request.method,
			CONTENT_TYPE: request.headers['content-type'] ?? '',
			GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
			HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
		},
	});
	request.pipe(backend.stdin);
	const chunks: Buffer[] = [];
	backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
	backend.once('close', () => {
		const output = Buffer.concat(chunks);
		const end = output.indexOf('\r\n\r\n');
		const headers = output
			.subarray(0, end)
			.toString()
			.split('\r\n')
			.map((line) => line.split(': ') as [string, string]);
		const status = Number(headers.find(([name]) => name === 'Status')?.[1]?.slice(0, 3) ?? 200);
		response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
		response.end(output.subarray(end + 4));
	});
}

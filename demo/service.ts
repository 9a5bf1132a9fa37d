/** What every service of the shop has in common. Nothing here knows of tracing: that is `--import`ed. */
import express from 'express';
import type { Express, NextFunction, Request, Response } from 'express';
import { createServer } from 'node:http';
import { Pool } from 'pg';
import { announceReady, endWithParent, leaveParent, onPeerAt } from './child-process.ts';

const callTimeoutMs = 8_000;

/** An answer other than 2xx from a service, passed on as 502 unless the caller handles it. */
export class UpstreamError extends Error {
	override readonly name = 'UpstreamError';
	readonly upstreamStatus: number;

	constructor(message: string, upstreamStatus: number) {
		super(message);
		this.upstreamStatus = upstreamStatus;
	}
}

/** An error with the status the client is to see. */
export class HttpError extends Error {
	override readonly name: string = 'HttpError';
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

export function createApp(): Express {
	const app = express();
	app.disable('x-powered-by');
	app.use(express.json({ limit: '100kb' }));
	return app;
}

/** Listens on a free port and ends without losing a request, or the spans of one, when asked to. */
export function serve(app: Express, close: () => Promise<void> = () => Promise.resolve()): void {
	app.use((error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
		response.status(error.status ?? (error instanceof UpstreamError ? 502 : 500)).json({ error: error.message });
	});
	endWithParent();
	onPeerAt((variable, url) => (process.env[variable] = url));
	const server = createServer(app);
	server.listen(0, '127.0.0.1', () => {
		const address = server.address();
		if (address !== null && typeof address !== 'string') announceReady(`http://127.0.0.1:${address.port}`);
	});
	const end = (): void => {
		server.close(() => void close().finally(leaveParent));
		server.closeIdleConnections();
	};
	process.once('SIGTERM', end);
}

/** PGlite runs one query at a time, so that more connections would only queue in another place. */
export const openDatabase = (): Pool => new Pool({ connectionString: setting('DATABASE_URL'), max: 4 });

/** Looked up at every call: the address of a service is told once it has one, and changes with a deployment. */
export function setting(name: string): string {
	const value = process.env[name];
	if (value === undefined) throw new Error(`${name} is not set: it is the shop that starts its services`);
	return value;
}

/** JSON from another service. */
export async function call<T>(url: string, body?: unknown): Promise<T> {
	const response = await fetch(url, {
		...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
		headers: { 'content-type': 'application/json' },
		signal: AbortSignal.timeout(callTimeoutMs),
	});
	const answer: T & { error?: string } = JSON.parse(await response.text());
	if (!response.ok) throw new UpstreamError(answer.error ?? `${url} answered ${response.status}`, response.status);
	return answer;
}

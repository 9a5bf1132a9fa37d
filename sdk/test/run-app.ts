/** Runs one of the small apps beside this file the way a stranger would, and tells how it ended and what it sent. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOtlpReceiver } from './otlp-receiver.ts';
import type { OtlpReceiver, ReceivedRequest, ReceivedSpan } from './otlp-receiver.ts';

interface Run {
	args?: string[];
	env?: Record<string, string>;
	/** Sent as soon as the app prints `ready`. */
	signal?: NodeJS.Signals;
	preload?: '--import' | '--require';
	/** Without it, for an app that starts tracing itself. */
	isPlain?: boolean;
	/** Where the app is; `apps` beside this file unless said otherwise. */
	folder?: string;
	/** How many requests the receiver refuses at first. */
	busyFor?: number;
	/** Given the receiver's address, since it has a port of its own. */
	endpoint?: (url: string) => Record<string, string>;
}

export interface Ended {
	code: number | null;
	signal: NodeJS.Signals | null;
	stdout: string;
	stderr: string;
	spans: ReceivedSpan[];
	requests: ReceivedRequest[];
	tookMs: number;
}

const maxRunMs = 20_000;

export async function runApp(path: string, run: Run = {}): Promise<Ended> {
	await using receiver = await startOtlpReceiver({ busyFor: run.busyFor ?? 0 });
	return await runAgainst(receiver, path, run);
}

function runAgainst(receiver: OtlpReceiver, path: string, run: Run): Promise<Ended> {
	const script = join(run.folder ?? fileURLToPath(new URL('apps', import.meta.url)), path);
	const flags = run.isPlain === true ? [] : [run.preload ?? '--import', '@spanhouse/sdk/register'];
	const endpoint = run.endpoint?.(receiver.url) ?? { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
	const startedMs = performance.now();
	const child = spawn(process.execPath, [...flags, script, ...(run.args ?? [])], {
		// `--import` is looked for from here.
		cwd: dirname(script),
		env: { PATH: process.env['PATH'], ...endpoint, ...run.env },
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: maxRunMs,
		killSignal: 'SIGKILL',
	});
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
		if (run.signal !== undefined && stdout.includes('ready')) child.kill(run.signal);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code, signal) => {
			const tookMs = performance.now() - startedMs;
			resolve({ code, signal, stdout, stderr, spans: receiver.spans, requests: receiver.requests, tookMs });
		});
	});
}

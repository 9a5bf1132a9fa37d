import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../collector/store/engine/embedded-server.ts';
import { until } from './product.ts';
import { goProgram } from './toolchain.ts';

export interface OtelCollector {
	/** Where its receiver takes OTLP over HTTP, without a path. */
	url: string;
	process: ChildProcess;
	/** The end of what it wrote to standard error. */
	log(): string;
	stop(): void;
}

/** Builds the OpenTelemetry Collector, which takes minutes once; returns its path. */
export const otelCollector = (): string => goProgram(new URL('otel-collector', import.meta.url));

/** Starts it so that it gives what it receives to one exporter; resolves when it listens. */
export async function startOtelCollector(program: string, exporter: Record<string, object>): Promise<OtelCollector> {
	const folder = mkdtempSync(join(tmpdir(), 'spanhouse-collector-'));
	const configFile = join(folder, 'config.yaml');
	const port = await freePort();
	const config = {
		receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
		exporters: exporter,
		service: {
			telemetry: { metrics: { level: 'none' } },
			pipelines: { traces: { receivers: ['otlp'], exporters: Object.keys(exporter) } },
		},
	};
	// JSON is YAML.
	writeFileSync(configFile, JSON.stringify(config));
	const child = spawn(program, ['--config', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
	let log = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-20_000)));
	await until(
		async () => {
			if (child.exitCode !== null) throw new Error(`the Collector ended with ${child.exitCode}: ${log}`);
			return log.includes('Everything is ready') ? true : undefined;
		},
		'the Collector listens',
		60_000,
	);
	rmSync(folder, { recursive: true });
	return { url: `http://127.0.0.1:${port}`, process: child, log: () => log, stop: () => void child.kill('SIGKILL') };
}

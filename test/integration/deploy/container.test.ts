/** What the Dockerfile and docker-compose.yml start, started here: the same commands in the same environment, beside a ClickHouse server. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { silentLog } from '../../../collector/log.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { clickHouseFront } from '../../support/clickhouse-front.ts';
import { projectRoot, startProduct, until } from '../../support/product.ts';

const key = '0123456789abcdef0123456789abcdef';
const dockerfile = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8');
const compose = parse(readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8')) as {
	services: { spanhouse: { environment: Record<string, string> } };
};

/** The last instruction of this name, in its form without a shell. */
function commandOf(instruction: string): string[] {
	const forms = [...dockerfile.matchAll(new RegExp(`^${instruction}\\b[^[]*(\\[.+\\])$`, 'gm'))];
	return JSON.parse(forms.at(-1)?.[1] ?? '[]') as string[];
}

/** As compose fills it in from a shell that sets the key alone. */
const filledIn = (text: string): string =>
	text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_, name: string, operator: string, rest: string) =>
		name === 'SPANHOUSE_INGEST_KEYS' ? key : operator === '-' ? rest : '',
	);

async function send(otlpHttp: string, headers: Record<string, string>): Promise<number> {
	const span = {
		traceId: 'ab'.repeat(16),
		spanId: 'cd'.repeat(8),
		name: 'boxed',
		endTimeUnixNano: `${Date.now()}000000`,
	};
	const answer = await fetch(`${otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
	});
	return answer.status;
}

test('it starts, is healthy, takes spans with the key alone, and asks for a login', { timeout: 180_000 }, async () => {
	const aside = mkdtempSync(join(tmpdir(), 'spanhouse-container-'));
	const server = await EmbeddedServer.start(join(aside, 'clickhouse'), silentLog);
	const front = await clickHouseFront(server);
	const environment = Object.entries(compose.services.spanhouse.environment);
	const product = await startProduct({
		command: commandOf('ENTRYPOINT'),
		args: commandOf('CMD'),
		env: {
			...Object.fromEntries(environment.map(([name, text]) => [name, filledIn(text)])),
			// Names and folders of the container.
			CLICKHOUSE_URL: front.url,
			CLICKHOUSE_USER: 'default',
			CLICKHOUSE_PASSWORD: '',
			SPANHOUSE_DATA_DIR: join(aside, 'data'),
		},
	});
	try {
		expect(product.ready.store).toBe('remote');
		const ui = `http://127.0.0.1:${new URL(product.ready.ui).port}`;
		const otlpHttp = `http://127.0.0.1:${new URL(product.ready.otlpHttp).port}`;
		const [command = '', ...args] = commandOf('HEALTHCHECK [^]*?CMD');
		const healthy = promisify(execFile)(
			command,
			args.map((arg) => arg.replace('http://127.0.0.1:4319', ui)),
		);
		await expect(healthy).resolves.toBeDefined();
		expect(await send(otlpHttp, {})).toBe(401);
		expect(await send(otlpHttp, { authorization: `Bearer ${key}` })).toBe(200);
		expect((await fetch(`${ui}/api/v1/services`)).status).toBe(401);
		await until(async () => (/invitation=/.test(product.log()) ? true : undefined), 'the link of the first account');
		// What it keeps beside the store is in the volume.
		expect(readdirSync(join(aside, 'data'))).toContain('spool');
	} finally {
		expect(await product.stop()).toBe(0);
		await front.close();
		await server.stop();
		rmSync(aside, { recursive: true, force: true });
	}
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needsKeys, needsLogin } from './access/access-policy.ts';
import { ConfigError, readConfig, SETTINGS } from './config.ts';
import { remoteServer } from './store-settings.ts';

test('without settings everything has its documented default', () => {
	expect(readConfig([], {})).toMatchObject({
		host: '127.0.0.1',
		ingestHost: '127.0.0.1',
		uiPort: 4319,
		otlpHttpPort: 4318,
		otlpGrpcPort: 4317,
		dataDir: './data',
		basePath: '/',
		maxRequestBytes: 64 * 1024 * 1024,
		retentionMs: 7 * 86_400_000,
		rollupRetentionMs: 90 * 86_400_000,
		clickhouseUrl: undefined,
		clickhouseDatabase: 'spanhouse',
		ack: 'spool',
		otherSignals: 'report',
		errorsByCode: true,
		pathsAsRoutes: false,
	});
});

test('a flag wins over the environment', () => {
	expect(
		readConfig(['--ui-port', '5000'], { SPANHOUSE_UI_PORT: '6000', SPANHOUSE_OTLP_HTTP_PORT: '7000' }),
	).toMatchObject({
		uiPort: 5000,
		otlpHttpPort: 7000,
	});
});

test('every wrong value is reported, with where, what was found and what is expected', () => {
	const read = () =>
		readConfig(['--ui-port', '70000'], {
			SPANHOUSE_RETENTION: 'soon',
			CLICKHOUSE_URL: 'ftp://x',
			CLICKHOUSE_DATABASE: 'a-b',
		});
	expect(read).toThrow(ConfigError);
	expect(read).toThrow(/--ui-port is "70000"; expected a port/);
	expect(read).toThrow(/SPANHOUSE_RETENTION is "soon"; expected a whole number with one of the units/);
	expect(read).toThrow(/CLICKHOUSE_URL is "ftp:\/\/x"; expected a URL/);
	expect(read).toThrow(/CLICKHOUSE_DATABASE is "a-b"; expected letters/);
});

test('an unknown flag is refused by name', () => {
	expect(() => readConfig(['--ui-prot', '1'], {})).toThrow(/--ui-prot/);
});

test('what contradicts itself is reported beside wrong values, but for what a wrong value may be part of', () => {
	const problems = (args: string[], env: Record<string, string> = {}): readonly string[] => {
		try {
			readConfig(args, env);
			return [];
		} catch (error) {
			return (error as ConfigError).problems;
		}
	};
	const ports = ['--ui-port', '70000', '--otlp-http-port', '5000', '--otlp-grpc-port', '5000'];
	expect(problems(['--ui-prot', '1', ...ports, '--tls-cert', 'a'], { SPANHOUSE_RETENTION: 'soon' })).toEqual([
		expect.stringContaining("Unknown option '--ui-prot'"),
		expect.stringContaining('--ui-port is "70000"'),
		expect.stringContaining('SPANHOUSE_RETENTION is "soon"'),
		'SPANHOUSE_TLS_CERT needs SPANHOUSE_TLS_KEY beside it',
		'--otlp-http-port and --otlp-grpc-port are both 5000; they need different ports',
	]);
	expect(problems([], { CLICKHOUSE_URL: 'ftp://x', CLICKHOUSE_CLUSTER: 'traces' })).toEqual([
		expect.stringContaining('CLICKHOUSE_URL is "ftp://x"'),
	]);
	expect(problems(['--login', 'of', '--insecure-allow-anonymous'])).toEqual([
		expect.stringContaining('--login is "of"'),
	]);
});

test('inserts slow down before they stop', () => {
	const { slowAtParts, pauseAtParts, memoryPatienceMs } = readConfig(
		['--slow-at-parts', '7', '--memory-patience', '2m'],
		{
			SPANHOUSE_PAUSE_AT_PARTS: '8',
		},
	);
	expect([slowAtParts, pauseAtParts, memoryPatienceMs]).toEqual([7, 8, 120_000]);
	expect(() => readConfig(['--slow-at-parts', '901'], {})).toThrow(
		'SPANHOUSE_SLOW_AT_PARTS is 901; expected at most SPANHOUSE_PAUSE_AT_PARTS, 900',
	);
});

test('every setting has a flag but for secrets, and a switch that is on can be turned off', () => {
	const without = Object.values(SETTINGS).filter((setting) => !('flag' in setting));
	expect(without.filter((setting) => !('secret' in setting))).toEqual([]);
	expect(readConfig([], {}).evaluateAlerts).toBe(true);
	expect(readConfig(['--no-evaluate-alerts'], {}).evaluateAlerts).toBe(false);
	expect(readConfig([], { SPANHOUSE_EVALUATE_ALERTS: 'false' }).evaluateAlerts).toBe(false);
	expect(readConfig(['--evaluate-alerts'], { SPANHOUSE_EVALUATE_ALERTS: 'false' }).evaluateAlerts).toBe(true);
});

test('a login and keys are asked for where others can reach the host, unless that is accepted', () => {
	const policy = (...args: string[]) => {
		const config = readConfig(args, {});
		return [needsLogin(config), needsKeys(config)];
	};
	expect(policy()).toEqual([false, false]);
	expect(policy('--host', '0.0.0.0')).toEqual([true, true]);
	expect(policy('--ingest-host', '0.0.0.0')).toEqual([false, true]);
	expect(policy('--ingest-host', '0.0.0.0', '--ingest-auth', 'open')).toEqual([false, false]);
	expect(policy('--host', '0.0.0.0', '--insecure-allow-anonymous')).toEqual([false, true]);
	expect(policy('--host', '::1')).toEqual([false, false]);
	expect(policy('--login', 'on', '--ingest-auth', 'keys')).toEqual([true, true]);
	expect(() => policy('--login', 'on', '--insecure-allow-anonymous')).toThrow(/contradict/);
	expect(() => readConfig([], { SPANHOUSE_INGEST_KEYS: 'short' })).toThrow(/at least 24/);
	expect(() => policy('--oidc-issuer', 'https://login.example')).toThrow(/CLIENT_ID[^]*PUBLIC_URL[^]*--login on/);
});

test('the same port twice is refused, any free port twice is not', () => {
	expect(() => readConfig(['--ui-port', '4318'], {})).toThrow(
		'--ui-port and --otlp-http-port are both 4318; they need different ports',
	);
	expect(() => readConfig(['--otlp-grpc-port', '4318'], {})).toThrow(
		'--otlp-http-port and --otlp-grpc-port are both 4318; they need different ports',
	);
	expect(readConfig(['--ui-port', '0', '--otlp-http-port', '0', '--otlp-grpc-port', '0'], {})).toMatchObject({
		uiPort: 0,
		otlpHttpPort: 0,
		otlpGrpcPort: 0,
	});
});

test('several servers are those of a cluster, and a cluster is one of servers', () => {
	const url = 'http://a:8123,http://b:8123';
	const { clickhouseUrl, clickhouseCluster } = readConfig([], { CLICKHOUSE_URL: url, CLICKHOUSE_CLUSTER: 'traces' });
	expect([clickhouseUrl, clickhouseCluster]).toEqual([['http://a:8123', 'http://b:8123'], 'traces']);
	expect(readConfig([], { CLICKHOUSE_URL: 'http://a:8123' }).clickhouseUrl).toEqual(['http://a:8123']);
	expect(() => readConfig([], { CLICKHOUSE_URL: url })).toThrow('CLICKHOUSE_CLUSTER');
	expect(() => readConfig([], { CLICKHOUSE_CLUSTER: 'traces' })).toThrow('CLICKHOUSE_URL');
	expect(() => readConfig([], { CLICKHOUSE_URL: 'http://a,b' })).toThrow('http://');
});

test('a second user is one of a server, and a password is one of a user', () => {
	const env = { CLICKHOUSE_URL: 'http://a:8123', CLICKHOUSE_READ_USER: 'reader', CLICKHOUSE_READ_PASSWORD: 'reads' };
	const config = readConfig(['--clickhouse-user', 'writer'], env);
	expect(remoteServer(config).remote).toEqual({
		url: 'http://a:8123',
		username: 'writer',
		password: '',
		reader: { username: 'reader', password: 'reads' },
	});
	expect(remoteServer(readConfig([], { CLICKHOUSE_URL: 'http://a:8123' })).remote).not.toHaveProperty('reader');
	expect(() => readConfig([], { ...env, CLICKHOUSE_URL: '' })).toThrow('CLICKHOUSE_READ_USER needs CLICKHOUSE_URL');
	expect(() => readConfig([], { ...env, CLICKHOUSE_READ_USER: '' })).toThrow('CLICKHOUSE_READ_PASSWORD needs');
});

test('a secret may come from a file, and a file that cannot be read is a problem', () => {
	const path = join(mkdtempSync(join(tmpdir(), 'spanhouse-secret-')), 'password');
	writeFileSync(path, 'open sesame\n');
	expect(readConfig([], { CLICKHOUSE_PASSWORD_FILE: path }).clickhousePassword).toBe('open sesame');
	const reading = {
		CLICKHOUSE_URL: 'http://a:8123',
		CLICKHOUSE_READ_USER: 'reader',
		CLICKHOUSE_READ_PASSWORD_FILE: path,
	};
	expect(readConfig([], reading).clickhouseReadPassword).toBe('open sesame');
	expect(() => readConfig([], { CLICKHOUSE_PASSWORD_FILE: `${path}.gone` })).toThrow(
		/CLICKHOUSE_PASSWORD_FILE: ENOENT/,
	);
});

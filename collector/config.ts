import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkPolicy } from './access/access-policy.ts';
import { ACCESS_SETTINGS } from './access/access-settings.ts';
import { checkClickHouse, CLICKHOUSE_SETTINGS } from './store-settings.ts';
import { CONFIG_SETTINGS } from './desired/source/source-settings.ts';
import { OUTBOUND_SETTINGS } from './outbound/outbound-settings.ts';
import { checkTls, TLS_SETTINGS } from './tls/tls-settings.ts';
import { PIPELINE_SETTINGS } from './pipeline-settings.ts';
import { checkParts, SPOOL_SETTINGS } from './spool-settings.ts';
import {
	basePath,
	bytes,
	duration,
	flagValue,
	list,
	oneOf,
	optionalBytes,
	optionalPort,
	port,
	text,
	wholeNumber,
} from './settings.ts';
import type { Setting } from './settings.ts';

const setting = <Value>(definition: Setting<Value>): Setting<Value> => definition;

/** Every option, in the order of `--help`. */
export const SETTINGS = {
	host: setting({
		variable: 'SPANHOUSE_HOST',
		flag: 'host',
		default: '127.0.0.1',
		help: 'address of screen and API',
		read: text,
	}),
	ingestHost: setting({
		variable: 'SPANHOUSE_INGEST_HOST',
		flag: 'ingest-host',
		default: '',
		help: 'address of the OTLP listeners; as the host when not set',
		read: text,
	}),
	uiPort: setting({
		variable: 'SPANHOUSE_UI_PORT',
		flag: 'ui-port',
		default: '4319',
		help: 'port of screen and API',
		read: port,
	}),
	otlpHttpPort: setting({
		variable: 'SPANHOUSE_OTLP_HTTP_PORT',
		flag: 'otlp-http-port',
		default: '4318',
		help: 'port of OTLP over HTTP',
		read: port,
	}),
	otlpGrpcPort: setting({
		variable: 'SPANHOUSE_OTLP_GRPC_PORT',
		flag: 'otlp-grpc-port',
		default: '4317',
		help: 'port of OTLP over gRPC',
		read: port,
	}),
	zipkinPort: setting({
		variable: 'SPANHOUSE_ZIPKIN_PORT',
		flag: 'zipkin-port',
		default: '',
		help: 'port of Zipkin v2 over HTTP, usually 9411; off when not set',
		read: optionalPort,
	}),
	dataDir: setting({
		variable: 'SPANHOUSE_DATA_DIR',
		flag: 'data-dir',
		default: './data',
		help: 'folder of the embedded store',
		read: text,
	}),
	ephemeral: setting({
		variable: 'SPANHOUSE_EPHEMERAL',
		flag: 'ephemeral',
		default: 'false',
		help: 'keep data in a temporary folder, gone at the end',
		read: flagValue,
	}),
	drain: setting({
		variable: 'SPANHOUSE_DRAIN',
		flag: 'drain',
		default: 'false',
		help: 'at the end wait until the spool is empty: for a collector that is not started again',
		read: flagValue,
	}),
	ack: setting({
		variable: 'SPANHOUSE_ACK',
		flag: 'ack',
		default: 'spool',
		help: 'what a 2xx means: spool (synced to disk here), store (committed in ClickHouse) or memory',
		read: oneOf(['spool', 'store', 'memory']),
	}),
	...SPOOL_SETTINGS,
	basePath: setting({
		variable: 'SPANHOUSE_BASE_PATH',
		flag: 'base-path',
		default: '/',
		help: 'prefix of all URLs, behind a proxy',
		read: basePath,
	}),
	allowAnonymous: setting({
		variable: 'SPANHOUSE_INSECURE_ALLOW_ANONYMOUS',
		flag: 'insecure-allow-anonymous',
		default: 'false',
		help: 'no login: let anybody who reaches the host read and change everything',
		read: flagValue,
	}),
	...ACCESS_SETTINGS,
	...TLS_SETTINGS,
	corsOrigins: setting({
		variable: 'SPANHOUSE_CORS_ORIGINS',
		flag: 'cors-origins',
		default: '',
		help: 'origins of web pages that may send traces, comma-separated, * as wildcard',
		read: list,
	}),
	maxRequestBytes: setting({
		variable: 'SPANHOUSE_MAX_REQUEST_BYTES',
		flag: 'max-request-bytes',
		default: '64MiB',
		help: 'largest OTLP request, packed and unpacked',
		read: bytes,
	}),
	otherSignals: setting({
		variable: 'SPANHOUSE_METRICS',
		flag: 'metrics',
		default: 'report',
		help: 'metrics, and logs without a trace, are not kept: report says so in each answer, accept keeps quiet',
		read: oneOf(['report', 'accept']),
	}),
	...PIPELINE_SETTINGS,
	logsPerMinute: setting({
		variable: 'SPANHOUSE_LOGS_PER_MINUTE',
		flag: 'logs-per-minute',
		default: '60000',
		help: 'log records of traces that are kept each minute; those with an exception are always kept',
		read: wholeNumber,
	}),
	retentionMs: setting({
		variable: 'SPANHOUSE_RETENTION',
		flag: 'retention',
		default: '7d',
		help: 'how long spans are kept',
		read: duration,
	}),
	rollupRetentionMs: setting({
		variable: 'SPANHOUSE_ROLLUP_RETENTION',
		flag: 'rollup-retention',
		default: '90d',
		help: 'how long what is counted from spans is kept: rates, errors, latencies',
		read: duration,
	}),
	maxDiskBytes: setting({
		variable: 'SPANHOUSE_MAX_DISK',
		flag: 'max-disk',
		default: '',
		help: 'size of the embedded store, spool and pinned traces together, such as 50GiB; 20GiB or 80 % of the room when not set',
		read: optionalBytes,
	}),
	...CLICKHOUSE_SETTINGS,
	evaluateAlerts: setting({
		variable: 'SPANHOUSE_EVALUATE_ALERTS',
		flag: 'evaluate-alerts',
		default: 'true',
		help: 'evaluate alerts and tell people when it is the turn of this collector: of several on one ClickHouse one does; false: never',
		read: flagValue,
	}),
	...OUTBOUND_SETTINGS,
	...CONFIG_SETTINGS,
	logLevel: setting({
		variable: 'SPANHOUSE_LOG_LEVEL',
		flag: 'log-level',
		default: 'info',
		help: 'debug, info, warn, error or silent',
		read: oneOf(['debug', 'info', 'warn', 'error', 'silent']),
	}),
} as const;

type Settings = typeof SETTINGS;
export type Config = Readonly<{ [Name in keyof Settings]: ReturnType<Settings[Name]['read']> }>;

/** All that is wrong with the settings, one line each. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	readonly problems: readonly string[];
	constructor(problems: readonly string[]) {
		super(problems.join('\n'));
		this.problems = problems;
	}
}

/** Flags win over the environment. Every problem is reported, not just the first. */
export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): Config {
	const problems: string[] = [];
	const wrong = new Set<string>();
	const flags = readFlags(argv, problems);
	const values = Object.fromEntries(
		Object.entries(SETTINGS).map(([name, definition]) => {
			const known = problems.length;
			const value = readSetting(definition, flags, env, problems);
			if (problems.length > known) wrong.add(name);
			return [name, value];
		}),
	) as Config;
	checkTogether(values, wrong, problems);
	if (problems.length > 0) throw new ConfigError(problems);
	return Object.freeze({ ...values, ingestHost: values.ingestHost || values.host });
}

function readFlags(argv: readonly string[], problems: string[]): Record<string, string> {
	const options = Object.fromEntries(
		Object.values(SETTINGS)
			.filter((definition) => definition.flag !== undefined)
			.map((definition) => [definition.flag, { type: isSwitch(definition) ? 'boolean' : 'string' } as const]),
	);
	const args = [...argv];
	try {
		parseArgs({ args, options, allowNegative: true });
	} catch (error) {
		problems.push(error instanceof Error ? error.message : String(error));
	}
	// What is wrong with one of them keeps nobody from hearing what is wrong with the others.
	const { values } = parseArgs({ args, options, allowNegative: true, strict: false });
	const known = Object.entries(values).filter(([flag, value]) => typeof value === options[flag]?.type);
	return Object.fromEntries(known.map(([flag, value]) => [flag, String(value)]));
}

const isSwitch = (definition: Setting<unknown>): boolean => definition.read === flagValue;

function readSetting(
	definition: Setting<unknown>,
	flags: Record<string, string>,
	env: NodeJS.ProcessEnv,
	problems: string[],
): unknown {
	const fromFlag = definition.flag === undefined ? undefined : flags[definition.flag];
	const where = fromFlag === undefined ? definition.variable : `--${definition.flag}`;
	const found = fromFlag ?? env[definition.variable] ?? readSecretFile(definition, env, problems) ?? definition.default;
	try {
		return definition.read(found);
	} catch (error) {
		const expected = error instanceof Error ? error.message : String(error);
		problems.push(`${where} is ${JSON.stringify(found)}; expected ${expected}`);
		return undefined;
	}
}

function readSecretFile(definition: Setting<unknown>, env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
	const path = definition.secret ? env[`${definition.variable}_FILE`] : undefined;
	if (path === undefined) return undefined;
	try {
		return readFileSync(path, 'utf8').trimEnd();
	} catch (error) {
		problems.push(`${definition.variable}_FILE: ${error instanceof Error ? error.message : String(error)}`);
		return undefined;
	}
}

/** What contradicts itself, as far as those settings could be read. */
function checkTogether(config: Config, wrong: ReadonlySet<string>, problems: string[]): void {
	const check = <Name extends keyof Config>(
		names: readonly Name[],
		problemsOf: (readable: Pick<Config, Name>) => string[],
	): void => {
		if (!names.some((name) => wrong.has(name))) problems.push(...problemsOf(config));
	};
	check(POLICY_NAMES, (policy) => checkPolicy({ ...policy, ingestHost: policy.ingestHost || policy.host }));
	check(['tlsCert', 'tlsKey', 'ingestTls'], checkTls);
	check(['maxDiskBytes', 'clickhouseUrl'], checkDisk);
	check(['slowAtParts', 'pauseAtParts'], checkParts);
	check(['clickhouseUrl', 'clickhouseCluster', 'clickhouseReadUser', 'clickhouseReadPassword'], checkClickHouse);
	problems.push(...checkPorts(config));
}

const POLICY_NAMES = [
	'host',
	'ingestHost',
	'login',
	'ingestAuth',
	'allowAnonymous',
	'publicUrl',
	'oidcIssuer',
	'oidcClientId',
] as const;

const checkDisk = ({ maxDiskBytes, clickhouseUrl }: Pick<Config, 'maxDiskBytes' | 'clickhouseUrl'>): string[] =>
	maxDiskBytes === undefined || clickhouseUrl === undefined
		? []
		: ['SPANHOUSE_MAX_DISK is for the embedded store; with CLICKHOUSE_URL, that server keeps its own disk'];

/** One that could not be read is undefined. */
function checkPorts(config: Config): string[] {
	const problems: string[] = [];
	const ports = new Map<number, string>();
	for (const name of ['uiPort', 'otlpHttpPort', 'otlpGrpcPort', 'zipkinPort'] as const) {
		const port = config[name];
		if (port === undefined || port === 0) continue;
		const flag = `--${SETTINGS[name].flag}`;
		const other = ports.get(port);
		if (other !== undefined) problems.push(`${other} and ${flag} are both ${port}; they need different ports`);
		else ports.set(port, flag);
	}
	return problems;
}

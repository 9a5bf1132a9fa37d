import { dirname } from 'node:path';
import { findGitRevision } from './git-revision.ts';
import { findPackageIdentity } from './package-identity.ts';
import { findBadSettings } from './setting-checks.ts';
import type { BadSetting } from './setting-checks.ts';

/** What may be said in code; each wins over the environment variable that says the same. */
export interface SdkOptions {
	/** `OTEL_SERVICE_NAME`. Default: the name in the nearest package.json. */
	serviceName?: string;
	/** `service.version`. Default: the version in the nearest package.json, or the commit where that has none. */
	serviceVersion?: string;
	/** `deployment.environment.name`, as `production`. */
	environment?: string;
	/** Base address to which `/v1/traces` is added; `OTEL_EXPORTER_OTLP_ENDPOINT`. Default: `http://localhost:4318`. */
	endpoint?: string;
	/** Sent with every request, as `{ authorization: 'Bearer …' }`; `OTEL_EXPORTER_OTLP_HEADERS`. */
	headers?: Record<string, string>;
	/** Further resource attributes; `OTEL_RESOURCE_ATTRIBUTES`. */
	resourceAttributes?: Record<string, string>;
	/** Keys of baggage that spans carry as attributes, as `user.id`; `SPANHOUSE_BAGGAGE`. Default: none. */
	baggage?: readonly string[];
}

export interface Settings {
	isDisabled: boolean;
	/** The environment OpenTelemetry is to see: an undefined value hides a variable. Others stay as they are. */
	environment: Record<string, string | undefined>;
	/** Where spans go, for messages. */
	endpoint: string;
	/** Keys of baggage that spans carry. */
	baggage: readonly string[];
	warnings: string[];
}

export const isDisabled = (env: NodeJS.ProcessEnv): boolean =>
	env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';

/** Source of each variable that an option has set, so that a warning names what the person wrote. */
const OPTION_OF_VARIABLE: ReadonlyMap<string, string> = new Map([
	['OTEL_SERVICE_NAME', 'serviceName'],
	['OTEL_EXPORTER_OTLP_ENDPOINT', 'endpoint'],
	['OTEL_EXPORTER_OTLP_HEADERS', 'headers'],
]);

export function readSettings(
	env: NodeJS.ProcessEnv,
	options: SdkOptions = {},
	mainScript: string | undefined = process.argv[1],
): Settings {
	const fromOptions = optionsAsVariables(options, env);
	const merged: NodeJS.ProcessEnv = { ...env, ...fromOptions };
	const bad = findBadSettings(merged);
	const corrections = Object.fromEntries(bad.map((setting) => [setting.name, setting.use]));
	const good = { ...merged, ...corrections };
	return {
		isDisabled: isDisabled(env),
		environment: { ...fromOptions, ...corrections, ...defaults(good), ...identity(good, mainScript) },
		endpoint: endpointOf(good),
		baggage: options.baggage ?? listOf(env['SPANHOUSE_BAGGAGE']),
		warnings: [...bad.map((setting) => describe(setting, fromOptions)), ...portMixUp(good)],
	};
}

function optionsAsVariables(options: SdkOptions, env: NodeJS.ProcessEnv): Record<string, string | undefined> {
	const variables: Record<string, string | undefined> = {};
	if (options.serviceName !== undefined) variables['OTEL_SERVICE_NAME'] = options.serviceName;
	if (options.endpoint !== undefined) {
		variables['OTEL_EXPORTER_OTLP_ENDPOINT'] = options.endpoint;
		variables['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] = undefined;
	}
	if (options.headers !== undefined) {
		variables['OTEL_EXPORTER_OTLP_HEADERS'] = encodeList(options.headers);
		variables['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] = undefined;
	}
	const attributes = {
		...options.resourceAttributes,
		...(options.serviceVersion === undefined ? {} : { 'service.version': options.serviceVersion }),
		...(options.environment === undefined ? {} : { 'deployment.environment.name': options.environment }),
	};
	// OTLP attribute lists let the last of two equal keys win, so what code says goes last.
	if (Object.keys(attributes).length > 0) {
		variables['OTEL_RESOURCE_ATTRIBUTES'] = joinLists(env['OTEL_RESOURCE_ATTRIBUTES'], encodeList(attributes));
	}
	return variables;
}

function defaults(env: NodeJS.ProcessEnv): Record<string, string> {
	const chosen: Record<string, string> = {};
	const byDefault = (name: string, value: string): void => {
		if (isAbsent(env[name])) chosen[name] = value;
	};
	byDefault('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json');
	byDefault('OTEL_NODE_RESOURCE_DETECTORS', 'env,host,os,process,serviceinstance');
	byDefault('OTEL_METRICS_EXPORTER', 'none');
	byDefault('OTEL_LOGS_EXPORTER', 'none');
	return chosen;
}

function identity(env: NodeJS.ProcessEnv, mainScript: string | undefined): Record<string, string> {
	const attributes = env['OTEL_RESOURCE_ATTRIBUTES'];
	const hasName = !isAbsent(env['OTEL_SERVICE_NAME']) || hasKey(attributes, 'service.name');
	const hasVersion = hasKey(attributes, 'service.version');
	if (hasName && hasVersion) return {};
	const found = findPackageIdentity(mainScript);
	const version = hasVersion ? undefined : versionOf(found?.version, mainScript);
	return {
		...(hasName || found === undefined ? {} : { OTEL_SERVICE_NAME: found.name }),
		...(version === undefined
			? {}
			: { OTEL_RESOURCE_ATTRIBUTES: joinLists(attributes, encodeList({ 'service.version': version })) }),
	};
}

/** Of an app that isn't published nobody counts versions; the commit tells one deploy from the next. */
const versionOf = (found: string | undefined, mainScript: string | undefined): string | undefined =>
	found !== undefined && found !== '0.0.0'
		? found
		: (findGitRevision(mainScript === undefined ? '.' : dirname(mainScript)) ?? found);

const isAbsent = (value: string | undefined): boolean => value === undefined || value.trim() === '';

const listOf = (value = ''): string[] =>
	value
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');

const hasKey = (list: string | undefined, key: string): boolean =>
	(list ?? '').split(',').some((entry) => entry.split('=')[0]?.trim() === key);

const encodeList = (entries: Record<string, string>): string =>
	Object.entries(entries)
		.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
		.join(',');

const joinLists = (first: string | undefined, second: string): string =>
	isAbsent(first) ? second : `${first ?? ''},${second}`;

function describe(setting: BadSetting, fromOptions: Record<string, string | undefined>): string {
	const option = setting.name in fromOptions ? OPTION_OF_VARIABLE.get(setting.name) : undefined;
	const where = option === undefined ? setting.name : `the option ${option}`;
	// Headers carry keys.
	const found = setting.name.endsWith('HEADERS') ? 'its value' : `"${setting.found}"`;
	const instead = setting.use === undefined || setting.name.endsWith('HEADERS') ? 'the rest' : `"${setting.use}"`;
	const used = setting.use === undefined ? 'Using the default.' : `Using ${instead}.`;
	return `${where}: found ${found}, expected ${setting.expected}. ${used}`;
}

export const protocolOf = (env: NodeJS.ProcessEnv): string =>
	env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/json';

const endpointOf = (env: NodeJS.ProcessEnv): string =>
	env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ??
	env['OTEL_EXPORTER_OTLP_ENDPOINT'] ??
	(protocolOf(env) === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318');

/** The two OTLP ports are taken for each other more than anything else, and the error then seen says nothing of it. */
function portMixUp(env: NodeJS.ProcessEnv): string[] {
	const protocol = protocolOf(env);
	const endpoint = endpointOf(env);
	const port = /:(\d+)(?:\/|$)/.exec(endpoint)?.[1];
	if (port !== (protocol === 'grpc' ? '4318' : '4317')) return [];
	const [other, usual] = protocol === 'grpc' ? ['HTTP', '4317'] : ['gRPC', '4318'];
	return [
		`the endpoint "${endpoint}" has the usual port of OTLP over ${other}, but the protocol is ${protocol}, usually on port ${usual}.`,
	];
}

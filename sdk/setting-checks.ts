/**
 * What each `OTEL_*` variable may hold. OpenTelemetry itself passes over some wrong values without a word and drops a
 * whole list for one bad entry; here each finding has the value found and what is expected.
 * Source: the specification's "Environment Variable Specification" and "OpenTelemetry Protocol Exporter" pages.
 */
interface Finding {
	expected: string;
	/** What to use in place of the value; undefined means the default. */
	use: string | undefined;
}

/** Nothing wrong: undefined. */
type Check = (value: string) => Finding | undefined;

const oneOf =
	(choices: readonly string[], lowerCase = false): Check =>
	(value) =>
		choices.includes(lowerCase ? value.toLowerCase() : value)
			? undefined
			: { expected: `one of ${choices.join(', ')}`, use: undefined };

const number =
	(expected: string, isGood: (value: number) => boolean): Check =>
	(value) =>
		isGood(Number(value)) ? undefined : { expected, use: undefined };

const positiveInteger = number('a whole number above 0', (value) => Number.isSafeInteger(value) && value > 0);
const count = number('a whole number, 0 or more', (value) => Number.isSafeInteger(value) && value >= 0);
const ratio = number('a number from 0 to 1', (value) => value >= 0 && value <= 1);

/** Keeps the good entries of a comma-separated list, since one slip shouldn't cost the rest. */
const list =
	(expected: string, isGood: (entry: string) => boolean): Check =>
	(value) => {
		const entries = value
			.split(',')
			.map((entry) => entry.trim())
			.filter((entry) => entry !== '');
		const good = entries.filter(isGood);
		if (good.length === entries.length) return undefined;
		return { expected, use: good.length === 0 ? undefined : good.join(',') };
	};

const listOf = (choices: readonly string[]): Check =>
	list(`a list of ${choices.join(', ')}`, (entry) => choices.includes(entry));

const isDecodable = (text: string): boolean => {
	try {
		decodeURIComponent(text);
		return true;
	} catch {
		return false;
	}
};

const attributeList = list(
	'key=value,key=value with commas and equal signs percent-encoded',
	(entry) => /^[^=]+=[^=]*$/.test(entry) && isDecodable(entry),
);

// RFC 9110 §5.6.2: a field name is a token. A value that can't be decoded would fail every request.
const headerList = list(
	'name=value,name=value with commas percent-encoded',
	(entry) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=\s*\S/.test(entry) && isDecodable(entry),
);

const httpUrl: Check = (value) =>
	/^https?:$/.test(URL.parse(value)?.protocol ?? '')
		? undefined
		: { expected: 'an address that begins with http:// or https://, as http://localhost:4318', use: undefined };

/** gRPC also takes a bare `host:port`. */
const grpcTarget: Check = (value) =>
	/^(https?:\/\/)?[^\s/]+(\/.*)?$/.test(value)
		? undefined
		: { expected: 'an address such as http://localhost:4317', use: undefined };

const TRACE_PROTOCOLS = ['http/json', 'http/protobuf', 'grpc'] as const;
const LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;
const SAMPLERS = [
	'always_on',
	'always_off',
	'traceidratio',
	'parentbased_always_on',
	'parentbased_always_off',
	'parentbased_traceidratio',
] as const;

const CHECKS: readonly (readonly [string, Check])[] = [
	['OTEL_SDK_DISABLED', oneOf(['true', 'false'], true)],
	['OTEL_LOG_LEVEL', oneOf(LOG_LEVELS, true)],
	['OTEL_RESOURCE_ATTRIBUTES', attributeList],
	['OTEL_PROPAGATORS', listOf(['tracecontext', 'baggage', 'b3', 'b3multi', 'none'])],
	['OTEL_TRACES_SAMPLER', oneOf(SAMPLERS)],
	['OTEL_TRACES_SAMPLER_ARG', ratio],
	['OTEL_TRACES_EXPORTER', listOf(['otlp', 'console', 'zipkin', 'none'])],
	['OTEL_METRICS_EXPORTER', listOf(['otlp', 'console', 'prometheus', 'none'])],
	['OTEL_LOGS_EXPORTER', listOf(['otlp', 'console', 'none'])],
	['OTEL_BSP_SCHEDULE_DELAY', positiveInteger],
	['OTEL_BSP_EXPORT_TIMEOUT', positiveInteger],
	['OTEL_BSP_MAX_QUEUE_SIZE', positiveInteger],
	['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', positiveInteger],
	['OTEL_ATTRIBUTE_COUNT_LIMIT', count],
	['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', count],
	['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', count],
	['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', count],
	['OTEL_SPAN_EVENT_COUNT_LIMIT', count],
	['OTEL_SPAN_LINK_COUNT_LIMIT', count],
	['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', count],
	['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', count],
	...['OTEL_EXPORTER_OTLP_', 'OTEL_EXPORTER_OTLP_TRACES_'].flatMap((prefix): (readonly [string, Check])[] => [
		[`${prefix}PROTOCOL`, oneOf(TRACE_PROTOCOLS)],
		[`${prefix}HEADERS`, headerList],
		[`${prefix}TIMEOUT`, positiveInteger],
		[`${prefix}COMPRESSION`, oneOf(['gzip', 'none'])],
	]),
];

export interface BadSetting extends Finding {
	name: string;
	found: string;
}

/** Everything wrong in this environment. An empty value counts as absent, as the specification has it. */
export function findBadSettings(env: NodeJS.ProcessEnv): BadSetting[] {
	const bad: BadSetting[] = [];
	const apply = (name: string, check: Check): void => {
		const found = env[name]?.trim() ?? '';
		const finding = found === '' ? undefined : check(found);
		if (finding !== undefined) bad.push({ name, found, ...finding });
	};
	for (const [name, check] of CHECKS) apply(name, check);
	const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
	const endpoint = protocol?.trim() === 'grpc' ? grpcTarget : httpUrl;
	apply('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
	apply('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', endpoint);
	return bad;
}

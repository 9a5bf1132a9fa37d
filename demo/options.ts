import { parseArgs } from 'node:util';

export interface DemoOptions {
	/** Requests a second to the storefront, on the average of the day. */
	ratePerSecond: number;
	minutes: number;
	/** OTLP/HTTP base address. */
	endpoint: string;
	uiUrl: string;
	seed: number;
}

/** What can be set, one line each. */
const OPTIONS_HELP = `  --rate N        requests a second to the storefront, 0.1 to 500 (20; SPANHOUSE_DEMO_RATE)
  --minutes N     how long, 0.1 to 1440 (5; SPANHOUSE_DEMO_MINUTES)
  --endpoint URL  where OTLP/HTTP is taken (http://127.0.0.1:4318; OTEL_EXPORTER_OTLP_ENDPOINT)
  --ui URL        where Spanhouse's pages are, for links (host of the endpoint, port 4319; SPANHOUSE_DEMO_UI)
  --seed N        the same visitors and purchases again, 0 to 4294967295 (1; SPANHOUSE_DEMO_SEED)
  --help          this text

A key goes in OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer …".
`;

export const helpOf = (command: string): string => `Usage: ${command} [options]

Sends the traffic of a small shop to a running Spanhouse.

${OPTIONS_HELP}`;

export type ParsedOptions =
	{ kind: 'run'; options: DemoOptions } | { kind: 'help' } | { kind: 'refused'; problems: string[] };

const FLAGS = {
	rate: { type: 'string' },
	minutes: { type: 'string' },
	endpoint: { type: 'string' },
	ui: { type: 'string' },
	seed: { type: 'string' },
	help: { type: 'boolean', short: 'h' },
} as const;

export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): ParsedOptions {
	const problems: string[] = [];
	const flags = readFlags(args, problems);
	if (flags?.help === true) return { kind: 'help' };

	const number = (flag: 'rate' | 'minutes' | 'seed', variable: string, range: NumberRange): number => {
		const text = flags?.[flag] ?? nonEmpty(env[variable]) ?? String(range.default);
		const value = Number(text);
		if (text.trim() !== '' && value >= range.min && value <= range.max && (!range.isWhole || Number.isInteger(value)))
			return value;
		const kind = range.isWhole === true ? 'a whole number' : 'a number';
		problems.push(`--${flag} (${variable}) is "${text}"; ${kind} from ${range.min} to ${range.max} is needed`);
		return range.default;
	};
	const url = (flag: 'endpoint' | 'ui', variable: string, otherwise: string): string => {
		const text = flags?.[flag] ?? nonEmpty(env[variable]) ?? otherwise;
		if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text.replace(/\/+$/, '');
		problems.push(`--${flag} (${variable}) is "${text}"; an address such as ${otherwise} is needed`);
		return otherwise;
	};

	const endpoint = url('endpoint', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:4318');
	const options: DemoOptions = {
		ratePerSecond: number('rate', 'SPANHOUSE_DEMO_RATE', { default: 20, min: 0.1, max: 500 }),
		minutes: number('minutes', 'SPANHOUSE_DEMO_MINUTES', { default: 5, min: 0.1, max: 1_440 }),
		endpoint,
		uiUrl: url('ui', 'SPANHOUSE_DEMO_UI', uiBeside(endpoint)),
		seed: number('seed', 'SPANHOUSE_DEMO_SEED', { default: 1, min: 0, max: 2 ** 32 - 1, isWhole: true }),
	};
	return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'run', options };
}

interface NumberRange {
	default: number;
	min: number;
	max: number;
	isWhole?: boolean;
}

function readFlags(args: readonly string[], problems: string[]) {
	try {
		return parseArgs({ args: [...args], options: FLAGS, strict: true }).values;
	} catch (error) {
		problems.push(error instanceof Error ? error.message : String(error));
		return undefined;
	}
}

const nonEmpty = (value: string | undefined): string | undefined => (value?.trim() === '' ? undefined : value);

function uiBeside(endpoint: string): string {
	const url = new URL(endpoint);
	url.port = '4319';
	return url.origin;
}

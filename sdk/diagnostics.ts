import { diag, DiagLogLevel } from '@opentelemetry/api';
import type { DiagLogger } from '@opentelemetry/api';

const LEVELS: ReadonlyMap<string, DiagLogLevel> = new Map([
	['none', DiagLogLevel.NONE],
	['error', DiagLogLevel.ERROR],
	['warn', DiagLogLevel.WARN],
	['info', DiagLogLevel.INFO],
	['debug', DiagLogLevel.DEBUG],
	['verbose', DiagLogLevel.VERBOSE],
	['all', DiagLogLevel.ALL],
]);
/** Said where a process ends as soon as it has begun: its spans are sent without the id of the host then. */
const UNIMPORTANT = 'Accessing resource attributes before async attributes settled';
const repeatAfterMs = 60_000;
const maxRemembered = 100;
const maxLineLength = 1_000;

/** Warnings reach the person without any setting: a service that sends nothing and says nothing is the worst case. */
export function installDiagnostics(level: string | undefined): void {
	const logLevel = LEVELS.get(level?.trim().toLowerCase() ?? '') ?? DiagLogLevel.WARN;
	diag.setLogger(stderrLogger(), { logLevel, suppressOverrideMessage: true });
}

export function warn(message: string): void {
	process.stderr.write(`[spanhouse] ${message}\n`);
}

/** A line per message, and a message at most once a minute: an endpoint that is away fails every five seconds. */
function stderrLogger(): DiagLogger {
	const saidAtMs = new Map<string, number>();
	const say = (...parts: unknown[]): void => {
		const line = parts.map(toText).join(' ').slice(0, maxLineLength);
		if (line === UNIMPORTANT) return;
		const nowMs = Date.now();
		if (nowMs - (saidAtMs.get(line) ?? -Infinity) < repeatAfterMs) return;
		if (saidAtMs.size >= maxRemembered) saidAtMs.clear();
		saidAtMs.set(line, nowMs);
		warn(line);
	};
	return { error: say, warn: say, info: say, debug: say, verbose: say };
}

function toText(part: unknown): string {
	if (part instanceof Error) return part.message;
	if (typeof part === 'string') return messageOfJson(part) ?? part;
	try {
		return JSON.stringify(part) ?? String(part);
	} catch {
		return String(part);
	}
}

/** OpenTelemetry reports a failed export as JSON of an error with its stack; the message is what a person needs. */
function messageOfJson(text: string): string | undefined {
	if (!text.startsWith('{')) return undefined;
	try {
		const parsed: unknown = JSON.parse(text);
		if (typeof parsed !== 'object' || parsed === null || !('message' in parsed)) return undefined;
		const code = 'code' in parsed ? ` (${String(parsed.code)})` : '';
		return `${String(parsed.message) || 'the export failed'}${code}`;
	} catch {
		return undefined;
	}
}

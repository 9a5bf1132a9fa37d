import { randomBytes } from 'node:crypto';
import { sendTraces, whyUnreachable } from './doctor-probe.ts';
import type { Answer } from './doctor-probe.ts';
import { readSettings } from './settings.ts';

interface Examination {
	env: NodeJS.ProcessEnv;
	/** Where the screen is; undefined: on the endpoint's host, port 4319. */
	ui: string | undefined;
	say: (line: string) => void;
	/** How long the test span may take to be seen. */
	seenWithinMs?: number;
}

const requestTimeoutMs = 5_000;
/** `Date` has whole seconds, and the answer took its time. */
const clockToleranceMs = 30_000;

/** Tries each step on the way of a span, says how it went, and stops where the next can't be tried. Whether all is well. */
export async function examine({ env, ui, say, seenWithinMs = 15_000 }: Examination): Promise<boolean> {
	const settings = readSettings(env);
	const seen = { ...env, ...settings.environment };
	let isWell = true;
	const ok = (line: string) => say(`ok    ${line}`);
	const bad = (line: string) => {
		isWell = false;
		say(`FAIL  ${line}`);
	};
	if (settings.isDisabled) bad('OTEL_SDK_DISABLED is true: nothing is traced');
	for (const warning of settings.warnings) bad(warning);
	if (isWell) ok(`settings: ${seen['OTEL_SERVICE_NAME'] ?? 'unnamed'} sends to ${settings.endpoint}`);

	const protocol = seen['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? seen['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/json';
	const target = { endpoint: tracesUrl(seen, settings.endpoint, protocol), protocol, headers: headersOf(seen) };
	const traceId = randomBytes(16).toString('hex');
	let answer: Answer;
	try {
		answer = await sendTraces(target, testSpan(traceId, seen), requestTimeoutMs);
	} catch (error) {
		bad(whyUnreachable(error, target));
		return false;
	}
	ok(`${target.endpoint} answers`);
	if (!judge(answer, target.endpoint, { ok, bad })) return false;
	if (protocol === 'grpc') {
		say('-     over gRPC no span is sent: what was taken was an empty request');
		return isWell;
	}
	judgeClock(answer, { ok, bad });
	await lookFor(traceId, {
		base: ui ?? screenOf(settings.endpoint),
		token: env['SPANHOUSE_TOKEN'],
		seenWithinMs,
		ok,
		bad,
		say,
	});
	return isWell;
}

interface Verdicts {
	ok: (line: string) => void;
	bad: (line: string) => void;
}

/** Whether the span was taken. */
function judge({ status, text }: Answer, endpoint: string, { ok, bad }: Verdicts): boolean {
	const words = text === '' ? '' : `: ${text}`;
	if (status >= 200 && status < 300) {
		ok('protocol and key: what was sent was taken');
		return true;
	}
	if (status === 401 || status === 403)
		bad(`the key was not taken (${status})${words}. It goes into OTEL_EXPORTER_OTLP_HEADERS`);
	else if (status === 404 || status === 405)
		bad(`${endpoint} takes no traces (${status})${words}. Is the port that of OTLP, 4318?`);
	else if (status === 415 || status === 400) bad(`${endpoint} did not understand what was sent (${status})${words}`);
	else bad(`${endpoint} refused what was sent (${status})${words}`);
	return false;
}

function judgeClock({ date, receivedMs }: Answer, { ok, bad }: Verdicts): void {
	if (date === undefined) return;
	const aheadMs = receivedMs - date;
	if (Math.abs(aheadMs) <= clockToleranceMs) return ok('the clocks agree');
	const seconds = Math.round(Math.abs(aheadMs) / 1_000);
	bad(
		`the clock here is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the collector's: spans lie in the wrong window`,
	);
}

interface Search extends Verdicts {
	base: string;
	token: string | undefined;
	seenWithinMs: number;
	say: (line: string) => void;
}

/** Asks the API until the span is there. What can't be asked is said, and no failure. */
async function lookFor(traceId: string, { base, token, seenWithinMs, ok, bad, say }: Search): Promise<void> {
	const url = `${base.replace(/\/$/, '')}/api/v1/traces/${traceId}/otlp`;
	const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
	const deadline = Date.now() + seenWithinMs;
	for (;;) {
		let status: number;
		try {
			const answer = await fetch(url, { headers, signal: AbortSignal.timeout(requestTimeoutMs) });
			await answer.body?.cancel();
			status = answer.status;
		} catch {
			return say(`-     not looked for: no Spanhouse answers at ${base}; --ui tells where its screen is`);
		}
		if (status === 200) return ok(`the test span was seen: ${base.replace(/\/$/, '')}/trace/${traceId}`);
		if (status === 401) return say(`-     not looked for: ${base} wants a login; set SPANHOUSE_TOKEN to an API token`);
		if (Date.now() > deadline) {
			return bad(`the test span was taken, but not seen at ${base} within ${seenWithinMs / 1_000} s (${status})`);
		}
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
}

/** As exporters do: `/v1/traces` is added to the common endpoint, and nothing to that of traces. */
function tracesUrl(env: NodeJS.ProcessEnv, endpoint: string, protocol: string): string {
	if (protocol === 'grpc') return /^https?:/.test(endpoint) ? endpoint : `http://${endpoint}`;
	return (env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? '') === ''
		? `${endpoint.replace(/\/$/, '')}/v1/traces`
		: endpoint;
}

function headersOf(env: NodeJS.ProcessEnv): Record<string, string> {
	const list = env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '';
	const entries = list.split(',').flatMap((entry) => {
		const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(entry) ?? [];
		return name === undefined || value === undefined ? [] : [[name, decodeURIComponent(value)]];
	});
	return Object.fromEntries(entries) as Record<string, string>;
}

function screenOf(endpoint: string): string {
	const url = URL.parse(/^https?:/.test(endpoint) ? endpoint : `http://${endpoint}`);
	return `${url?.protocol ?? 'http:'}//${url?.hostname ?? 'localhost'}:4319`;
}

function testSpan(traceId: string, env: NodeJS.ProcessEnv): object {
	const nowNano = BigInt(Date.now()) * 1_000_000n;
	const service = { key: 'service.name', value: { stringValue: env['OTEL_SERVICE_NAME'] ?? 'spanhouse-doctor' } };
	const span = {
		traceId,
		spanId: randomBytes(8).toString('hex'),
		name: 'spanhouse doctor',
		kind: 1,
		startTimeUnixNano: String(nowNano - 1_000_000n),
		endTimeUnixNano: String(nowNano),
	};
	const scope = { name: '@spanhouse/sdk' };
	return { resourceSpans: [{ resource: { attributes: [service] }, scopeSpans: [{ scope, spans: [span] }] }] };
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TestSpanAnswer } from '../schema/api-status.ts';
import { ProblemError } from './problem.ts';

export const TEST_SERVICE = 'spanhouse-test';

/**
 * Sends one span to an OTLP/HTTP endpoint as an application would, through the socket: if this arrives, the way from
 * the listener to the screen works, and what is missing is on the application's side.
 */
export async function sendTestSpan(
	endpoint: string,
	nowMs: number,
	headers: Readonly<Record<string, string>>,
	/** Certificate of the endpoint where it has TLS: this process's own, whoever vouches for it. */
	certificate?: Buffer,
): Promise<TestSpanAnswer> {
	const traceId = randomBytes(16).toString('hex');
	const span = {
		traceId,
		spanId: randomBytes(8).toString('hex'),
		name: 'test span',
		kind: 1,
		startTimeUnixNano: `${nowMs - 42}000000`,
		endTimeUnixNano: `${nowMs}000000`,
		attributes: [{ key: 'spanhouse.test', value: { boolValue: true } }],
	};
	const resource = { attributes: [{ key: 'service.name', value: { stringValue: TEST_SERVICE } }] };
	const sent = JSON.stringify({
		resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'spanhouse' }, spans: [span] }] }],
	});
	const all = { ...headers, 'content-type': 'application/json' };
	const { status, body } = await post(`${endpoint}/v1/traces`, all, sent, certificate);
	if (status !== 200) throw new ProblemError(503, 'TEST_SPAN_REFUSED', `the OTLP listener answered ${status}: ${body}`);
	return { traceId, endMs: nowMs };
}

async function post(url: string, headers: Record<string, string>, body: string, certificate: Buffer | undefined) {
	const options = { method: 'POST', headers, signal: AbortSignal.timeout(10_000) };
	// It is made out to the name that others call us by, and need not end at an authority that this machine knows.
	const own = { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
	const sending = certificate === undefined ? request(url, options) : requestTls(url, { ...options, ...own });
	sending.end(body);
	const [answer] = (await once(sending, 'response')) as [IncomingMessage];
	return { status: answer.statusCode, body: await text(answer) };
}

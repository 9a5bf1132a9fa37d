import { randomBytes } from 'node:crypto';
import type { TestSpanAnswer } from '../schema/api-status.ts';
import { ProblemError } from './problem.ts';

/**
 * Sends one span to an OTLP/HTTP endpoint as an application would, through the socket: if this arrives, the way from
 * the listener to the screen works, and what is missing is on the application's side.
 */
export async function sendTestSpan(
	endpoint: string,
	nowMs: number,
	headers: Readonly<Record<string, string>>,
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
	const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'spanhouse-test' } }] };
	const answer = await fetch(`${endpoint}/v1/traces`, {
		method: 'POST',
		headers: { ...headers, 'content-type': 'application/json' },
		body: JSON.stringify({
			resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'spanhouse' }, spans: [span] }] }],
		}),
		signal: AbortSignal.timeout(10_000),
	});
	const body = await answer.text();
	if (answer.status !== 200)
		throw new ProblemError(503, 'TEST_SPAN_REFUSED', `the OTLP listener answered ${answer.status}: ${body}`);
	return { traceId, endMs: nowMs };
}

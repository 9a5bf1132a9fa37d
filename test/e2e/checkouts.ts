import { expect } from 'vitest';

export const SLOW = 'SELECT total FROM orders WHERE customer = ?';

/** Of the first, second … checkout of a service. */
export const checkoutId = (service: string, checkout: number): string =>
	(Buffer.from(service).toString('hex') + 'c'.repeat(32)).slice(0, 28) + checkout.toString(16).padStart(4, '0');

/** Checkouts that spend most of their time in one query, and some in another: three spans each, all in the last minute. */
export async function sendCheckouts(
	endpoint: string,
	{ service, traces }: { service: string; traces: number },
): Promise<void> {
	const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
	const spans = Array.from({ length: traces }, (_, i) => {
		const [traceId, began] = [checkoutId(service, i + 1), Date.now() - 60_000 + i * 1_000];
		const span = (id: number, more: object, from: number, to: number) => ({
			traceId,
			spanId: (i * 16 + id).toString(16).padStart(16, '0'),
			startTimeUnixNano: `${began + from}000000`,
			endTimeUnixNano: `${began + to}000000`,
			...more,
		});
		const parentSpanId = (i * 16 + 1).toString(16).padStart(16, '0');
		const query = (sql: string) => ({
			parentSpanId,
			kind: 3,
			name: 'query',
			attributes: [text('db.system.name', 'postgresql'), text('db.namespace', 'shop'), text('db.query.text', sql)],
		});
		return [
			span(1, { kind: 2, name: 'POST /pay', attributes: [text('http.route', '/pay')] }, 0, 700),
			span(2, query('SELECT price FROM items WHERE id = ?'), 10, 30),
			span(3, query(SLOW), 40, 690),
		];
	}).flat();
	const resource = { attributes: [text('service.name', service)] };
	const answer = await fetch(`${endpoint}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
	});
	expect(answer.status).toBe(200);
}

import { expect, test } from 'vitest';
import { callerOf } from './query-callers.ts';
import type { SpanAbove } from './query-callers.ts';

const place = (name: string) => ({ function: name, file: '', line: null });
const above = (spanId: string, parentSpanId: string, facts: Partial<SpanAbove> = {}): [string, SpanAbove] => [
	spanId,
	{ spanId, parentSpanId, service: 'cart', operation: `op ${spanId}`, isEntry: false, code: undefined, ...facts },
];
const call = { parentSpanId: 'a', service: 'cart', code: undefined };

test('the nearest request above a call, and the nearest place in the code up to it', () => {
	const spans = new Map([
		above('a', 'b'),
		above('b', 'c', { code: place('Repo.find') }),
		above('c', 'd', { isEntry: true, code: place('Handler.get') }),
		above('d', '', { isEntry: true, code: place('never') }),
	]);
	expect(callerOf(call, spans)).toEqual({ spanId: 'c', operation: 'op c', code: place('Repo.find') });
	expect(callerOf({ ...call, code: place('own') }, spans).code).toEqual(place('own'));
	expect(callerOf({ ...call, parentSpanId: 'c' }, spans).code).toEqual(place('Handler.get'));
});

test('without a request the highest span of the service; nobody where not even the parent is there', () => {
	expect(callerOf(call, new Map([above('a', 'b'), above('b', 'gone')]))).toMatchObject({ spanId: 'b' });
	expect(callerOf(call, new Map([above('a', 'b'), above('b', '', { service: 'web' })]))).toMatchObject({ spanId: 'a' });
	expect(callerOf(call, new Map())).toEqual({ spanId: '', operation: '', code: undefined });
});

test('spans that lie in a circle end', () => {
	expect(callerOf(call, new Map([above('a', 'b'), above('b', 'a')])).operation).toMatch(/^op [ab]$/);
});

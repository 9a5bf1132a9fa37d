import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { completionContext } from './completion-context.ts';
import type { CompletionContext } from './completion-context.ts';

test.each<[string, CompletionContext | undefined]>([
	['|', { kind: 'key', from: 0, typed: '' }],
	['serv|', { kind: 'key', from: 0, typed: 'serv' }],
	['error:true htt|', { kind: 'key', from: 11, typed: 'htt' }],
	['-serv|', { kind: 'key', from: 1, typed: 'serv' }],
	['(serv|', { kind: 'key', from: 1, typed: 'serv' }],
	['{ser|} >> {a}', { kind: 'key', from: 1, typed: 'ser' }],
	['has:htt|', { kind: 'key', from: 4, typed: 'htt' }],
	['service:|', { kind: 'value', from: 8, typed: '', key: 'service' }],
	['a b -http.route:/ca|', { kind: 'value', from: 16, typed: '/ca', key: 'http.route' }],
	['service:"shop/che|', { kind: 'value', from: 8, typed: 'shop/che', key: 'service' }],
	['service:"a b|', { kind: 'value', from: 8, typed: 'a b', key: 'service' }],
	['"odd key":v|', { kind: 'value', from: 10, typed: 'v', key: '"odd key"' }],
	['resource.host.name!=x|', { kind: 'value', from: 20, typed: 'x', key: 'resource.host.name' }],
	['service:(a OR che|', { kind: 'value', from: 14, typed: 'che', key: 'service' }],
	['"a phrase|', undefined],
	['name~"GET|', undefined],
])('%s', (text, expected) => {
	const position = text.indexOf('|');
	expect(completionContext(text.replace('|', ''), position)).toEqual(expected);
});

test('whatever is typed, what is offered replaces what stands before the caret', () => {
	fc.assert(
		fc.property(fc.string({ maxLength: 60 }), fc.nat(60), (text, at) => {
			const position = Math.min(at, text.length);
			const context = completionContext(text, position);
			if (context === undefined) return;
			expect(context.from).toBeGreaterThanOrEqual(0);
			expect(context.from).toBeLessThanOrEqual(position);
		}),
	);
});

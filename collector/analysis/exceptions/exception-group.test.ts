import { expect, test } from 'vitest';
import { groupException } from './exception-group.ts';
import { maskMessage } from './mask-message.ts';

const stack = (...frames: string[]) => `Error: x\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;
const keyOf = (message: string, trace: string, type = 'Error') => groupException({ type, message, stack: trace }).key;

test.each([
	['order 4711 not found', 'order {n} not found'],
	["user \"bob\" and 'ann' can't log in", "user {text} and {text} can't log in"],
	['GET https://shop.example/a?b=1 failed with 503', 'GET {url} failed with {n}'],
	['connect ECONNREFUSED 10.0.0.7:5432', 'connect ECONNREFUSED {address}'],
	['no key 5f0c6a3e-1111-4222-8333-944445555666 in deadbeef01', 'no key {id} in {id}'],
	['mail to ann.b@shop.example bounced', 'mail to {email} bounced'],
	['Object@1b2c3d4e is closed', 'Object{id} is closed'],
	['decade feedface', 'decade feedface'],
	['first line 1\nsecond line', 'first line {n}'],
])('%s reads %s', (message, masked) => {
	expect(maskMessage(message)).toBe(masked);
});

test('with frames the message does not decide, nor do lines, folders, build hashes and who called', () => {
	const one = keyOf(
		'a',
		stack(
			'charge (/srv/1/pay.3f2a9b1c.js:51:1)',
			'place (/srv/1/order.js:1:1)',
			'run (/srv/1/x.js:1:1)',
			'web (/srv/a.js:1:1)',
		),
	);
	const other = keyOf(
		'b',
		stack(
			'charge (/srv/2/pay.99ab01cd.js:77:9)',
			'place (/srv/2/order.js:8:1)',
			'run (/srv/2/x.js:2:1)',
			'cron (/srv/b.js:1:1)',
		),
	);
	expect(one).toBe(other);
});

test('with frames another own frame or another type decides', () => {
	const base = keyOf('a', stack('charge (/app/pay.js:51:1)'));
	expect(keyOf('a', stack('refund (/app/pay.js:51:1)'))).not.toBe(base);
	expect(keyOf('a', stack('charge (/app/pay.js:51:1)'), 'TypeError')).not.toBe(base);
});

test('library frames decide only where there are no others, and recursion is one frame', () => {
	const library = 'parse (/app/node_modules/json/a.js:1:1)';
	expect(keyOf('', stack(library, 'a (/app/a.js:1:1)'))).toBe(keyOf('', stack('a (/app/a.js:2:1)')));
	expect(keyOf('', stack(library))).not.toBe(keyOf('', stack('read (/app/node_modules/json/a.js:1:1)')));
	const deep = Array.from({ length: 40 }, () => 'walk (/app/tree.js:1:1)');
	expect(keyOf('', stack(...deep, 'a (/app/a.js:1:1)'))).toBe(
		keyOf('', stack('walk (/app/tree.js:1:1)', 'a (/app/a.js:1:1)')),
	);
});

test('without frames the masked message decides', () => {
	expect(keyOf('order 1', '')).toBe(keyOf('order 22', 'Error: order 22'));
	expect(keyOf('order 1', '')).not.toBe(keyOf('invoice 1', ''));
});

test('title and culprit are what a person looks at first', () => {
	const trace = stack('q (/app/node_modules/pg/client.js:1:1)', 'charge (/app/src/pay.js:51:11)');
	expect(groupException({ type: 'Timeout', message: 'after 1500 ms', stack: trace })).toMatchObject({
		title: 'after {n} ms',
		culprit: 'charge · pay.js:51',
	});
	expect(groupException({ type: 'Timeout', message: '', stack: '' })).toMatchObject({ title: 'Timeout', culprit: '' });
});

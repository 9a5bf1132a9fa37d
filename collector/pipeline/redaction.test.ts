import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor } from './redaction.ts';
import { patternRule } from './redaction-rules.ts';

const redactor = new Redactor();
const redact = (key: string, value: string) => redactor.redact(key, value);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';
const key = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';

describe('addresses', () => {
	test.each([
		// Source: semantic conventions, docs/http/http-spans.md and registry, url.*.
		['url.full', 'https://user:pass@www.example.com/', 'https://REDACTED:REDACTED@www.example.com/', 'url-credentials'],
		[
			'url.full',
			'https://www.example.com/path?color=blue&sig=secret',
			'https://www.example.com/path?color=blue&sig=REDACTED',
			'query-key',
		],
		[
			'url.query',
			'q=OpenTelemetry&AWSAccessKeyId=abc&X-Amz-Credential=a%2Fb',
			'q=OpenTelemetry&AWSAccessKeyId=REDACTED&X-Amz-Credential=REDACTED',
			'query-key',
		],
		[
			'http.url',
			'http://h/p?access_token=a&b=c#id_token=d',
			'http://h/p?access_token=REDACTED&b=c#id_token=REDACTED',
			'query-key',
		],
		['http.target', '/p?Api-Key=a;apiKey=b;x', '/p?Api-Key=REDACTED;apiKey=REDACTED;x', 'query-key'],
		['http.target', '/p?%74oken=a', '/p?%74oken=REDACTED', 'query-key'],
		['url.query', '?token=a=b', '?token=REDACTED', 'query-key'],
		['http.request.header.referer', 'http://h/?password=a', 'http://h/?password=REDACTED', 'query-key'],
		[
			'db.connection_string',
			'postgres://u:p%40ss@h:5432/db',
			'postgres://REDACTED:REDACTED@h:5432/db',
			'url-credentials',
		],
		[
			'url.full',
			'https://ghtoken@github.com/a and redis://:pw@h',
			'https://REDACTED@github.com/a and redis://REDACTED:REDACTED@h',
			'url-credentials',
		],
	])('%s %s', (key, value, expected, rule) => {
		expect(redact(key, value)).toEqual({ value: expected, rule });
	});
	test.each([
		['url.full', 'https://www.example.com/path?color=blue&Sig=x'],
		['url.full', 'ssh://git@example.com/repo'],
		['url.full', 'https://example.com/@user?to=a@b.c'],
		['url.full', 'https://h/?token=&x'],
		['url.query', ''],
		['note', 'token=a'],
		['note', 'mail joe@example.com'],
		['url.full', 'https://h/?token=%'.slice(0, -1)],
	])('%s %s stays', (key, value) => {
		expect(redact(key, value)).toBeUndefined();
	});
});

describe('attributes that are secret as a whole', () => {
	test.each([
		'http.request.header.authorization',
		'http.request.header.cookie',
		'http.response.header.set-cookie',
		'http.response.header.set_cookie',
		'rpc.request.metadata.Authorization',
		'db.query.parameter.password',
		'app.clientSecret',
		'API_KEY',
	])('%s', (key) => {
		expect(redact(key, 'anything')).toEqual({ value: 'REDACTED', rule: 'attribute' });
		expect(redactor.redactAnyValue(key, '{"arrayValue":{"values":[{"stringValue":"x"}]}}')).toEqual({
			value: '{"stringValue":"REDACTED"}',
			rule: 'attribute',
		});
	});
	test.each([
		'http.request.header.content-type',
		'gen_ai.token.type',
		'password.length',
		'__proto__',
		'constructor',
		'',
	])('%s is none', (key) => {
		expect(redact(key, 'anything')).toBeUndefined();
	});
});

describe('secrets by their form', () => {
	test.each([
		['json-web-token', `got ${jwt}, failed`, 'got REDACTED, failed'],
		['authorization', 'curl -H "Authorization: Bearer abcDEF123"', 'curl -H "Authorization: Bearer REDACTED"'],
		['authorization', 'basic dXNlcjpwYXNz', 'basic REDACTED'],
		['aws-access-key', 'key AKIAIOSFODNN7EXAMPLE.', 'key REDACTED.'],
		[
			'private-key',
			`-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n${key}\n-----END RSA PRIVATE KEY----- x`,
			'REDACTED x',
		],
		['private-key', `-----BEGIN PRIVATE KEY-----\n${key}`, 'REDACTED'],
		['github-token', `ghp_${'a1'.repeat(18)}`, 'REDACTED'],
		['slack-token', 'xoxb-123456789012-abc', 'REDACTED'],
		['stripe-key', `sk_live_${'a'.repeat(24)}`, 'REDACTED'],
		['google-api-key', `AIza${'a'.repeat(35)}`, 'REDACTED'],
		['password-setting', 'Server=h;User=a;Password=p;Database=d', 'Server=h;User=a;Password=REDACTED;Database=d'],
		['password-setting', 'run --password=p x', 'run --password=REDACTED x'],
	])('%s in %s', (rule, value, expected) => {
		expect(redact('note', value)).toEqual({ value: expected, rule });
	});
	test.each([
		'bearer authentication',
		'Basic information',
		'eyJust a word',
		'AKIA',
		'SELECT a FROM t WHERE password=$1',
		'sk_live_',
		'5f6c-2b',
	])('%s is none', (value) => {
		expect(redact('note', value)).toBeUndefined();
	});
	test('of two secrets both go', () => {
		expect(redact('note', `AKIAIOSFODNN7EXAMPLE http://a:b@c ${jwt}`)?.value).toBe(
			'REDACTED http://REDACTED:REDACTED@c REDACTED',
		);
	});
	test('JSON stays JSON', () => {
		const secrets = [
			jwt,
			'http://a:b@c',
			'Bearer abcDEF123"',
			`-----BEGIN PRIVATE KEY-----\n${key}"\\`,
			';password=a\\"b',
		];
		const json = JSON.stringify({ arrayValue: { values: secrets.map((stringValue) => ({ stringValue })) } });
		const redacted = redactor.redactAnyValue('note', json)?.value ?? '';
		expect(() => JSON.parse(redacted) as unknown).not.toThrow();
		expect(redacted).not.toContain('abcDEF123');
	});
});

test('secret members of maps go, however deep, and the rest stays exact', () => {
	const member = (key: string, value: object) => ({ key, value });
	const map = (...values: object[]) => ({ kvlistValue: { values } });
	const said = { stringValue: '{"key":"password"}' };
	const json = (pin: object) =>
		JSON.stringify({
			arrayValue: { values: [map(member('a', map(member('user.password', pin), member('n', said))))] },
		});
	expect(redactor.redactAnyValue('note', json({ intValue: '9007199254740993' }))).toEqual({
		value: json({ stringValue: 'REDACTED' }),
		rule: 'attribute',
	});
	expect(redactor.redactAnyValue('note', json({ stringValue: 'REDACTED' }))).toBeUndefined();
	expect(
		redactor.redactAnyValue('note', JSON.stringify(map(member('a"', said), member('__proto__', said)))),
	).toBeUndefined();
});

test('numbers of credit cards go when asked for', () => {
	const withCards = new Redactor({ creditCards: true });
	const value = 'paid with 4111 1111 1111 1111 for 1234567890123';
	expect(redact('note', value)).toBeUndefined();
	expect(withCards.redact('note', value)).toEqual({
		value: 'paid with REDACTED for 1234567890123',
		rule: 'credit-card',
	});
	expect(withCards.mayHoldSecret('text', bytesOf(value))).toBe(true);
	expect(withCards.mayHoldSecret('text', bytesOf('at 2024-01-01'))).toBe(false);
});

test('keys, attributes and forms of your own', () => {
	const own = new Redactor({
		queryKeys: ['voucher'],
		attributes: ['app.pin'],
		rules: [patternRule('badge', ['BADGE-'], /BADGE-\d+/g)],
	});
	expect(own.redact('url.query', 'Voucher=1')?.value).toBe('Voucher=REDACTED');
	expect(own.redact('app.pin', '1')?.value).toBe('REDACTED');
	expect(own.redact('note', 'my BADGE-12')).toEqual({ value: 'my REDACTED', rule: 'badge' });
	expect(own.redact('other.pin', '1')).toBeUndefined();
});

const piece = fc.constantFrom(
	jwt,
	'http://a:b@c/?token=x',
	'Bearer abcDEF123',
	'-----BEGIN PRIVATE KEY-----',
	'AKIAIOSFODNN7EXAMPLE',
	' ',
	'é',
	'=',
	'?',
	';password=q',
	'xox',
	'b-1234567890',
	'eyJ',
	'\u{1f600}',
);
const text = fc.oneof(
	fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
	fc.string({ unit: 'binary' }),
);
const attribute = fc.constantFrom('note', 'url.full', 'url.query', 'http.request.header.cookie');

test('what is redacted needs no redaction', () => {
	fc.assert(
		fc.property(attribute, text, (key, value) => {
			const once = redact(key, value)?.value ?? value;
			expect(redact(key, once)).toBeUndefined();
		}),
		{ numRuns: 1000 },
	);
});

test('the look at the bytes misses nothing that would be redacted', () => {
	fc.assert(
		fc.property(attribute, text, (key, value) => {
			const bytes = bytesOf(`<${value}>`);
			const mayHold = redactor.mayHoldSecret(redactor.classOf(key), bytes, 1, bytes.length - 1);
			expect(mayHold || redact(key, value) === undefined).toBe(true);
		}),
		{ numRuns: 1000 },
	);
});

test('hostile values take no longer than they are', () => {
	const pieces = [
		'eyJ-',
		'eyJaaaaa.',
		'://',
		'://a:b',
		'@',
		'-----BEGIN PRIVATE KEY-----',
		'Bearer a',
		'xoxb-',
		'-----BEGIN A',
		'&a=',
		';password=',
		'AKIA',
		'ghp_',
	];
	for (const piece of pieces) {
		for (const key of ['url.full', 'note']) {
			const value = `@${piece.repeat(Math.ceil(200_000 / piece.length))}`;
			// Some 20 ms; quadratic time would be many seconds, and all of them too many for one test.
			expect(redact(key, value)?.value.length ?? 0).toBeLessThan(value.length * 4);
		}
	}
});

test('more rules than fit are refused', () => {
	const rule = patternRule('x', ['xx'], /xx/g);
	expect(() => new Redactor({ rules: Array.from({ length: 30 }, () => rule) })).toThrow('at most 31');
});

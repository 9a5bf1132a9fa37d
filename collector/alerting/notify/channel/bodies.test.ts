import { expect, test } from 'vitest';
import { notificationBody } from '../../../../schema/notification.ts';
import { firing, resolved } from '../../../../test/support/transitions.ts';
import type { Transition } from '../../transition.ts';
import type { StoredDelivery } from '../outbox/delivery.ts';
import { alertmanagerAlerts } from './alertmanager.ts';
import { mailOf } from './mail.ts';
import { messageOf } from './message.ts';
import type { Message } from './message.ts';
import { pagerDutyEvent } from './pagerduty.ts';
import { fillPlaceholders } from './placeholders.ts';
import { oneLine } from './plain-text.ts';
import { requestFor } from './requests.ts';
import { sampleDelivery } from './sample.ts';
import { slackBody } from './slack.ts';
import { teamsBody } from './teams.ts';
import { webhookBody } from './webhook.ts';

const noon = Date.UTC(2026, 10, 28, 12);

function message(transitions: Transition[], more: Partial<StoredDelivery> = {}): Message {
	const sample = sampleDelivery('default', 'oncall', 'firing', noon);
	const alerts = transitions.map((transition) => ({ transition, isNew: true }));
	return messageOf(
		{ ...sample, key: 'checkout-is-slow/0123456789abcdef/1', alerts, ...more },
		'https://spanhouse.example/base',
	);
}

const evidence: NonNullable<Transition['evidence']> = {
	requests: 412,
	ofRequests: 1_820,
	difference: {
		key: 'app.version',
		value: 'v93',
		selected: 400,
		rest: 14,
		selectedRatio: 0.97,
		restRatio: 0.01,
		score: 0.96,
	},
	comparedWith: 'rest',
	change: { changeId: 'c1', title: 'v93', service: 'shop/checkout', tMs: noon - 120_000 },
	violating: { traceId: 'ab'.repeat(16), endMs: noon - 5_000, operation: 'POST /checkout', durationNano: 2e9 },
};
const told = (
	transition = firing({ evidence, budgetLeftRatio: 0.284, group: { 'http.route': '/checkout' } }),
): Message => message([transition]);
const textOf = (value: unknown): string => JSON.stringify(value);

test('a message says what, where, since when, value and threshold, what is different, the change before and the budget left', () => {
	const [alert] = told().alerts;
	expect(alert?.facts).toEqual([
		{ name: 'Severity', text: 'page' },
		{ name: 'Service', text: 'shop/checkout' },
		{ name: 'http.route', text: '/checkout' },
		{ name: 'Since', text: '2026-11-28T12:00:00Z' },
		{ name: 'p95', text: '912 ms, threshold 800 ms' },
		{ name: 'Budget left', text: '28.4 %' },
		{ name: 'Requests', text: '412 of 1820' },
		{ name: 'What is different', text: 'app.version = v93: 97 % of these, 1 % of the others' },
		{ name: 'Changed before', text: 'v93 (shop/checkout) at 2026-11-28T11:58:00Z' },
	]);
	expect(alert?.links).toEqual([
		{ name: 'Open', url: `https://spanhouse.example/base/firings/f1?from=${noon - 300_000}&to=${noon}` },
		{
			name: 'A trace that shows it',
			url: `https://spanhouse.example/base/trace/${'ab'.repeat(16)}?at=${noon - 5_000}`,
		},
		{ name: 'Runbook', url: 'https://runbooks.example/checkout' },
	]);
	const before = { ...evidence, comparedWith: 'hourBefore' as const };
	expect(told(firing({ evidence: before })).alerts[0]?.facts).toContainEqual({
		name: 'What is different',
		text: 'app.version = v93: 97 % of these, 1 % in the hour before',
	});
	const [ended] = message([resolved({ evidence, budgetLeftRatio: -0.5 })]).alerts;
	expect(ended?.facts.slice(2)).toEqual([
		{ name: 'Since', text: '2026-11-28T12:00:00Z' },
		{ name: 'Ended', text: '2026-11-28T12:01:00Z, recovered' },
		{ name: 'p95', text: '500 ms, threshold 800 ms' },
		{ name: 'Budget left', text: '-50 %' },
	]);
});

test('every channel says each of these facts', () => {
	const bodies = [slackBody(told()), teamsBody(told()), pagerDutyEvent(told(), 'k'), alertmanagerAlerts(told())];
	const mail = mailOf(told(), 'a@example.com', ['b@example.com']);
	for (const text of [...bodies.map(textOf), mail.text, mail.html]) {
		const plain = text.replaceAll(/\\\\?/g, '');
		for (const { text: fact } of told().alerts[0]?.facts ?? []) expect(plain).toContain(fact);
		expect(plain).toContain('/firings/f1?from=');
		expect(plain).toContain('/trace/');
	}
});

test('several alerts are counted, and what is not listed, too', () => {
	const many = Array.from({ length: 20 }, (_, index) => firing({ group: { id: String(index) } }));
	const group = { service: 'shop/checkout' };
	expect(message([...many, resolved()], { group, omitted: 3 }).title).toBe('23 firing, 1 resolved: shop/checkout');
	expect(message([resolved(), resolved({ rule: 'other' })], { group: {} })).toMatchObject({
		title: '2 resolved',
		state: 'resolved',
	});
	expect(message([firing({ severity: 'ticket' }), firing()]).severity).toBe('page');
	expect(textOf(slackBody(message(many, { omitted: 3 })))).toContain('and 13 more');
	expect(textOf(teamsBody(message(many, { omitted: 3 })))).toContain('and 18 more');
	expect(mailOf(message(many, { omitted: 3 }), 'a', ['b']).text).toContain('and 3 more');
});

const hostile =
	'<!channel> <https://evil.example|click> & "quoted" \'single\' `code` *bold* _it_ ~st~ [link](https://evil.example) <script>alert(1)</script> {{value}} \r\nBcc: evil@example.com\u202e\u0000';

test('what telemetry says stays text in every channel', () => {
	const about = told(
		firing({
			title: hostile,
			services: [hostile],
			group: { [hostile]: hostile },
			labels: { team: hostile },
			annotations: { summary: hostile, runbook: 'javascript:alert(1)' },
			evidence: {
				...evidence,
				difference: { key: hostile, value: hostile, selected: 1, rest: 1, selectedRatio: 1, restRatio: 0, score: 1 },
				change: { changeId: 'c', title: hostile, service: hostile, tMs: noon },
			},
		}),
	);
	expect(about.alerts[0]?.links.map(({ name }) => name)).toEqual(['Open', 'A trace that shows it']);
	const slack = slackBody(about) as {
		text: string;
		blocks: { type: string; elements?: { type: string; text: string }[] }[];
	};
	expect(slack.text).not.toMatch(/[<>]/);
	const marked = slack.blocks.flatMap(({ elements }) => elements ?? []).filter(({ type }) => type === 'mrkdwn');
	expect(marked.length).toBeGreaterThan(0);
	for (const { text } of marked) expect(text).not.toContain('evil');
	const card = textOf(teamsBody(about));
	expect(card).not.toMatch(/[^\\]\[link/);
	expect(card).toContain(String.raw`\\[link\\]\\(https://evil.example\\)`);
	const mail = mailOf(about, `a@example.com\r\nBcc: evil@example.com`, ['b@example.com\nCc: evil@example.com']);
	expect([mail.subject, mail.from, ...mail.to].join('')).not.toMatch(/[\r\n]/);
	expect(mail.html).not.toContain('<script>');
	expect(mail.html).toContain('&lt;script&gt;');
	for (const unruly of ['\u0000', '\u202e']) expect(mail.html).not.toContain(unruly);
	for (const text of [textOf(slack), card, mail.text])
		for (const unruly of ['\u0000', '\u202e', String.raw`\u0000`]) expect(text).not.toContain(unruly);
});

test('bodies stay within what their readers take, however long the texts are', () => {
	const long = '<*'.repeat(5_000);
	const group = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [`${index}${long}`, long]));
	const many = Array.from({ length: 50 }, (_, index) =>
		firing({
			title: long,
			services: [long, long],
			group: { ...group, id: String(index) },
			annotations: { summary: long },
			evidence,
		}),
	);
	const about = message(many);
	const { blocks, text } = slackBody(about) as { text: string; blocks: Block[] };
	interface Block {
		text?: { text: string };
		fields?: { text: string }[];
		type: string;
	}
	expect(blocks.length).toBeLessThanOrEqual(50);
	expect(text.length).toBeLessThanOrEqual(3_000);
	for (const block of blocks) {
		expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3_000);
		expect(block.fields?.length ?? 1).toBeLessThanOrEqual(10);
		for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
	}
	expect(Buffer.byteLength(textOf(teamsBody(about)))).toBeLessThanOrEqual(28 * 1024);
	const event = pagerDutyEvent(message([firing({ rule: 'r'.repeat(400), title: long })]), 'k') as {
		dedup_key: string;
		payload: { summary: string };
	};
	expect(event.dedup_key.length).toBeLessThanOrEqual(255);
	expect(event.payload.summary.length).toBeLessThanOrEqual(1_024);
	expect(Buffer.byteLength(textOf(event))).toBeLessThanOrEqual(512 * 1024);
	expect(mailOf(about, 'a', ['b']).subject.length).toBeLessThanOrEqual(200);
});

test('PagerDuty: pages are critical, tickets warnings, and the end has the key of the beginning', () => {
	const event = (transition: Transition) => pagerDutyEvent(message([transition]), 'routing') as Record<string, never>;
	const page = event(firing());
	expect(page).toMatchObject({
		routing_key: 'routing',
		event_action: 'trigger',
		payload: {
			severity: 'critical',
			source: 'shop/checkout',
			summary: 'shop/checkout p95 is 912 ms',
			timestamp: '2026-11-28T12:00:00.000Z',
		},
	});
	expect(event(firing({ severity: 'ticket' }))).toMatchObject({ payload: { severity: 'warning' } });
	const end = event(resolved());
	expect(end).toMatchObject({ event_action: 'resolve', dedup_key: page['dedup_key'] });
	expect(event(firing({ group: { x: '1' } }))['dedup_key']).not.toBe(page['dedup_key']);
});

test('Alertmanager: names it takes, and an end', () => {
	const about = told(firing({ group: { 'http.route': '/cart', '1st': 'x', empty: '' }, evidence }));
	expect(alertmanagerAlerts({ ...about, validUntilMs: noon + 8 * 3_600_000 })).toMatchObject([
		{
			labels: {
				alertname: 'checkout-is-slow',
				severity: 'page',
				team: 'shop',
				http_route: '/cart',
				_1st: 'x',
				service: 'shop/checkout',
			},
			startsAt: '2026-11-28T12:00:00.000Z',
			endsAt: '2026-11-28T20:00:00.000Z',
		},
	]);
	const [ended] = alertmanagerAlerts(message([resolved()])) as { endsAt: string; labels: object }[];
	expect(ended?.endsAt).toBe('2026-11-28T12:01:00.000Z');
	const url = (text: string) => requestFor('alertmanager', about, { url: text, secret: 'token' }, noon);
	expect(url('https://am.example/').url).toBe('https://am.example/api/v2/alerts');
	expect(url('https://am.example/x/api/v2/alerts').url).toBe('https://am.example/x/api/v2/alerts');
	expect(url('https://am.example').headers).toMatchObject({
		authorization: 'Bearer token',
		'content-type': 'application/json',
	});
});

test('a webhook body holds to its schema, of what ended and what has no evidence, too', () => {
	for (const transition of [
		firing({ evidence }),
		firing(),
		resolved(),
		firing({ value: null, kind: 'SLO', unit: 'ratio' }),
	])
		expect(notificationBody.strict().safeParse(webhookBody(message([transition]))).error).toBeUndefined();
});

test('keys with characters that headers refuse are encoded', () => {
	const request = requestFor(
		'webhook',
		message([firing()], { key: 'größe\r\nx: y/1' }),
		{ url: 'https://x', secret: 's' },
		noon,
	);
	expect(request.headers['idempotency-key']).toBe('gr%C3%B6%C3%9Fe%0D%0Ax:%20y/1');
});

test.each([
	['{{service}} p95 is {{value}}', 'shop/checkout p95 is 912 ms'],
	['{{ severity }} since {{since}}: {{threshold}}', 'page since 2026-11-28T12:00:00.000Z: 800 ms'],
	['{{team}} {{http.route}}', 'shop {{value}}'],
	[
		'{{unknown}} {{ two words }} {{}} {value} {{{alert}}}',
		'{{unknown}} {{ two words }} {{}} {value} {checkout-is-slow}',
	],
	['{{constructor}} {{__proto__}}', '{{constructor}} {{__proto__}}'],
])('%s becomes %s', (text, filled) => {
	expect(fillPlaceholders(text, firing({ group: { 'http.route': '{{value}}' } }))).toBe(filled);
});

test('one line stays one line and whole characters', () => {
	expect(oneLine('a\r\n\u2028b\u0007\u2066c', 10)).toBe('a b c');
	expect(oneLine('😀😀😀', 4)).toBe('😀�…');
	expect(oneLine('\ud83d', 5)).toBe('�');
});

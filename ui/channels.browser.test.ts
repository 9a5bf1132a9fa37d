import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { sessionAnswer } from './testing/access-answers.ts';
import { channelDocument, delivery, firing, firingsAnswer } from './testing/alert-answers.ts';
import { channelStatus, silence } from './testing/config-answers.ts';
import { never, storeAway } from './testing/fake-server.ts';
import { NOW_MS } from './testing/now.ts';
import { expectAccessible, openApp } from './testing/open-app.ts';
import { formatWindow } from './lib/time-format.ts';
import type { SilenceStatus } from '../schema/api-notify.ts';

const path = '/settings/channels';
const heartbeat = { name: 'watchdog', lastMs: null, lastStatus: null, lastError: null, withheld: true };
const full = {
	'/channels': () => ({
		channels: [
			channelStatus('oncall'),
			channelStatus('mail', { type: 'email', failing: true, lastStatus: 550, lastError: 'refused', waiting: 3 }),
			channelStatus('hook', {
				type: 'webhook',
				problem: 'a channel of type webhook needs url',
				lastMs: null,
				lastStatus: null,
			}),
		],
		heartbeats: [heartbeat],
	}),
	'/config/documents': () => ({ documents: [channelDocument('oncall'), channelDocument('mail', { type: 'email' })] }),
	'/silences': () => ({ silences: [silence()] }),
	'/deliveries': () => ({ deliveries: [delivery()] }),
};

test('channels with their last answer, silences, heartbeats, what was told', async () => {
	const { screen } = await openApp(path, full);
	const channels = screen.getByRole('region', { name: 'Channels' });
	await expect
		.element(channels.getByRole('row', { name: /oncall/ }))
		.toMatchTextContent(/Slack.*Works.*200.*12 m ago/s);
	await expect
		.element(channels.getByRole('row', { name: /mail/ }))
		.toMatchTextContent(/E-mail.*Fails.*550 refused.*3/s);
	await expect.element(channels.getByRole('row', { name: /hook/ })).toMatchTextContent(/Fails.*needs url/s);
	await expect
		.element(screen.getByRole('region', { name: 'Silences' }))
		.toMatchTextContent(/alert=checkout-is-slow.*ends in 45 m.*deploy.*mara/s);
	await expect.element(screen.getByText('withheld: rules are not evaluated')).toBeVisible();
	await expect.element(screen.getByRole('region', { name: 'Notifications' })).toMatchTextContent(/oncall.*Delivered/s);
	await expectAccessible();
});

test('a test says how it went by the status alone', async () => {
	const { screen } = await openApp(path, {
		...full,
		'/channels/mail/test': () => ({ ok: false, status: 550, error: 'refused' }),
	});
	const row = screen.getByRole('region', { name: 'Channels' }).getByRole('row', { name: /mail/ });
	await row.getByRole('button', { name: 'Test' }).click();
	await expect.element(screen.getByText('mail did not take the test: 550 refused')).toBeVisible();
});

test('a test is for admins', async () => {
	const bo = { name: 'bo@example.com', role: 'editor' as const, projects: null };
	const { screen } = await openApp(path, { ...full, '/session': () => sessionAnswer({ user: bo }) });
	const test = screen.getByRole('row', { name: /mail/ }).getByRole('button', { name: 'Test' });
	await expect.element(test).toBeDisabled();
	await expect.element(test).toHaveAttribute('title', 'Only an admin can send a test');
});

test('a new channel: only the fields of its type, what is missing told', async () => {
	const saved: unknown[] = [];
	const answers = {
		...full,
		'/config/Channel/pager': (_: URL, init?: RequestInit) => {
			saved.push([new Headers(init?.headers).get('if-none-match'), JSON.parse(init?.body as string)]);
			return channelDocument('pager');
		},
	};
	const { screen, history } = await openApp(path, answers);
	await screen.getByRole('button', { name: 'New channel' }).click();
	expect(history.text).toBe(`${path}?edit=+`);
	await screen.getByRole('textbox', { name: /Name/ }).fill('pager');
	await screen.getByRole('combobox', { name: 'Type' }).selectOptions('PagerDuty');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('is needed')).toBeVisible();
	await expect.element(screen.getByRole('textbox', { name: /Routing key/ })).toHaveFocus();
	await expectAccessible();
	await screen.getByRole('textbox', { name: /Routing key/ }).fill('${env:PAGERDUTY_KEY}');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('Saved: pager')).toBeVisible();
	expect(saved).toMatchObject([
		['*', { kind: 'Channel', spec: { type: 'pagerduty', secret: '${env:PAGERDUTY_KEY}', sendResolved: true } }],
	]);
	expect(history.text).toBe(path);
});

test('a silence is made by labels and ended by a press', async () => {
	const asked: unknown[] = [];
	const note = (url: URL, init?: RequestInit) => {
		if (init?.method === 'GET' || init?.method === undefined) return { silences: [silence()] };
		asked.push([
			init.method,
			url.pathname.split('/').at(-1),
			init.body == null ? null : JSON.parse(init.body as string),
		]);
		return silence();
	};
	const firings = [
		firing(),
		firing({ firingId: 'firing-2', severity: 'ticket', title: 'checkout is a little slow' }),
		firing({ firingId: 'firing-3', severity: 'ticket', title: 'stock is slow', services: ['warehouse/stock'] }),
	];
	const { screen, server } = await openApp(path, {
		...full,
		'/silences': note,
		'/silences/silence-1': note,
		'/firings': () => firingsAnswer({ firings }),
	});
	await screen.getByRole('button', { name: 'New silence' }).click();
	await screen.getByRole('button', { name: 'Silence', exact: true }).click();
	await expect.element(screen.getByText(/expected labels, such as/)).toBeVisible();
	const preview = screen.getByRole('form', { name: 'New silence' }).getByRole('status');
	await screen.getByRole('textbox', { name: /What/ }).fill('team=nobody');
	await expect.element(preview).toMatchTextContent(/^Nothing that fires now/);
	await screen.getByRole('textbox', { name: /What/ }).fill('service=shop/*, severity=ticket');
	await expect.element(preview).toMatchTextContent('Holds back 1 of the 3 that fire now: checkout is a little slow');
	expect(server.asked.find((url) => url.pathname.endsWith('/firings'))?.searchParams.get('state')).toBe('firing');
	await screen.getByRole('textbox', { name: /Because/ }).fill('load test');
	await screen.getByRole('button', { name: 'Silence', exact: true }).click();
	await screen.getByRole('button', { name: 'End' }).click();
	await expect
		.poll(() => asked)
		.toEqual([
			[
				'POST',
				'silences',
				{ match: { service: 'shop/*', severity: 'ticket' }, forMs: 14_400_000, reason: 'load test' },
			],
			['DELETE', 'silence-1', null],
		]);
});

const backup = (facts: Partial<SilenceStatus> = {}): SilenceStatus =>
	silence({
		document: {
			apiVersion: 'spanhouse.dev/v1',
			kind: 'Silence',
			metadata: { name: 'backup', labels: { team: 'shop' }, annotations: {} },
			spec: {
				match: { service: 'shop/db' },
				every: { days: ['sat'], at: '02:30', for: '1h' },
				timeZone: 'UTC',
				reason: 'backup',
			},
		},
		version: 7,
		activeUntilMs: null,
		...facts,
	});

test('a maintenance window is made: what is wrong told, the next times shown', async () => {
	const saved: unknown[] = [];
	const { screen, history } = await openApp(path, {
		...full,
		'/config/Silence/maintenance-sat-0230': (_, init) => {
			saved.push([new Headers(init?.headers).get('if-none-match'), JSON.parse(init?.body as string)]);
			return backup({
				document: { ...backup().document, metadata: { name: 'maintenance-sat-0230', labels: {}, annotations: {} } },
			});
		},
	});
	await screen.getByRole('button', { name: 'New maintenance window' }).click();
	expect(history.text).toBe(`${path}?maintenance=+`);
	const form = screen.getByRole('form', { name: 'New maintenance window' });
	await form.getByRole('checkbox', { name: 'Sun' }).click();
	await form.getByRole('textbox', { name: /^At/ }).fill('2:30');
	await form.getByRole('combobox', { name: /In the time of/ }).fill('UTC');
	await form.getByRole('button', { name: 'Save' }).click();
	await expect.element(form.getByText(/expected labels, such as/)).toBeVisible();
	await expect.element(form.getByText(/expected a time of day such as 02:30/)).toBeVisible();
	await expect.element(form.getByRole('textbox', { name: /^What/ })).toHaveFocus();
	await expect.element(form.getByText('Said when all fields are right.')).toBeVisible();
	await expectAccessible();
	await form.getByRole('textbox', { name: /^What/ }).fill('service=shop/db');
	await form.getByRole('textbox', { name: /^At/ }).fill('02:30');
	await form.getByRole('textbox', { name: /^For/ }).fill('1h');
	const saturday = (weeks: number) => {
		const now = new Date(NOW_MS);
		const day = now.getUTCDate() + ((6 - now.getUTCDay() + 7) % 7) + 7 * weeks;
		return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), day, 2, 30);
	};
	const first = saturday(0) + 3_600_000 > NOW_MS ? 0 : 1;
	const shown = [0, 1, 2, 3].map((week) =>
		formatWindow(saturday(first + week), saturday(first + week) + 3_600_000, 'local'),
	);
	const items = form.getByRole('region', { name: 'Next times' }).getByRole('listitem');
	await expect.poll(() => items.elements().map((item) => item.textContent?.trim()), { timeout: 15_000 }).toEqual(shown);
	await form.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('Saved: maintenance-sat-0230')).toBeVisible();
	expect(saved).toMatchObject([
		[
			'*',
			{
				kind: 'Silence',
				spec: { match: { service: 'shop/db' }, every: { days: ['sat'], at: '02:30', for: '1h' }, timeZone: 'UTC' },
			},
		],
	]);
	expect(history.text).toBe(path);
});

test('a maintenance window is changed over the version that was seen, and removed with a way back', async () => {
	const asked: unknown[] = [];
	const answers = {
		...full,
		'/silences': () => ({ silences: [backup()] }),
		'/config/Silence/backup': (_: URL, init?: RequestInit) => {
			const headers = new Headers(init?.headers);
			const body = init?.body == null ? null : (JSON.parse(init.body as string) as SilenceStatus['document']);
			asked.push([
				init?.method,
				headers.get('if-match') ?? headers.get('if-none-match'),
				body?.kind === 'Silence' ? body.spec.every?.for : null,
			]);
			return backup();
		},
	};
	const { screen } = await openApp(path, answers);
	const row = screen.getByRole('region', { name: 'Silences' }).getByRole('row', { name: /shop\/db/ });
	await expect.element(row).toMatchTextContent(/next \d{4}-\d\d-\d\d .*sat at 02:30 for 1.h, UTC/);
	await row.getByRole('button', { name: 'Edit' }).click();
	const form = screen.getByRole('form', { name: 'Change backup' });
	await form.getByRole('textbox', { name: /^For/ }).fill('2h');
	await form.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('Saved: backup')).toBeVisible();
	await row.getByRole('button', { name: 'Remove' }).click();
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect
		.poll(() => asked, { timeout: 15_000 })
		.toEqual([
			['PUT', '"7"', '2h'],
			['DELETE', '"7"', null],
			['PUT', '*', '1h'],
		]);
});

test('a maintenance window of a source is overridden for a time and a reason, on a phone too', async () => {
	await page.viewport(390, 844);
	try {
		const asked: URL[] = [];
		const owner = { source: 'platform', file: 'silences.yaml', line: 3 };
		const { screen } = await openApp(`${path}?maintenance=backup`, {
			...full,
			'/silences': () => ({ silences: [backup({ owner })] }),
			'/config/Silence/backup': (url) => (asked.push(url), backup({ owner })),
		});
		const form = screen.getByRole('form', { name: 'Change backup' });
		await expect.element(form.getByText('silences.yaml:3')).toBeVisible();
		await expect.element(form.getByRole('button', { name: 'Override' })).toBeDisabled();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
		await form.getByRole('textbox', { name: 'because' }).fill('the move takes longer');
		await form.getByRole('button', { name: 'Override' }).click();
		await expect.element(screen.getByText('Saved: backup')).toBeVisible();
		expect(asked.map(({ searchParams }) => Object.fromEntries(searchParams))).toEqual([
			{ overrideUntil: String(NOW_MS + 4 * 3_600_000), reason: 'the move takes longer' },
		]);
	} finally {
		await page.viewport(1440, 900);
	}
});

test('nothing there', async () => {
	const empty = {
		'/channels': () => ({ channels: [], heartbeats: [] }),
		'/config/documents': () => ({ documents: [] }),
		'/silences': () => ({ silences: [] }),
		'/deliveries': () => ({ deliveries: [] }),
	};
	const { screen } = await openApp(path, empty);
	await expect.element(screen.getByText('Nobody is told yet')).toBeVisible();
	await expect.element(screen.getByText('Nothing is silenced.')).toBeVisible();
	await expectAccessible();
});

test('not readable', async () => {
	const { screen } = await openApp(path, { ...full, '/channels': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
});

test('waited for, on a phone', async () => {
	await page.viewport(390, 844);
	try {
		const { screen } = await openApp(path, { ...full, '/channels': never });
		await expect.element(screen.getByRole('region', { name: 'Silences' })).toBeVisible();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

/** Stands in for the browser's notifications, which a test can't allow. */
class FakeNotification extends EventTarget {
	static permission: NotificationPermission = 'default';
	static shown: FakeNotification[] = [];
	static requestPermission(): Promise<NotificationPermission> {
		FakeNotification.permission = 'granted';
		return Promise.resolve('granted');
	}
	readonly title: string;
	readonly options: NotificationOptions | undefined;
	constructor(title: string, options?: NotificationOptions) {
		super();
		this.title = title;
		this.options = options;
		FakeNotification.shown.push(this);
	}
	close(): void {}
}

test('this browser tells once it was asked for by a press, and a press on what it tells opens the firing', async () => {
	const real = globalThis.Notification;
	Object.assign(globalThis, { Notification: FakeNotification });
	try {
		const { screen, streams, history, memory } = await openApp(path, full);
		await expect.element(screen.getByRole('button', { name: 'Tell here' })).toBeVisible();
		expect(streams).toEqual([]);
		await screen.getByRole('button', { name: 'Tell here' }).click();
		await expect.poll(() => streams.map(({ url }) => url.pathname)).toEqual(['/api/v1/notifications']);
		expect(memory.get('spanhouse.notifications')).toBe('on');
		const told = {
			key: 'k',
			firingId: 'f-1',
			state: 'firing',
			title: 'p95 is 1.2 s',
			summary: 'payment.provider acme',
		};
		streams[0]?.tell('notification', told);
		streams[0]?.tell('notification', { ...told, state: 'resolved' });
		expect(FakeNotification.shown.map(({ title, options }) => [title, options?.body, options?.tag])).toEqual([
			['p95 is 1.2 s', 'payment.provider acme', 'f-1'],
			['Over: p95 is 1.2 s', 'payment.provider acme', 'f-1'],
		]);
		FakeNotification.shown[0]?.dispatchEvent(new Event('click'));
		expect(history.text).toBe('/firings/f-1');
		history.go(-1);
		await screen.getByRole('button', { name: 'Tells here' }).click();
		expect(streams[0]?.readyState).toBe(2);
		expect(memory.get('spanhouse.notifications')).toBeUndefined();
	} finally {
		Object.assign(globalThis, { Notification: real });
	}
});

test('a channel that a source declares says which one, and can be overridden for a while', async () => {
	const owner = { source: 'platform', file: 'channels.yaml', line: 3 };
	const owned = { ...channelDocument('oncall'), owner };
	const { screen, history } = await openApp(path, { ...full, '/config/documents': () => ({ documents: [owned] }) });
	const row = screen.getByRole('region', { name: 'Channels' }).getByRole('row', { name: /oncall/ });
	await expect.element(row).toMatchTextContent(/channels\.yaml/);
	await expect.element(row.getByRole('button', { name: 'Remove oncall' })).not.toBeInTheDocument();
	await expectAccessible();
	await row.getByRole('button', { name: 'Override…' }).click();
	expect(history.text).toBe(`${path}?edit=oncall`);
	await expect.element(screen.getByRole('button', { name: 'Override', exact: true })).toBeDisabled();
}); // prettier-ignore

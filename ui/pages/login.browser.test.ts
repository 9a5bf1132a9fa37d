import type { Project } from '../../schema/api-projects.ts';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { auditAnswer, invitationsAnswer, keysAnswer, sessionAnswer, usersAnswer } from '../testing/access-answers.ts';
import { servicesAnswer } from '../testing/answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

const needed = { '/session': () => sessionAnswer({ login: 'needed', user: null }) };
const bodyOf = (init: RequestInit | undefined): unknown => JSON.parse(typeof init?.body === 'string' ? init.body : '');
const refused = () => problem(401, 'NOT_LOGGED_IN', 'log in');

test('whoever has to log in does, and goes on where they were', async () => {
	const { screen, history, server } = await openApp('/services?t=24h&f=check', { ...needed, '/services': refused });
	await expect.element(screen.getByRole('heading', { name: 'Log in to Spanhouse' })).toBeVisible();
	expect(document.querySelector('nav')).toBeNull();
	await expectAccessible();
	let sent: unknown;
	server.answers = {
		...needed,
		'/session': (_, init) => {
			if (init?.method !== 'POST') return sessionAnswer();
			sent = bodyOf(init);
			return { done: true };
		},
		'/services': () => servicesAnswer(),
	};
	await screen.getByLabelText('Email').fill('ann@example.com');
	await screen.getByLabelText('Password').fill('correct horse battery');
	await screen.getByRole('button', { name: 'Log in' }).click();
	await expect.element(screen.getByRole('heading', { name: 'Services', exact: true })).toBeVisible();
	expect(sent).toEqual({ email: 'ann@example.com', password: 'correct horse battery' });
	expect(history.text).toBe('/services?t=24h&f=check');
});

test('where there is no login, whoever was sent here goes on to where they were, and it is read anew', async () => {
	const off = { '/session': () => sessionAnswer({ login: 'off', user: null }) };
	const { screen, history, server } = await openApp('/services?t=24h&f=check', { ...off, '/services': refused });
	await expect.element(screen.getByRole('button', { name: 'Go on' })).toBeVisible();
	expect(history.read().searchParams.get('next')).toBe('/services?t=24h&f=check');
	server.answers = { ...off, '/services': () => servicesAnswer() };
	await screen.getByRole('button', { name: 'Go on' }).click();
	await expect.element(screen.getByRole('rowheader', { name: /checkout/ })).toBeVisible();
	expect(history.text).toBe('/services?t=24h&f=check');
});

test('a wrong password is told beside the form, and what was typed stays', async () => {
	const { screen, server } = await openApp('/login', needed);
	await screen.getByLabelText('Email').fill('ann@example.com');
	await screen.getByLabelText('Password').fill('wrong');
	server.answers = { '/session': () => problem(401, 'WRONG_PASSWORD', 'the password is another') };
	await screen.getByRole('button', { name: 'Log in' }).click();
	await expect.element(screen.getByRole('alert')).toMatchTextContent('the password is another');
	await expect.element(screen.getByLabelText('Email')).toHaveValue('ann@example.com');
});

test('the link of the first start makes an account; one that is over says so, and the login is there', async () => {
	const first = { ...needed, '/invitations/check': () => ({ email: null }) };
	const { screen, server } = await openApp('/login?invitation=abc', first);
	await expect.element(screen.getByRole('heading', { name: 'Make the first account' })).toBeVisible();
	await expectAccessible();
	let sent: unknown;
	server.answers = {
		...first,
		'/services': () => servicesAnswer(),
		'/invitations/accept': (_, init) => ((sent = bodyOf(init)), { done: true }),
	};
	await screen.getByLabelText('Email').fill('ann@example.com');
	await screen.getByLabelText('New password').fill('correct horse battery');
	await screen.getByRole('button', { name: 'Go on' }).click();
	await expect
		.poll(() => sent)
		.toEqual({ invitation: 'abc', email: 'ann@example.com', password: 'correct horse battery' });
});

test('a link that is over says so, and a login elsewhere is never a way to another site', async () => {
	const over = { ...needed, '/invitations/check': () => problem(404, 'INVITATION_OVER', 'over') };
	const { screen, history } = await openApp('/login?invitation=abc&next=//evil.example', over);
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/used already, or is over/);
	await expect.element(screen.getByRole('button', { name: 'Log in' })).toBeVisible();
	expect(history.text).not.toContain('evil');
});

const full = {
	'/session': () => sessionAnswer(),
	'/ingest-keys': () => keysAnswer(),
	'/tokens': () => ({ tokens: [] }),
	'/users': () => usersAnswer(),
	'/invitations': () => invitationsAnswer(),
	'/audit': () => auditAnswer(),
};
const pages = [
	['/settings/keys', '/ingest-keys', 'Ingest keys'],
	['/settings/users', '/users', 'Users'],
	['/settings/users', '/invitations', 'Invitations'],
	['/settings/audit', '/audit', 'Changes and logins'],
] as const;

test.each(pages)('%s: full, loading, away, and on a narrow screen', async (address, path, table) => {
	await page.viewport(390, 844);
	const { screen } = await openApp(address, full);
	await expect.element(screen.getByRole('region', { name: table })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await screen.unmount();
	await page.viewport(1440, 900);
	const loading = await openApp(address, { ...full, [path]: never });
	await expect.element(loading.screen.getByRole('navigation', { name: 'Settings' })).toBeVisible();
	await expectAccessible();
	await loading.screen.unmount();
	const away = await openApp(address, { ...full, [path]: storeAway });
	await expect.element(away.screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
});

test('a key is of the project that is shown, unless another is chosen', async () => {
	const project = (name: string, droppedMs?: number): Project => ({
		name,
		title: name,
		createdMs: 0,
		hasData: true,
		...(droppedMs === undefined ? {} : { droppedMs }),
	});
	const asked: unknown[] = [];
	const { screen } = await openApp('/settings/keys?project=shop', {
		...full,
		'/projects': () => ({ projects: [project('default'), project('shop'), project('old', 1)], home: 'default' }),
		'/ingest-keys': (_, init) => {
			if (init?.method !== 'POST') return keysAnswer();
			asked.push(JSON.parse(init.body as string));
			return { id: '1', secret: 'sph_once' };
		},
	});
	const form = screen.getByRole('combobox', { name: 'Project' }).last();
	await expect.element(form).toHaveValue('shop');
	expect(form.element().textContent).not.toContain('old');
	const make = async (label: string) => {
		await screen.getByLabelText('Name of a new key').fill(label);
		await screen.getByRole('button', { name: 'Make key' }).click();
	};
	await make('carts');
	await expect.poll(() => asked).toMatchObject([{ label: 'carts', project: 'shop' }]);
	await form.selectOptions('default');
	await make('bills');
	await expect.poll(() => asked[1]).toMatchObject({ label: 'bills', project: 'default' });
});

test('a key is made, shown once, and revoked after a second question', async () => {
	const { screen, server } = await openApp('/settings/keys', full);
	let revoked = '';
	server.answers = {
		...full,
		'/ingest-keys': (_, init) => (init?.method === 'POST' ? { id: '1', secret: 'sph_once' } : keysAnswer()),
		[`/ingest-keys/${keysAnswer().keys[0]?.id}`]: (url) => ((revoked = url.pathname), { done: true }),
	};
	await screen.getByLabelText('Name of a new key').fill('billing');
	await screen.getByRole('button', { name: 'Make key' }).click();
	await expect.element(screen.getByText('sph_once')).toBeVisible();
	await screen.getByRole('button', { name: 'Revoke…' }).click();
	await screen.getByRole('button', { name: 'Revoke shop' }).click();
	await expect.poll(() => revoked).toContain('/ingest-keys/2f3a0a3e');
});

test('a key has the limits that are typed, and none that was typed and taken back', async () => {
	let asked: unknown;
	const { screen } = await openApp('/settings/keys', {
		...full,
		'/ingest-keys': (_, init) => {
			if (init?.method !== 'POST') return keysAnswer();
			asked = bodyOf(init);
			return { id: '1', secret: 'sph_once' };
		},
	});
	await expect.element(screen.getByText('64 MiB/min, 600,000 spans/min, 12 refused')).toBeVisible();
	await screen.getByLabelText('Name of a new key').fill('billing');
	await screen.getByLabelText('MiB a minute').fill('64');
	await screen.getByLabelText('MiB a minute').fill('');
	await screen.getByLabelText('Spans a minute').fill('5000');
	await screen.getByRole('button', { name: 'Make key' }).click();
	await expect.poll(() => asked).toMatchObject({ label: 'billing', spansPerMinute: 5_000 });
	expect(asked).not.toHaveProperty('bytesPerMinute');
});

test('a pending invitation is withdrawn, or made anew for the same role and projects', async () => {
	const asked: unknown[] = [];
	let pending = invitationsAnswer();
	const { screen } = await openApp('/settings/users', {
		...full,
		'/invitations': (_, init) => {
			if (init?.method !== 'POST') return pending;
			asked.push(bodyOf(init));
			return { url: 'https://spans.example.com/login?invitation=other' };
		},
		'/invitations/vic%40example.com': (_, init) => {
			asked.push(init?.method);
			pending = { invitations: [] };
			return { done: true };
		},
	});
	const table = screen.getByRole('region', { name: 'Invitations' });
	await expect
		.element(table.getByRole('row', { name: /vic@example\.com editor a new account ann@example\.com in 6 d/ }))
		.toBeVisible();
	await table.getByRole('button', { name: 'Make another link' }).click();
	await expect.element(screen.getByText('https://spans.example.com/login?invitation=other')).toBeVisible();
	expect(asked).toEqual([{ email: 'vic@example.com', role: 'editor', projects: ['shop'] }]);
	await table.getByRole('button', { name: 'Withdraw' }).click();
	await expect.element(table).not.toBeInTheDocument();
	expect(asked[1]).toBe('DELETE');
});

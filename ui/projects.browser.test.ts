import { expect, onTestFinished, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Project, ProjectsAnswer } from '../schema/api-projects.ts';
import { sessionAnswer } from './testing/access-answers.ts';
import { servicesAnswer, statusAnswer } from './testing/answers.ts';
import { never, problem, storeAway } from './testing/fake-server.ts';
import { NOW_MS } from './testing/now.ts';
import { expectAccessible, openApp } from './testing/open-app.ts';

const shop: Project = { name: 'shop', title: 'Web shop', createdMs: NOW_MS - 86_400_000, hasData: true };
const fallback: Project = { name: 'default', title: 'Default', createdMs: 0, hasData: true };
const projectsAnswer = (more: Project[] = [shop]): ProjectsAnswer => ({
	projects: [fallback, ...more],
	home: 'default',
});
const full = {
	'/projects': () => projectsAnswer(),
	'/services': () => servicesAnswer(),
	'/status': () => statusAnswer(),
	'/session': () => sessionAnswer(),
};
const picker = () => page.getByRole('combobox', { name: 'Project', exact: true });

test('the project is chosen in the frame, kept in the address, and each request says it', async () => {
	const { screen, history, server } = await openApp('/services?t=3h&env=prod&f=che', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await expect.element(picker()).toHaveValue('default');
	await expectAccessible();
	// What the one project answered is not shown for the other, not even for a moment.
	server.answers = { ...full, '/services': never };
	await picker().selectOptions('shop');
	await expect.poll(() => history.text).toBe('/services?t=3h&project=shop');
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).not.toBeInTheDocument();
	await expect.poll(() => server.asked.at(-1)?.searchParams.get('project')).toBe('shop');
	await screen.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Traces' }).click();
	expect(history.text).toBe('/traces?t=3h&project=shop');
	await expect
		.poll(() => server.asked.findLast(({ pathname }) => pathname.endsWith('/traces'))?.searchParams.get('project'), {
			timeout: 15_000,
		})
		.toBe('shop');
});

test('a link that is copied says the project that is shown, which is not for the reader to guess', async () => {
	const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
	onTestFinished(() => copied.mockRestore());
	const { screen } = await openApp('/services?t=15m', {
		...full,
		'/projects': () => ({ ...projectsAnswer(), home: 'shop' }),
	});
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await userEvent.keyboard('y');
	await expect.poll(() => copied.mock.calls.length).toBe(1);
	const link = new URL(copied.mock.calls[0]?.[0] ?? '');
	expect(Object.fromEntries(link.searchParams)).toEqual({
		from: String(NOW_MS - 900_000),
		to: String(NOW_MS),
		project: 'shop',
	});
});

test('with one project there is nothing to choose; one that is gone can be left', async () => {
	const one = await openApp('/services', { ...full, '/projects': () => projectsAnswer([]) });
	await expect.element(one.screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await expect.poll(() => one.server.asked.some(({ pathname }) => pathname.endsWith('/projects'))).toBe(true);
	expect(picker().elements()).toEqual([]);
	await one.screen.unmount();
	const gone = () => problem(404, 'NO_SUCH_PROJECT', 'there is no project "old" that you may read');
	const { screen, history } = await openApp('/services?project=old', {
		...full,
		'/projects': () => projectsAnswer([]),
		'/services': (url: URL) => (url.searchParams.get('project') === 'old' ? gone() : servicesAnswer()),
	});
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/there is no project "old"/);
	await picker().selectOptions('default');
	await expect.poll(() => history.text).toBe('/services?project=default');
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
});

test.each([
	[390, 844],
	[900, 800],
])(
	'at %i pixels the picker is an icon that opens the same list, and nothing is wider than the page',
	async (width, height) => {
		await page.viewport(width, height);
		try {
			const { history } = await openApp('/services', full);
			await expect.element(picker()).toBeVisible();
			expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
			await expectAccessible();
			await picker().selectOptions('shop');
			await expect.poll(() => history.text).toBe('/services?project=shop');
		} finally {
			await page.viewport(1440, 900);
		}
	},
);

test('projects are made, renamed, and dropped by writing their name', async () => {
	const sent: string[] = [];
	const note = (_: URL, init: RequestInit | undefined) => (
		sent.push(`${init?.method} ${typeof init?.body === 'string' ? init.body : 'nothing'}`),
		{ done: true }
	);
	const asked = (url: URL, init: RequestInit | undefined) =>
		init?.method === 'POST'
			? note(url, init)
			: projectsAnswer([shop, { ...shop, name: 'old', title: 'Old', droppedMs: NOW_MS }]);
	const { screen, server } = await openApp('/settings/projects', {
		...full,
		'/projects': asked,
		'/projects/shop': note,
	});
	await expect.element(screen.getByRole('row', { name: /Old.*being dropped/ })).toBeVisible();
	await expectAccessible();
	await screen.getByLabelText('Name of a new project').fill('bank');
	await screen.getByLabelText('Title', { exact: true }).fill('The bank');
	await screen.getByRole('button', { name: 'Make project' }).click();
	await expect.poll(() => sent).toContain('POST {"name":"bank","title":"The bank"}');
	const row = screen.getByRole('row', { name: /Web shop/ });
	await row.getByRole('button', { name: 'Rename' }).click();
	await screen.getByLabelText('New title of shop').fill('Shop');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.poll(() => sent).toContain('PUT {"title":"Shop"}');
	await row.getByRole('button', { name: 'Drop…' }).click();
	const drop = screen.getByRole('button', { name: 'Drop shop' });
	await expect.element(drop).toBeDisabled();
	await screen.getByLabelText(/Write shop to drop it/).fill('shop');
	await expectAccessible();
	await drop.click();
	await expect.poll(() => sent).toContain('DELETE nothing');
	const asking = server.asked.findLast(({ pathname }) => pathname.endsWith('/projects/shop'));
	expect(asking?.searchParams.get('confirm')).toBe('shop');
	// The default one stays.
	expect(
		screen
			.getByRole('row', { name: /Default/ })
			.getByRole('button', { name: 'Drop…' })
			.elements(),
	).toEqual([]);
});

test('projects that could not be read say why', async () => {
	const { screen, server } = await openApp('/settings/projects', { ...full, '/projects': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /Web shop/ })).toBeVisible();
});

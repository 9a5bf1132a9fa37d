import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { statusAnswer } from '../testing/answers.ts';
import { never, storeAway } from '../testing/fake-server.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, focus, openApp } from '../testing/open-app.ts';

const waiting = { '/status': () => statusAnswer({ rows: 0 }) };
const arrived = { '/status': () => statusAnswer() };

test('empty: waits for the first span beside snippets with the endpoint', async () => {
	const { screen } = await openApp('/welcome', waiting);
	await expect.element(screen.getByRole('heading', { name: 'Waiting for the first span' })).toBeVisible();
	await expect
		.element(screen.getByRole('tabpanel', { name: 'Node.js' }))
		.toMatchTextContent(/--import @spanhouse\/sdk\/register app\.js/);
	await expect
		.element(screen.getByRole('tabpanel'))
		.toMatchTextContent(/OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:4318/);
	await expect.element(screen.getByText('127.0.0.1:4317', { exact: true })).toBeVisible();
	expect(document.title).toBe('Send data – Spanhouse');
	await expectAccessible();
});

test('full: names the service and leads on', async () => {
	const { screen } = await openApp('/welcome', arrived);
	await expect.element(screen.getByRole('heading', { name: /Spans arrive from shop\/checkout/ })).toBeVisible();
	await expect.element(screen.getByRole('link', { name: 'See the services' })).toHaveAttribute('href', '/services');
	await expectAccessible();
});

test('loading', async () => {
	const { screen } = await openApp('/welcome', { '/status': never });
	await expect.element(screen.getByRole('heading', { name: 'Send data' })).toBeVisible();
	await expectAccessible();
});

test('error: the reason and Retry', async () => {
	const { screen, server } = await openApp('/welcome', { '/status': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	// Not before the press: the page asks again by itself, and the button would be gone.
	document.addEventListener('click', () => (server.answers = waiting), { capture: true, once: true });
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('heading', { name: 'Waiting for the first span' })).toBeVisible();
});

test('what failed stands there with how to mend it', async () => {
	const recentFailures = [
		{ tMs: NOW_MS - 4000, method: 'POST', path: '/v1/traces', status: 415, detail: 'text/plain is not taken' },
	];
	const ingest = { recentFailures, spansRejected: { 'trace id is all zero': 12 } };
	const { screen } = await openApp('/welcome', { '/status': () => statusAnswer({ rows: 0, ingest, ready: false }) });
	const list = screen.getByRole('list', { name: 'Requests that failed' });
	await expect
		.element(list)
		.toMatchTextContent(/415 POST \/v1\/traces 4\ss ago text\/plain is not taken The content type must be/);
	await expect.element(list).toMatchTextContent(/12 spans refused: trace id is all zero/);
	await expect.element(screen.getByText(/The store is not ready: still starting/)).toBeVisible();
	await expectAccessible();
});

test('the panel turns by itself when the first span arrives', async () => {
	const { screen, server } = await openApp('/welcome', waiting);
	await expect.element(screen.getByRole('heading', { name: 'Waiting for the first span' })).toBeVisible();
	server.answers = arrived;
	await expect.element(screen.getByRole('heading', { name: /Spans arrive from/ })).toBeVisible();
});

test('the arrows turn the tabs, and the address keeps the language', async () => {
	const { screen, history } = await openApp('/welcome?lang=curl', waiting);
	await expect.element(screen.getByRole('tab', { name: 'curl' })).toHaveAttribute('aria-selected', 'true');
	focus(screen.getByRole('tab', { name: 'curl' }).element());
	await userEvent.keyboard('{ArrowRight}');
	await expect.element(screen.getByRole('tab', { name: 'Node.js' })).toHaveFocus();
	expect(history.text).toBe('/welcome');
	await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
	expect(history.text).toBe('/welcome?lang=kubernetes');
	await expect
		.element(screen.getByRole('tabpanel', { name: 'Kubernetes' }))
		.toMatchTextContent(/kind: Instrumentation/);
});

test('a test span is sent, and its trace is a link', async () => {
	const traceId = 'a'.repeat(32);
	const sent: (string | undefined)[] = [];
	const { screen } = await openApp('/welcome', {
		...waiting,
		'/test-span': (_, init) => {
			sent.push(init?.method);
			return { traceId, endMs: NOW_MS };
		},
	});
	await screen.getByRole('button', { name: 'Send a test span' }).click();
	await expect
		.element(screen.getByRole('link', { name: 'Open its trace' }))
		.toHaveAttribute('href', `/trace/${traceId}?at=${NOW_MS}`);
	expect(sent).toEqual(['POST']);
});

test('a test span that fails says why', async () => {
	const { screen } = await openApp('/welcome', { ...waiting, '/test-span': storeAway });
	await screen.getByRole('button', { name: 'Send a test span' }).click();
	await expect.element(screen.getByText(/The test span did not arrive: ClickHouse did not answer/)).toBeVisible();
});

test('a narrow screen shows the waiting panel first', async () => {
	await page.viewport(390, 844);
	const { screen } = await openApp('/welcome', waiting);
	await expect.element(screen.getByRole('heading', { name: 'Waiting for the first span' })).toBeInViewport();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});

test('the demo: its command, and once it runs where its data is and how it goes', async () => {
	const { screen, server } = await openApp('/welcome', waiting);
	await expect.element(screen.getByText('npm run demo', { exact: true })).toBeVisible();
	await expectAccessible();
	const shop = { name: 'demo', title: 'Demo shop', createdMs: NOW_MS, hasData: true };
	server.answers = { ...waiting, '/projects': () => ({ projects: [shop], home: 'demo' }) };
	const open = screen.getByRole('link', { name: 'Open Demo shop' });
	await expect.element(open, { timeout: 30_000 }).toHaveAttribute('href', '/services?project=demo');
	await expect
		.element(screen.getByRole('link', { name: 'Remove its data' }))
		.toHaveAttribute('href', expect.stringContaining('/settings/projects'));
	await expectAccessible();
});

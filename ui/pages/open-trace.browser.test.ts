import { expect, test } from 'vitest';
import { checkoutTrace } from '../../test/support/sample-traces.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import { idOf, otlpAnswer } from '../testing/trace-answers.ts';

const OTLP = JSON.stringify(otlpAnswer(checkoutTrace()));
const ZIPKIN = JSON.stringify([
	{
		traceId: 'a'.repeat(16),
		id: 'b'.repeat(16),
		name: 'get',
		timestamp: 1e15,
		duration: 5,
		localEndpoint: { serviceName: 'web' },
	},
	{
		traceId: 'c'.repeat(16),
		id: 'd'.repeat(16),
		name: 'put',
		timestamp: 1e15,
		duration: 7,
		localEndpoint: { serviceName: 'web' },
	},
]);
const drop = (text: string, name = 'trace.json') => {
	const data = new DataTransfer();
	data.items.add(new File([text], name));
	window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
};
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"]')];

test('an empty page asks for a file', async () => {
	const { screen } = await openApp('/open', {});
	await expect.element(screen.getByRole('button', { name: 'Choose a file' })).toBeVisible();
	await expectAccessible();
});

test('a file is shown without asking the server, with details and all views', async () => {
	const { screen, server, history } = await openApp(`/open?span=${idOf(checkoutTrace()[3])}`, {});
	await expect.element(screen.getByRole('button', { name: 'Choose a file' })).toBeVisible();
	drop(OTLP);
	await expect.poll(() => document.querySelector('[role=treegrid]')?.getAttribute('aria-rowcount')).toBe('26');
	await expect
		.element(screen.getByRole('complementary', { name: 'POST /api/checkout' }).getByText('http.route'))
		.toBeVisible();
	await expectAccessible();
	await screen.getByRole('tab', { name: 'Logs' }).click();
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(7);
	await screen.getByRole('tab', { name: 'JSON' }).click();
	await expect.element(screen.getByText(/OTLP JSON, .* lines/)).toBeVisible();
	expect(history.text).toContain('v=json');
	// The frame asks which projects there are.
	expect(server.asked.filter(({ pathname }) => pathname !== '/api/v1/projects')).toEqual([]);
	await screen.getByRole('button', { name: 'Close file' }).click();
	await expect.element(screen.getByRole('button', { name: 'Choose a file' })).toBeVisible();
});

test('a file of several traces lets one choose', async () => {
	const { screen, history } = await openApp('/open', {});
	await expect.element(screen.getByRole('button', { name: 'Choose a file' })).toBeVisible();
	drop(ZIPKIN);
	await expect.poll(() => rows()[0]?.ariaLabel).toMatch(/^get, web/);
	await screen.getByRole('combobox', { name: 'Trace of the file' }).selectOptions('c'.repeat(16).padStart(32, '0'));
	await expect.poll(() => rows()[0]?.ariaLabel).toMatch(/^put, web/);
	expect(history.text).toContain(`trace=${'c'.repeat(16).padStart(32, '0')}`);
});

test.each([
	['<script>alert(1)</script>', /The file is not JSON/],
	['{"resourceSpans":"all"}', /resourceSpans: expected a list, found "all"/],
	['', /The file is empty/],
])('%s is refused in words, and the next file is taken', async (text, words) => {
	const { screen } = await openApp('/open', {});
	await expect.element(screen.getByRole('button', { name: 'Choose a file' })).toBeVisible();
	drop(text, 'odd.json');
	await expect.element(screen.getByRole('alert').getByText(words)).toBeVisible();
	await expect.element(screen.getByRole('alert').getByText(/^odd\.json/)).toBeVisible();
	await expectAccessible();
	drop(ZIPKIN);
	await expect.poll(() => rows().length).toBe(1);
});

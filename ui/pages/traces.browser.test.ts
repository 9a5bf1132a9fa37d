import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { countAnswer, operationsAnswer, servicesAnswer, traceSummary, tracesAnswer } from '../testing/answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { expectAccessible, NOW_MS, openApp, THEMES } from '../testing/open-app.ts';

const full = {
	'/services': () => servicesAnswer(),
	'/operations': () => operationsAnswer(),
	'/traces': () => tracesAnswer(),
	'/count': () => countAnswer(1204),
};
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

test.each(THEMES)('full, in %s: a real table whose links carry the end of the trace', async (theme) => {
	const { screen } = await openApp('/traces', full, theme);
	await expect.element(screen.getByRole('columnheader', { name: 'Duration' })).toBeVisible();
	const link = screen.getByRole('link', { name: /shop\/checkout POST \/checkout/ }).first();
	await expect.element(link).toHaveAttribute('href', `/trace/${'1'.padStart(32, '0')}?at=${NOW_MS - 59_100}`);
	await expect.element(screen.getByText('no root')).toBeVisible();
	expect(document.title).toBe('Traces – Spanhouse');
	await expectAccessible();
});

test.each(THEMES)('loading, in %s: rows of the final geometry', async (theme) => {
	await openApp('/traces', { '/services': never, '/traces': never }, theme);
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(12);
	await expectAccessible();
});

test.each(THEMES)('empty, in %s: says how many match in a day, and widens to it', async (theme) => {
	const { screen, history, server } = await openApp(
		'/traces?q=error:true',
		{ ...full, '/traces': () => tracesAnswer({ traces: [] }) },
		theme,
	);
	await expect.element(screen.getByRole('heading', { name: 'No traces match in the last hour' })).toBeVisible();
	await expect.element(screen.getByText('1,204 match in the last 24 h.')).toBeVisible();
	expect(server.asked.find((url) => url.pathname.endsWith('/count'))?.searchParams.get('q')).toBe('error:true');
	await expectAccessible();
	await screen.getByRole('button', { name: 'Widen to 24 h' }).click();
	expect(history.text).toBe('/traces?q=error:true&t=24h');
});

test.each(THEMES)('error, in %s: the reason, the query id and Retry', async (theme) => {
	const { screen, server } = await openApp('/traces', { ...full, '/traces': storeAway }, theme);
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/Traces could not be searched.*query-7f3c/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByText('no root')).toBeVisible();
});

test.each(THEMES)('partial, in %s: says what of how much', async (theme) => {
	const partial = { reason: 'Sorting by start looks at the newest first.', seen: 3, of: 90_000 };
	const { screen } = await openApp('/traces', { ...full, '/traces': () => tracesAnswer({ partial }) }, theme);
	await expect.element(screen.getByText('Showing 3 of 90,000 traces.')).toBeVisible();
	await expectAccessible();
});

test('a query is run with Enter, and Back brings the one before', async () => {
	const { screen, history, server } = await openApp('/traces', full);
	const bar = screen.getByRole('searchbox', { name: 'Search traces' });
	await bar.fill('service:cart duration>1s');
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/traces?q=service:cart duration>1s');
	await expect
		.poll(() => server.asked.some((url) => url.searchParams.get('q') === 'service:cart duration>1s'))
		.toBe(true);
	history.go(-1);
	await expect.element(bar).toHaveValue('');
});

test('a wrong query says where and what was expected, offers a mended one, and is not sent', async () => {
	const { screen, history, server } = await openApp('/traces', full);
	await screen.getByRole('searchbox', { name: 'Search traces' }).fill('duration>500');
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/a duration with its unit/);
	expect(document.querySelector('mark')?.textContent).toBe('500');
	expect(server.asked.some((url) => url.searchParams.get('q') === 'duration>500')).toBe(false);
	await expectAccessible();
	await screen.getByRole('button', { name: 'Use duration>500ms' }).click();
	expect(history.text).toBe('/traces?q=duration>500ms');
});

test('what only the server knows to be wrong is shown in the same place', async () => {
	const refusal = () => problem(400, 'UNSUPPORTED_QUERY', 'events are not searched yet', { position: 6 });
	const { screen } = await openApp('/traces?q=error:true', { ...full, '/traces': refusal });
	await expect.element(screen.getByRole('alert')).toMatchTextContent('events are not searched yet');
	expect(document.querySelector('mark')?.textContent).toBe('true');
});

test('the fields write into the query and read from it', async () => {
	const { screen, history } = await openApp('/traces?q=http.route:/cart', full);
	await screen.getByRole('combobox', { name: 'Service' }).fill('shop/checkout');
	await userEvent.keyboard('{Tab}');
	await screen.getByRole('checkbox', { name: 'Errors only' }).click();
	await screen.getByRole('textbox', { name: 'Longer than' }).fill('250ms');
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/traces?q=http.route:/cart service:shop/checkout error:true duration>=250ms');
	await expect
		.element(screen.getByRole('searchbox', { name: 'Search traces' }))
		.toHaveValue('http.route:/cart service:shop/checkout error:true duration>=250ms');
	await screen.getByRole('checkbox', { name: 'Errors only' }).click();
	expect(history.text).toBe('/traces?q=http.route:/cart service:shop/checkout duration>=250ms');
});

test('a query with more shape than the fields can show switches them off', async () => {
	const { screen } = await openApp('/traces?q=service:a OR service:b', full);
	await expect.element(screen.getByText(/more shape/)).toBeVisible();
	await expect.element(screen.getByRole('checkbox', { name: 'Errors only' })).toBeDisabled();
});

test.each([
	[TRACE_ID.toUpperCase(), `/trace/${TRACE_ID}`],
	[`00-${TRACE_ID}-00f067aa0ba902b7-01`, `/trace/${TRACE_ID}?span=00f067aa0ba902b7`],
])('a pasted %s opens the trace', async (pasted, address) => {
	const { screen, history } = await openApp('/traces', full);
	await screen.getByRole('searchbox', { name: 'Search traces' }).fill(pasted);
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe(address);
});

test('pasting an id into the empty bar is enough', async () => {
	const { screen, history } = await openApp('/traces', full);
	const bar = screen.getByRole('searchbox', { name: 'Search traces' });
	await expect.element(bar).toBeVisible();
	const clipboardData = new DataTransfer();
	clipboardData.setData('text', ` ${TRACE_ID}\n`);
	bar.element().dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
	expect(history.text).toBe(`/trace/${TRACE_ID}`);
});

test('a slow search says how long it takes; Cancel stops it at the server, and it can be run again', async () => {
	const signals: AbortSignal[] = [];
	const slow = (_: URL, init: RequestInit | undefined) =>
		new Promise((_, reject) => {
			if (init?.signal) signals.push(init.signal);
			init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
		});
	const { screen, server } = await openApp('/traces', { ...full, '/traces': slow });
	await expect.element(screen.getByText('Still reading, 3 s'), { timeout: 6000 }).toBeVisible();
	await screen.getByRole('button', { name: 'Cancel' }).click();
	expect(signals.at(0)?.aborted).toBe(true);
	server.answers = full;
	await screen.getByRole('button', { name: 'Read again' }).click();
	await expect.element(screen.getByText('no root')).toBeVisible();
});

test('more is loaded by the cursor, within the window of the first page', async () => {
	const answers = {
		...full,
		'/traces': (url: URL) =>
			url.searchParams.has('cursor')
				? tracesAnswer({ traces: [traceSummary(9)] })
				: tracesAnswer({ nextCursor: 'next' }),
	};
	const { screen, server } = await openApp('/traces', answers);
	await screen.getByRole('button', { name: 'Load more' }).click();
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(4);
	const second = server.asked.find((url) => url.searchParams.get('cursor') === 'next');
	expect(second?.searchParams.get('to')).toBe(String(NOW_MS));
	await expect.element(screen.getByRole('button', { name: 'Load more' })).not.toBeInTheDocument();
});

test('the order is chosen and kept in the address', async () => {
	const { screen, history } = await openApp('/traces', full);
	await screen.getByRole('combobox', { name: 'Order' }).selectOptions('Longest first');
	expect(history.text).toBe('/traces?sort=-duration');
});

test('/ goes to the query bar, j to the rows', async () => {
	const { screen } = await openApp('/traces', full);
	await expect.element(screen.getByText('no root')).toBeVisible();
	await userEvent.keyboard('/');
	await expect.element(screen.getByRole('searchbox', { name: 'Search traces' })).toHaveFocus();
	await userEvent.keyboard('{Escape}j');
	await expect.poll(() => document.activeElement?.hasAttribute('data-row-link')).toBe(true);
});

test('a narrow screen scrolls the table, not the page', async () => {
	await page.viewport(390, 844);
	const { screen } = await openApp('/traces', full);
	await expect.element(screen.getByText('no root')).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});

import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { countAnswer, servicesAnswer, traceSummary, tracesAnswer } from '../testing/answers.ts';
import { differenceAnswer, facetsAnswer, searchHistogramAnswer, spansAnswer } from '../testing/search-answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, focus, openApp } from '../testing/open-app.ts';

const full = {
	'/services': () => servicesAnswer(),
	'/attributes/facets': facetsAnswer,
	'/latency-histogram': () => searchHistogramAnswer(),
	'/difference': () => differenceAnswer(),
	'/spans': spansAnswer,
	'/traces': () => tracesAnswer(),
	'/count': () => countAnswer(1204),
};
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** The query editor, once its code has taken the place of the plain field. */
async function editorOf({ screen }: Awaited<ReturnType<typeof openApp>>) {
	const editor = screen.getByRole('searchbox', { name: 'Search traces' });
	await expect.element(editor, { timeout: 10_000 }).toHaveAttribute('contenteditable', 'true');
	return editor;
}
const typed = () => document.querySelector('.cm-content .cm-line')?.textContent;

test('full: a real table whose links carry the end of the trace', async () => {
	const { screen } = await openApp('/traces', full);
	await expect.element(screen.getByRole('columnheader', { name: 'Duration' })).toBeVisible();
	const link = screen.getByRole('link', { name: /shop\/checkout POST \/checkout/ }).first();
	await expect.element(link).toHaveAttribute('href', `/trace/${'1'.padStart(32, '0')}?at=${NOW_MS - 59_100}`);
	await expect.element(screen.getByText('no root')).toBeVisible();
	expect(document.title).toBe('Traces – Spanhouse');
	await expectAccessible();
});

test('long names give way to the buttons of their row', async () => {
	const service = (name: string) => ({ service: `a-namespace/${name}-with-a-long-name`, spans: 9 });
	const long = traceSummary(0, {
		rootService: 'a-namespace/checkout-with-a-long-name',
		rootOperation: 'POST /api/v1/customers/:customer/orders/:order/shipments',
		rootMissing: true,
		services: ['checkout', 'payment', 'inventory', 'catalog'].map(service),
	});
	for (const width of [1180, 1440]) {
		await page.viewport(width, 900);
		const { screen } = await openApp('/traces', { ...full, '/traces': () => tracesAnswer({ traces: [long] }) });
		await expect.element(screen.getByRole('button', { name: /^Compare POST/ })).toBeVisible();
		const box = screen.getByRole('region', { name: 'Traces' }).element();
		expect([width, box.scrollWidth - box.clientWidth]).toEqual([width, 0]);
		await expect.element(screen.getByText('no root')).toBeVisible();
		await screen.unmount();
	}
	await page.viewport(1440, 900);
});

test('loading: rows of the final geometry', async () => {
	await openApp('/traces', {
		'/services': never,
		'/traces': never,
		'/attributes/facets': never,
		'/latency-histogram': never,
	});
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(12);
	await expectAccessible();
});

test('empty: says how many match in a day, and widens to it', async () => {
	const { screen, history, server } = await openApp('/traces?q=error:true', {
		...full,
		'/traces': () => tracesAnswer({ traces: [] }),
	});
	await expect.element(screen.getByRole('heading', { name: 'No traces match in the last hour' })).toBeVisible();
	await expect.element(screen.getByText('1,204 match in the last 24 h.')).toBeVisible();
	expect(server.asked.find((url) => url.pathname.endsWith('/count'))?.searchParams.get('q')).toBe('error:true');
	await expectAccessible();
	await screen.getByRole('button', { name: 'Widen to 24 h – 1,204 match' }).click();
	expect(history.text).toBe('/traces?q=error:true&t=24h');
});

test('error: the reason, the query id and Retry', async () => {
	const { screen, server } = await openApp('/traces', { ...full, '/traces': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/Traces could not be searched.*query-7f3c/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByText('no root')).toBeVisible();
});

test('partial: says what of how much', async () => {
	const partial = { reason: 'Sorting by start looks at the newest first.', seen: 3, of: 90_000 };
	const { screen } = await openApp('/traces', { ...full, '/traces': () => tracesAnswer({ partial }) });
	await expect.element(screen.getByText('Showing 3 of 90,000 traces.')).toBeVisible();
	await expectAccessible();
});

test('a query is run with Enter, and Back brings the one before', async () => {
	const app = await openApp('/traces', full);
	const { history, server } = app;
	await (await editorOf(app)).fill('service:cart duration>1s');
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/traces?q=service:cart duration>1s');
	await expect
		.poll(() => server.asked.some((url) => url.searchParams.get('q') === 'service:cart duration>1s'))
		.toBe(true);
	history.go(-1);
	await expect.poll(() => document.querySelector('.cm-placeholder') !== null).toBe(true);
});

test('a wrong query says where and what was expected, offers a mended one, and is not sent', async () => {
	const app = await openApp('/traces', full);
	const { screen, history, server } = app;
	await (await editorOf(app)).fill('duration>500');
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/a duration with its unit/);
	expect(document.querySelector('mark')?.textContent).toBe('500');
	expect(server.asked.some((url) => url.searchParams.get('q') === 'duration>500')).toBe(false);
	await expectAccessible();
	await screen.getByRole('button', { name: 'Use duration>500ms' }).click();
	expect(history.text).toBe('/traces?q=duration>500ms');
});

test('of a link whose query cannot be read nothing is asked, and what is listed comes when it is mended', async () => {
	const { screen, server } = await openApp('/traces?q=duration>500', full);
	await expect.element(screen.getByRole('alert')).toMatchTextContent('Expected a duration with its unit');
	await expect.element(screen.getByText('Nothing is drawn until the query can be read')).toBeVisible();
	expect(document.querySelector('section[aria-label="Found"] table, .slow')).toBe(null);
	await expectAccessible();
	expect(server.asked.filter((url) => url.searchParams.get('q') === 'duration>500')).toEqual([]);
	await screen.getByRole('button', { name: 'Use duration>500ms' }).click();
	await expect.element(screen.getByText('no root')).toBeVisible();
});

test('nor by the chart of series, nor about what is selected', async () => {
	const { screen, server } = await openApp('/traces?q=duration>500&chart=series&by=service&pick=error:true', full);
	await expect.element(screen.getByText('Nothing is drawn until the query can be read')).toBeVisible();
	await expect.element(screen.getByRole('region', { name: 'What is different' })).not.toBeInTheDocument();
	const pages = server.asked.map(({ pathname }) => pathname.split('/').at(-1));
	expect(
		pages.filter((page) => ['traces', 'series', 'difference', 'facets', 'latency-histogram'].includes(page!)),
	).toEqual([]);
});

test('what only the server knows to be wrong is shown in the same place', async () => {
	const refusal = () => problem(400, 'UNSUPPORTED_QUERY', 'events are not searched yet', { position: 6 });
	const { screen } = await openApp('/traces?q=error:true', { ...full, '/traces': refusal });
	await expect.element(screen.getByRole('alert')).toMatchTextContent('events are not searched yet');
	expect(document.querySelector('mark')?.textContent).toBe('true');
});

test('a facet writes into the query and reads from it', async () => {
	const { screen, history, server } = await openApp('/traces?q=http.route:/cart/*', full);
	const checkout = screen.getByRole('checkbox', { name: /^service shop\/checkout, 1,200 spans/ });
	await expect.element(checkout).toBeVisible();
	const { left, right } = checkout.element().getBoundingClientRect();
	await checkout.click();
	expect(history.text).toBe('/traces?q=http.route:/cart/* service:shop/checkout');
	await expect.element(checkout).toBeChecked();
	expect(checkout.element().getBoundingClientRect(), 'it stands where it stood').toMatchObject({ left, right });
	await screen.getByRole('checkbox', { name: /^service shop\/payment/ }).click();
	expect(history.text).toBe('/traces?q=http.route:/cart/* service:(shop/checkout OR shop/payment)');
	await screen.getByRole('button', { name: 'Exclude error false' }).click();
	expect(history.text).toBe('/traces?q=http.route:/cart/* service:(shop/checkout OR shop/payment) -error:false');
	await checkout.click();
	expect(history.text).toBe('/traces?q=http.route:/cart/* -error:false service:shop/payment');
	await expect
		.poll(() =>
			server.asked.some((url) => url.pathname.endsWith('/facets') && url.searchParams.get('q')?.includes('-error')),
		)
		.toBe(true);
});

test('a facet shows more, and is searched; a text that nobody sends is said', async () => {
	const { screen, server } = await openApp('/traces', full);
	await screen.getByRole('button', { name: 'All 7 … of service' }).click();
	await expect.element(screen.getByRole('checkbox', { name: /shop\/web/ })).toBeVisible();
	await screen.getByRole('searchbox', { name: 'Find a value of service' }).fill('mail');
	await expect.element(screen.getByRole('checkbox', { name: /shop\/cart/ })).not.toBeInTheDocument();
	await expect.element(screen.getByRole('checkbox', { name: /shop\/mail/ })).toBeVisible();
	expect(
		server.asked.some((url) => url.searchParams.get('find') === 'mail' && url.searchParams.get('keys') === 'service'),
	).toBe(true);
});

test('a facet is added by its key, pinned to the top, and removed', async () => {
	const { screen, history, memory } = await openApp('/traces', {
		...full,
		'/attributes/keys': () => ({ window: {}, keys: [], others: 1_234 }),
	});
	await screen.getByRole('combobox', { name: 'Add a facet' }).fill('app.tier');
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/traces?facets=app.tier');
	await screen.getByRole('button', { name: 'Pin app.tier to the top' }).click();
	expect(memory.get('spanhouse.facets.pinned')).toBe('app.tier');
	expect(document.querySelector('aside section')?.getAttribute('aria-label')).toBe('app.tier');
	await expect.element(screen.getByText(/^1,234 attributes have keys beyond the 5,000 of a day/)).toBeVisible();
	await screen.getByRole('button', { name: 'Remove app.tier' }).click();
	expect(history.text).toBe('/traces');
	await expect.element(screen.getByRole('region', { name: 'app.tier' })).not.toBeInTheDocument();
});

test('durations are bounded by two fields, with a unit', async () => {
	const { screen, history } = await openApp('/traces?q=error:true', full);
	await screen.getByRole('textbox', { name: 'Shortest duration' }).fill('250');
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByText('With its unit: 500ms, 1.5s, 2m')).toBeVisible();
	await screen.getByRole('textbox', { name: 'Shortest duration' }).fill('250ms');
	await userEvent.keyboard('{Enter}');
	await screen.getByRole('textbox', { name: 'Longest duration' }).fill('2s');
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/traces?q=error:true duration>=250ms duration<=2s');
	await screen.getByRole('textbox', { name: 'Shortest duration' }).fill('');
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/traces?q=error:true duration<=2s');
});

test('durations are bounded on a slider too: each thumb by keyboard, and neither passes the other', async () => {
	const { screen, history } = await openApp('/traces?q=error:true duration>=250ms', full);
	const low = screen.getByRole('slider', { name: 'Slide the shortest duration' });
	const high = screen.getByRole('slider', { name: 'Slide the longest duration' });
	await expect.element(low).toHaveAttribute('aria-valuetext', '200ms');
	await expect.element(high).toHaveAttribute('aria-valuetext', 'no bound');
	focus(low.element());
	await userEvent.keyboard('{ArrowRight}');
	await expect.poll(() => history.text).toBe('/traces?q=error:true duration>=500ms');
	focus(high.element());
	await userEvent.keyboard('{Home}');
	await expect.poll(() => history.text).toBe('/traces?q=error:true duration>=500ms duration<=1s');
	focus(low.element());
	await userEvent.keyboard('{Home}');
	await expect.poll(() => history.text).toBe('/traces?q=error:true duration<=1s');
	await expectAccessible();
});

test('in a query about structure no value can be chosen, and that is said', async () => {
	const { screen } = await openApp('/traces?q={service:a} >> {service:b}', full);
	await expect.element(screen.getByText(/Values can't be chosen/)).toBeVisible();
	await expect.element(screen.getByRole('checkbox', { name: /^error true/ })).toBeDisabled();
});

const heatmap = () => document.querySelector<HTMLElement>('[aria-label^="Latency: arrows move"]');
const painted = () => expect.poll(() => heatmap()?.querySelector('canvas') ?? null, { timeout: 10_000 }).not.toBeNull();

test('a rectangle drawn by keys tells what is different, and filters the list', async () => {
	const { screen, history, server } = await openApp('/traces', full);
	await painted();
	await userEvent.keyboard('b');
	await userEvent.keyboard('{Shift>}{ArrowLeft}{ArrowLeft}{ArrowUp}{/Shift}{Enter}');
	const brush = new URL(history.text, location.origin).searchParams.get('brush')?.split(',').map(Number) ?? [];
	expect(brush.slice(0, 2)).toEqual([NOW_MS - 3 * 60_000, NOW_MS]);
	const panel = screen.getByRole('region', { name: 'What is different' });
	await expect.element(panel.getByText('412')).toBeVisible();
	await expect.element(panel.getByText('version', { exact: true })).toBeVisible();
	await expect.element(panel.getByText(/median/)).toMatchTextContent(/larger: median 81920 against 1024/);
	await expectAccessible();
	const listed = server.asked.findLast((url) => url.pathname.endsWith('/traces'));
	expect([listed?.searchParams.get('from'), listed?.searchParams.get('to')]).toEqual(brush.slice(0, 2).map(String));
	expect(listed?.searchParams.get('minNano')).toBe(String(brush[2]));
	await panel.getByRole('button', { name: 'Only version: v92' }).click();
	// Within those of the version it may be something else.
	expect(history.text).toBe(`/traces?brush=${brush.join(',').replace('NaN', '')}&q=version:v92`);
	await expect.element(panel).toBeVisible();
});

test('what chance explains is apart, ids are named, and the selection is cleared with Escape', async () => {
	const brush = `${NOW_MS - 600_000},${NOW_MS},500000000,`;
	const { screen, history } = await openApp(`/traces?brush=${brush}`, full);
	const panel = screen.getByRole('region', { name: 'What is different' });
	await expect.element(panel.getByText('1 left out as ids')).toBeVisible();
	await expect.element(panel.getByText('http.route', { exact: true })).not.toBeInTheDocument();
	await panel.getByRole('button', { name: '1 that chance explains' }).click();
	await expect.element(panel.getByText('http.route', { exact: true })).toBeVisible();
	await panel.getByRole('button', { name: 'Count by version in the facets' }).click();
	expect(new URL(history.text, location.origin).searchParams.get('facets')).toBe('version');
	await userEvent.keyboard('b{Escape}');
	await expect.element(panel).not.toBeInTheDocument();
});

test('a rectangle drawn by the pointer holds the cells under it', async () => {
	const { history } = await openApp('/traces', full);
	await painted();
	const box = heatmap();
	if (box === null) throw new Error('there is no heatmap');
	const place = box.getBoundingClientRect();
	const at = (type: string, x: number, y: number) =>
		box.dispatchEvent(
			new PointerEvent(type, {
				clientX: place.left + x,
				clientY: place.top + y,
				bubbles: true,
				pointerId: 1,
				button: 0,
			}),
		);
	const middle = 64 + (place.width - 64) / 2;
	at('pointerdown', middle + 2, 2);
	at('pointermove', place.width - 2, 60);
	at('pointerup', place.width - 2, 60);
	const [fromMs, toMs, minNano, maxNano] =
		new URL(history.text, location.origin).searchParams.get('brush')?.split(',') ?? [];
	expect([Number(fromMs), Number(toMs)]).toEqual([NOW_MS - 30 * 60_000, NOW_MS]);
	// The top row is open to longer durations.
	expect(maxNano).toBe('');
	expect(Number(minNano)).toBeGreaterThan(1e7);
});

test('every state of the chart has its words: none, failed, hidden; the table has the numbers', async () => {
	const { screen, history, server } = await openApp('/traces', { ...full, '/latency-histogram': storeAway });
	await expect.element(screen.getByText(/The chart could not be read/)).toBeVisible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await screen.getByRole('button', { name: 'Latency as table' }).click();
	await expect.element(screen.getByRole('region', { name: 'Latency as table' })).toBeVisible();
	await expect.element(screen.getByText('(20 failed)').first()).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Rate' }).click();
	expect(history.text).toBe('/traces?chart=rate');
	await expect.element(screen.getByRole('slider', { name: 'Spans over time' })).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Hide' }).click();
	await expect.element(screen.getByRole('slider', { name: 'Spans over time' })).not.toBeInTheDocument();
});

test('spans: with columns that are chosen', async () => {
	const { screen, history, server } = await openApp('/traces?view=spans&cols=app.tier', full);
	await expect.element(screen.getByText('app.tier value').first()).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: /POST \/checkout/ }).first())
		.toHaveAttribute('href', expect.stringContaining('span=0000000000000001'));
	expect(server.asked.find((url) => url.pathname.endsWith('/spans'))?.searchParams.get('columns')).toBe('app.tier');
	await expectAccessible();
	await screen.getByRole('button', { name: 'Remove the column app.tier' }).click();
	expect(history.text).toBe('/traces?view=spans');
	await screen.getByRole('button', { name: 'Traces', exact: true }).click();
	expect(history.text).toBe('/traces');
});

test('nothing found says which part of the query leaves most out', async () => {
	const count = (url: URL) => countAnswer(url.searchParams.get('q') === 'service:cart' ? 77 : 0);
	const { screen, history } = await openApp('/traces?q=service:cart error:true', {
		...full,
		'/traces': () => tracesAnswer({ traces: [] }),
		'/count': count,
	});
	await expect.element(screen.getByText(/Without error:true, 77 match in this time/)).toBeVisible();
	await screen.getByRole('button', { name: 'Remove error:true' }).click();
	expect(history.text).toBe('/traces?q=service:cart');
});

test.each([
	[TRACE_ID.toUpperCase(), `/trace/${TRACE_ID}`],
	[`00-${TRACE_ID}-00f067aa0ba902b7-01`, `/trace/${TRACE_ID}?span=00f067aa0ba902b7`],
])('a pasted %s opens the trace', async (pasted, address) => {
	const app = await openApp('/traces', full);
	const { history } = app;
	await (await editorOf(app)).fill(pasted);
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe(address);
});

test('pasting an id into the empty bar is enough', async () => {
	const app = await openApp('/traces', full);
	const { history } = app;
	const bar = await editorOf(app);
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
	const app = await openApp('/traces', full);
	await expect.element(app.screen.getByText('no root')).toBeVisible();
	const editor = await editorOf(app);
	await userEvent.keyboard('/');
	await expect.element(editor).toHaveFocus();
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

const keysAnswer = {
	window: { fromMs: 0, toMs: NOW_MS },
	keys: [
		{ key: 'service', scope: 'field', type: 'text', spans: 9000 },
		{ key: 'http.route', scope: 'span', type: 'text', spans: 5100 },
		{ key: 'resource.k8s.pod.name', scope: 'resource', type: 'text', spans: 900 },
	],
};
const helpful = {
	...full,
	'/attributes/keys': (url: URL) => ({
		...keysAnswer,
		keys: keysAnswer.keys.filter(({ key }) => key.includes(url.searchParams.get('prefix') ?? '')),
	}),
	'/attributes/http.route/values': () => ({
		window: keysAnswer.window,
		values: [
			{ value: '/cart/{id}', spans: 512 },
			{ value: 'odd value', spans: 3 },
		],
		others: 0,
	}),
};

test('keys and then their values are offered while one types', async () => {
	const app = await openApp('/traces', helpful);
	const editor = await editorOf(app);
	await editor.click();
	await userEvent.keyboard('htt');
	const option = app.screen.getByRole('option', { name: /http\.route/ });
	await expect.element(option).toBeVisible();
	await expect.element(option).toMatchTextContent(/span · text · 5\.1k/);
	await expectAccessible();
	await userEvent.keyboard('{Enter}');
	await expect.poll(typed).toBe('http.route:');
	await expect.element(app.screen.getByRole('option', { name: /odd value/ })).toBeVisible();
	// Keys that come as the list opens are taken for typing.
	await new Promise((resolve) => setTimeout(resolve, 150));
	await userEvent.keyboard('{ArrowDown}{Enter}');
	await expect.poll(typed).toBe('http.route:"odd value" ');
	await userEvent.keyboard('{Control>}{Enter}{/Control}');
	expect(app.history.text).toBe('/traces?q=http.route:"odd value"');
	expect(
		app.server.asked.find((url) => url.pathname.endsWith('/keys') && url.searchParams.get('prefix') === 'htt'),
	).toBeDefined();
});

test('earlier queries are offered while nothing is typed', async () => {
	const app = await openApp('/traces', helpful);
	await (await editorOf(app)).fill('service:cart');
	await userEvent.keyboard('{Enter}');
	await (await editorOf(app)).fill('');
	await userEvent.keyboard('{ArrowDown}');
	await expect.element(app.screen.getByRole('option', { name: /service:cart/ })).toMatchTextContent(/recent/);
});

test('a key that no span has is marked, with the one that was meant', async () => {
	const app = await openApp('/traces?q=http.rotue:/a', helpful);
	await editorOf(app);
	await expect
		.poll(() => document.querySelector('.cm-lintRange-warning')?.textContent, { timeout: 5_000 })
		.toBe('http.rotue');
});

test('what is typed before the editor is there is kept', async () => {
	const app = await openApp('/traces?q=service:a', helpful);
	await editorOf(app);
	expect(typed()).toBe('service:a');
});

test('a search is saved under a name with all that the address says, opened again, and deleted', async () => {
	const views: { name: string; search: string }[] = [];
	const view = (url: URL, init: RequestInit | undefined) => {
		if (init?.method === 'DELETE') views.length = 0;
		else views.push({ name: 'Slow carts', ...JSON.parse(typeof init?.body === 'string' ? init.body : '{}') });
		return { version: 1 };
	};
	const { screen, history } = await openApp('/traces?q=service:cart&view=spans&t=24h', {
		...full,
		'/views': () => ({ views }),
		'/views/traces/Slow%20carts': view,
	});
	await screen.getByRole('button', { name: 'Saved' }).click();
	await expect.element(screen.getByText(/None yet/)).toBeVisible();
	await screen.getByRole('textbox', { name: 'Name of this search' }).fill('Slow carts');
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByRole('link', { name: 'Slow carts' })).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Traces', exact: true }).click();
	await screen.getByRole('button', { name: 'Saved' }).click();
	await screen.getByRole('link', { name: 'Slow carts' }).click();
	expect(history.text).toBe('/traces?q=service:cart&view=spans&t=24h');
	await screen.getByRole('button', { name: 'Delete Slow carts' }).click();
	await expect.element(screen.getByText(/None yet/)).toBeVisible();
});

import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { checkoutTrace, largeTrace } from '../../test/support/sample-traces.ts';
import { statusAnswer } from '../testing/answers.ts';
import { declaredAnswers } from '../testing/declared-answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import { BASE_UNIX_NANO } from '../../test/support/trace-spans.ts';
import { idOf, spanDetail, TRACE_ID, traceAnswer, traceAnswers } from '../testing/trace-answers.ts';

const ADDRESS = `/trace/${TRACE_ID}`;
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"]')];
const inOrder = () => rows().sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex));
const grid = () => document.querySelector<HTMLElement>('[role="treegrid"]')!;
const focused = () => document.activeElement?.getAttribute('aria-label')?.split(',')[0];
const opened = async (search = '', drawn = checkoutTrace()) => {
	const app = await openApp(`${ADDRESS}${search}`, traceAnswers(drawn));
	await expect.poll(() => rows().length).toBeGreaterThan(0);
	await expect.poll(() => window.__waterfall?.rects().length ?? 0).toBeGreaterThan(0);
	return app;
};
const press = (...keys: string[]) =>
	userEvent.keyboard(keys.map((key) => (key.length > 1 ? `{${key}}` : key)).join(''));

describe('states', () => {
	test('full: a tree grid with its bars, that axe finds nothing in', async () => {
		const { screen } = await openApp(`${ADDRESS}?span=${idOf(checkoutTrace()[0])}`, traceAnswers());
		await expect.element(screen.getByRole('treegrid', { name: 'Spans' })).toHaveAttribute('aria-rowcount', '26');
		await expect
			.element(screen.getByRole('row', { name: /^POST \/checkout, shop\/frontend, error, HTTP 500, 1\.84/ }))
			.toBeVisible();
		await expect.element(screen.getByText('StripeTimeout', { exact: true })).toBeVisible();
		await expect.element(screen.getByText(/1 span lost the parent/)).toBeVisible();
		await expect.element(screen.getByText(/2 spans moved to fit/)).toBeVisible();
		expect(document.title).toBe('shop/frontend POST /checkout – Spanhouse');
		await expectAccessible();
	});

	test('loading', async () => {
		const { screen } = await openApp(ADDRESS, { [`/traces/${TRACE_ID}`]: never });
		await expect.element(screen.getByRole('status', { name: 'Loading the trace' })).toBeVisible();
		await expectAccessible();
	});

	test('not found: how long spans are kept, another look, and a search', async () => {
		const { screen, server, history } = await openApp(`${ADDRESS}?at=1763884802000`, {
			'/status': () => statusAnswer(),
		});
		await expect.element(screen.getByText(/Spans are kept for 7d; they reach back 36 hours now\./)).toBeVisible();
		await expect
			.element(screen.getByRole('link', { name: 'Search the hours around' }))
			.toHaveAttribute('href', '/traces?from=1763881202000&to=1763888402000');
		await expectAccessible();
		server.answers = traceAnswers();
		await screen.getByRole('button', { name: 'Look at all times' }).click();
		await expect.element(screen.getByRole('treegrid')).toBeVisible();
		expect(history.text).toBe(ADDRESS);
		expect(server.asked.findLast(({ pathname }) => pathname.endsWith(TRACE_ID))?.search).toBe('');
	});

	test('error: the reason and Retry', async () => {
		const { screen, server } = await openApp(ADDRESS, { [`/traces/${TRACE_ID}`]: storeAway });
		await expect.element(screen.getByRole('alert').getByText(/ClickHouse did not answer/)).toBeVisible();
		await expectAccessible();
		server.answers = traceAnswers();
		await screen.getByRole('button', { name: 'Retry' }).click();
		await expect.element(screen.getByRole('treegrid')).toBeVisible();
	});

	test('partial: says how much of how much', async () => {
		const { screen } = await openApp(ADDRESS, traceAnswers(checkoutTrace(), 612_044));
		await expect.element(screen.getByText('Showing 49 of 612,044 spans.')).toBeVisible();
		await expectAccessible();
	});

	test('an answer of another form is an error, not a blank page', async () => {
		const { screen } = await openApp(ADDRESS, { [`/traces/${TRACE_ID}`]: () => Response.json({}) });
		await expect.element(screen.getByRole('alert').getByText(/too short|begins with TRC1/)).toBeVisible();
	});

	test('a span says how slow it was among its kind, and a failure to read that leaves the rest', async () => {
		const [root] = checkoutTrace();
		const { screen } = await openApp(`${ADDRESS}?span=${idOf(root)}`, traceAnswers());
		await expect
			.element(screen.getByText('Slower than 97 % of 12,400 POST /checkout in the hour before'))
			.toBeVisible();
		const path = `/traces/${TRACE_ID}/spans/${idOf(root)}/rank`;
		await screen.unmount();
		const away = await openApp(`${ADDRESS}?span=${idOf(root)}`, { ...traceAnswers(), [path]: storeAway });
		await expect.element(away.screen.getByText('How slow others were could not be read.')).toBeVisible();
		await expect.element(away.screen.getByText('http.route')).toBeVisible();
	});

	test('a trace is kept on the server and let go again; a refusal is told', async () => {
		const kept: string[] = [];
		const { screen, server } = await openApp(ADDRESS, {
			...traceAnswers(),
			'/pins': (url) => ({ pins: kept.map((traceId) => ({ traceId, asked: url.search })), limit: 2, bytesOnDisk: 0 }),
			[`/pins/${TRACE_ID}`]: (_, init) => {
				if (init?.method === 'PUT') kept.push(TRACE_ID);
				else kept.pop();
				return {};
			},
		});
		await screen.getByRole('button', { name: 'Keep' }).click();
		await expect.element(screen.getByRole('button', { name: 'Kept' })).toHaveAttribute('aria-pressed', 'true');
		expect(kept).toEqual([TRACE_ID]);
		await screen.getByRole('button', { name: 'Kept' }).click();
		await expect.element(screen.getByRole('button', { name: 'Keep' })).toHaveAttribute('aria-pressed', 'false');
		expect(kept).toEqual([]);
		server.answers = { ...server.answers, [`/pins/${TRACE_ID}`]: () => problem(409, 'PINS_FULL', '1000 are pinned') };
		await screen.getByRole('button', { name: 'Keep' }).click();
		await expect.element(screen.getByText(/Not changed: 1000 are pinned/)).toBeVisible();
	});

	test('details that fail leave the trace and offer Retry', async () => {
		const first = checkoutTrace()[0];
		const path = `/traces/${TRACE_ID}/spans/${idOf(first)}`;
		const { screen, server } = await openApp(`${ADDRESS}?span=${idOf(first)}`, {
			...traceAnswers(),
			[path]: () => problem(500, 'X', 'disk on fire'),
		});
		await expect.element(screen.getByRole('alert').getByText(/disk on fire/)).toBeVisible();
		server.answers = { ...server.answers, [path]: () => spanDetail(first) };
		await screen.getByRole('button', { name: 'Retry' }).click();
		await expect.element(screen.getByText('http.route')).toBeVisible();
		expect(rows().length).toBeGreaterThan(10);
	});
});

describe('bars', () => {
	test('lie where their spans lie', async () => {
		await opened();
		const rects = window.__waterfall!.rects();
		const [root, session, call] = rects;
		const perMs = (root!.width / 1842.3 + call!.width / 1818) / 2;
		expect(root!.label).toBe('1.84\u00a0s');
		expect(root!.error).toBe(true);
		expect((session!.x - root!.x) / perMs).toBeCloseTo(1.2, 0);
		expect((call!.x - root!.x) / perMs).toBeCloseTo(12, 0);
		const first = inOrder()[0].getBoundingClientRect();
		expect(root!.y).toBe(first.y);
		expect(window.__waterfall!.rowAt(first.y + first.height * 1.5)).toBe(1);
	});

	test('zooming by the address shows that stretch', async () => {
		await opened('?z=618000000-1790000000');
		const charge = window.__waterfall!.rects().find((rect) => rect.label === '1.17\u00a0s');
		const timeline = document.querySelector('canvas[style*="left"]')!.getBoundingClientRect();
		expect(charge!.x).toBeCloseTo(timeline.x, 0);
		expect(charge!.width).toBeCloseTo(timeline.width, 0);
	});

	test('are really painted, and again when the theme changes', async () => {
		const { app } = await opened();
		const canvas = document.querySelector<HTMLCanvasElement>('.waterfall canvas')!;
		const pixel = () => [...canvas.getContext('2d')!.getImageData(400, 12, 1, 1).data];
		const before = pixel();
		expect(before[3]).toBe(255);
		app.preferences.theme = 'dark';
		await expect.poll(pixel).not.toEqual(before);
	});
});

describe('keys', () => {
	test('walk through the tree, and the focus goes along', async () => {
		await opened();
		const steps: [key: string, name: string][] = [
			['ArrowDown', 'POST /checkout'],
			['ArrowDown', 'middleware session'],
			['ArrowDown', 'POST'],
			['ArrowLeft', 'POST'],
			['ArrowDown', 'score order'],
			['ArrowUp', 'POST'],
			['ArrowRight', 'POST'],
			['ArrowRight', 'POST /api/checkout'],
			['ArrowRight', 'oteldemo.CartService/GetCart'],
			['.', 'reserve stock'],
			[',', 'oteldemo.CartService/GetCart'],
			['ArrowLeft', 'oteldemo.CartService/GetCart'],
			['ArrowLeft', 'POST /api/checkout'],
			['End', 'score order'],
			['Home', 'POST /checkout'],
			['e', 'POST'],
			['E', 'POST /checkout'],
			['E', 'POST api.stripe.test'],
			['c', 'orders publish'],
			['C', 'POST api.stripe.test'],
			['C', 'backoff'],
		];
		for (const [key, name] of steps) {
			await press(key);
			await expect.poll(focused, { message: `after ${key}` }).toBe(name);
		}
		expect(document.querySelectorAll('[role="row"][tabindex="0"]')).toHaveLength(1);
		expect(document.querySelectorAll('[role="row"][aria-selected="true"]')).toHaveLength(1);
	});

	test('collapse and expand, with level and state told', async () => {
		await opened();
		await press('ArrowDown', 'ArrowLeft');
		await expect.poll(() => rows().length).toBe(2);
		expect(inOrder()[0].ariaExpanded).toBe('false');
		expect(grid().getAttribute('aria-rowcount')).toBe('2');
		await press('*');
		await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('26');
		expect(inOrder()[0].ariaExpanded).toBe('true');
		expect(inOrder()[3].ariaLevel).toBe('3');
		expect(inOrder()[1].ariaExpanded).toBeNull();
	});

	test('open and close what repeats, tell it, and remember whether it is folded', async () => {
		const { screen, memory, history } = await opened();
		const repeat = screen.getByRole('row', {
			name: /SELECT stock, shop\/inventory, 24 times, one query for each item/,
		});
		await expect.element(repeat).toHaveAttribute('aria-expanded', 'false');
		expect(window.__waterfall!.rects().find((rect) => rect.row === 49)?.label).toBe('454\u00a0ms');
		await repeat.click();
		await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('50');
		await press('ArrowRight');
		await expect.poll(focused).toBe('SELECT stock');
		expect(document.activeElement!.ariaLevel).toBe('7');
		await press('ArrowLeft', 'ArrowLeft');
		await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('26');
		await screen.getByRole('button', { name: 'Fold repeats into one line' }).click();
		await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('49');
		expect(memory.get('spanhouse.trace.repeats')).toBe('apart');
		await expectAccessible();
		await screen.getByRole('button', { name: 'Fold repeats into one line' }).click();
		const address = repeat.getByRole('link', { name: 'N+1' });
		const startMs = Number(BASE_UNIX_NANO / 1_000_000n);
		await expect
			.element(address)
			.toHaveAttribute(
				'href',
				expect.stringContaining(`state=all&kind=n-plus-one&trace=${TRACE_ID}&from=${startMs - 3_600_000}`),
			);
		await press('i');
		expect(history.text).toContain(`/issues?state=all&trace=${TRACE_ID}&from=`);
	});

	test('show a subtree alone, pin a row, mark a stretch; all of it in the address', async () => {
		const { screen, history } = await opened();
		await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'p', 'x');
		const checkout = idOf(checkoutTrace()[3]);
		await expect.poll(() => history.text).toBe(`${ADDRESS}?pin=${checkout}&root=${checkout}`);
		await expect.poll(() => inOrder()[0]?.ariaLevel).toBe('1');
		expect(grid().getAttribute('aria-rowcount')).toBe('22');
		await expect
			.element(screen.getByRole('list', { name: 'Pinned spans' }).getByText('POST /api/checkout'))
			.toBeVisible();
		await press('m');
		await expect.poll(() => history.text).toContain('mark=14100000-1828400000');
		await expectAccessible();
		await screen.getByRole('button', { name: 'Whole trace' }).click();
		await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('26');
	});

	test('zoom, pan, fit and reset, kept in the address', async () => {
		const { history } = await opened();
		await press('w');
		await expect.poll(() => history.text).toMatch(/z=\d+-\d+/);
		const zoomed = history.text;
		await press('d');
		await expect.poll(() => history.text).not.toBe(zoomed);
		await press('0');
		await expect.poll(() => history.text).toBe(ADDRESS);
		await press('ArrowDown', 'ArrowDown', 'f');
		await expect.poll(() => history.text).toMatch(/z=\d+-\d+/);
	});

	test('Enter opens the details, arrows move them, Escape closes them and gives the focus back', async () => {
		const { screen, history } = await opened();
		await press('ArrowDown', 'Enter');
		await expect.element(screen.getByRole('complementary', { name: 'POST /checkout' })).toBeVisible();
		expect(history.text).toContain(`span=${idOf(checkoutTrace()[0])}`);
		await press('ArrowDown');
		await expect.element(screen.getByRole('complementary', { name: 'middleware session' })).toBeVisible();
		await press('Escape');
		await expect.poll(() => document.querySelector('aside')).toBeNull();
		await expect.poll(focused).toBe('middleware session');
		expect(history.text).toBe(ADDRESS);
	});

	test('letters typed into the filter are text', async () => {
		const { screen, history } = await opened();
		await screen.getByRole('textbox', { name: 'Filter spans' }).fill('wsd');
		await expect.poll(() => history.text).toBe(`${ADDRESS}?f=wsd`);
	});
});

describe('the filter', () => {
	test('counts, steps and hides, and tells it', async () => {
		const { screen, history } = await opened();
		const box = screen.getByRole('textbox', { name: 'Filter spans' });
		await box.fill('SELECT stock');
		await expect.element(screen.getByText('24 matches')).toBeInTheDocument();
		await press('Enter');
		await expect.element(screen.getByText('1 of 24', { exact: true })).toBeVisible();
		await expect.element(box).toHaveFocus();
		await screen.getByRole('checkbox', { name: 'Only matches' }).click();
		await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('30');
		expect(history.text).toBe(`${ADDRESS}?f=SELECT stock&only=1`);
	});

	test('buttons write into the text, and Back takes it out', async () => {
		const { screen, history } = await opened();
		const errors = screen.getByRole('button', { name: 'Errors 7' });
		await errors.click();
		await expect.element(errors).toHaveAttribute('aria-pressed', 'true');
		await expect.element(screen.getByRole('textbox', { name: 'Filter spans' })).toHaveValue('error:true');
		await press('n');
		await expect.poll(focused).toBe('POST /checkout');
		history.go(-1);
		await expect.element(errors).toHaveAttribute('aria-pressed', 'false');
	});

	test('what it cannot answer is said', async () => {
		const { screen } = await opened('?f={service:cart} >> {error:true}');
		await expect.element(screen.getByText(/Braces and structure are for the search/)).toBeVisible();
		await expectAccessible();
	});
});

describe('the details', () => {
	test('search attributes and lead to spans with the same', async () => {
		const { screen } = await opened(`?span=${idOf(checkoutTrace()[3])}`);
		await screen.getByRole('searchbox', { name: 'Search attributes' }).fill('route');
		await expect.element(screen.getByText('http.route')).toBeVisible();
		expect(document.body.textContent).not.toContain('server.port');
		const link = screen.getByRole('link', { name: 'Find spans with this' });
		const href = new URL(link.element().getAttribute('href')!, location.origin);
		expect(href.searchParams.get('q')).toBe('http.route:"/api/checkout"');
		expect(Number(href.searchParams.get('from'))).toBeLessThan(1_763_884_800_000);
		expect(Number(href.searchParams.get('to'))).toBeGreaterThan(1_763_884_802_000);
	});

	test('tell what a query says of its caller, and lead to the queries of the same', async () => {
		const drawn = checkoutTrace();
		const detail = spanDetail(drawn[3]);
		const query = "SELECT 1 /*controller='cart',route='%2Fcart'*/";
		const attributes = [
			{ key: 'db.query.text', value: { stringValue: query } },
			{ key: 'db.system.name', value: { stringValue: 'postgresql' } },
		];
		const answers = {
			[`/traces/${TRACE_ID}/spans/${idOf(drawn[3])}`]: () => ({
				...detail,
				attributes,
				databaseQuery: '00000000000c0de1',
			}),
		};
		const { screen } = await openApp(`${ADDRESS}?span=${idOf(drawn[3])}`, { ...traceAnswers(drawn), ...answers });
		await expect.element(screen.getByText('sqlcommenter.route')).toBeVisible();
		const all = new URL(
			screen.getByRole('link', { name: 'Open in Database' }).element().getAttribute('href')!,
			location.origin,
		);
		expect([all.pathname, all.searchParams.get('sys')]).toEqual(['/db/00000000000c0de1', 'postgresql']);
		expect(Number(all.searchParams.get('from'))).toBeLessThan(1_763_884_800_000);
		const links = screen.getByRole('link', { name: 'Find spans with this' }).elements();
		const searches = links.map((link) => new URL(link.getAttribute('href')!, location.origin).searchParams.get('q'));
		expect(searches).toContain('sqlcommenter.route:"/cart"');
	});

	test('are there as JSON, too, once that is opened', async () => {
		const drawn = checkoutTrace();
		const { screen } = await opened(`?span=${idOf(drawn[1])}`);
		const json = screen.getByRole('region', { name: 'The span as JSON' });
		await expect.element(screen.getByText(/^Raw JSON$/)).toBeVisible();
		await expect.element(json).not.toBeInTheDocument();
		await screen.getByText(/^Raw JSON$/).click();
		await expect.element(json).toBeVisible();
		expect(JSON.parse(json.element().textContent ?? '')).toEqual(spanDetail(drawn[1]));
		await expectAccessible();
	});

	test('say how many link here besides those that are listed', async () => {
		const drawn = checkoutTrace();
		const detail = { ...spanDetail(drawn[1]), linkedFromOf: 1_501 };
		const answers = { [`/traces/${TRACE_ID}/spans/${idOf(drawn[1])}`]: () => detail };
		const { screen } = await openApp(`${ADDRESS}?span=${idOf(drawn[1])}`, { ...traceAnswers(drawn), ...answers });
		await expect.element(screen.getByText('1,500 more that ended before these.')).toBeVisible();
	});

	test('lead to the span that links here, with the time to look at', async () => {
		const { screen } = await opened(`?span=${idOf(checkoutTrace()[1])}`);
		const link = screen.getByRole('link', { name: 'orders process' });
		await expect
			.element(link)
			.toHaveAttribute('href', expect.stringMatching(/^\/trace\/b{32}\?span=00000000000000aa&at=17638848000\d\d$/));
	});
});

test('a link shows the same in another window', async () => {
	const address = `?f=error%3Atrue&span=${idOf(checkoutTrace()[3])}&z=1000000-1900000000`;
	const first = await opened(address);
	const state = () => ({
		rects: window.__waterfall!.rects(),
		rows: grid().getAttribute('aria-rowcount'),
		title: document.querySelector('aside h2')?.textContent,
	});
	await expect.poll(() => state().title).toBe('POST /api/checkout');
	await expect.poll(() => inOrder().find((row) => row.ariaSelected === 'true')?.dataset.row).toBe('3');
	// The bars make room for the details a frame after these came.
	const ends = () => Math.max(...window.__waterfall!.rects().map(({ x, width }) => x + width));
	await expect.poll(() => ends() <= grid().getBoundingClientRect().right + 1).toBe(true);
	const before = state();
	await first.screen.unmount();
	await opened(address);
	await expect.poll(() => state().title).toBe('POST /api/checkout');
	await expect.poll(state).toEqual(before);
});

describe('50,000 spans', () => {
	const large = largeTrace(50_000);
	const openLarge = async () => {
		const app = await openApp(ADDRESS, { [`/traces/${TRACE_ID}`]: () => traceAnswer(large) });
		await expect.poll(() => rows().length).toBeGreaterThan(10);
		return app;
	};

	test('need a screenful of elements, wherever one scrolls', async () => {
		await openLarge();
		expect(grid().getAttribute('aria-rowcount')).toBe('50000');
		for (const part of [0.25, 0.5, 1, 0]) {
			grid().scrollTop = part * grid().scrollHeight;
			const expected = Math.min(49_990, Math.floor(grid().scrollTop / 24));
			await expect.poll(() => Math.max(...rows().map((row) => Number(row.ariaRowIndex)))).toBeGreaterThan(expected);
			expect(rows().length).toBeLessThan(60);
			const top = grid().getBoundingClientRect().top;
			expect(window.__waterfall!.rowAt(top + 12)).toBeGreaterThanOrEqual(0);
			await expect.poll(() => window.__waterfall!.visible()).toContain(window.__waterfall!.rowAt(top + 36));
		}
	});

	test('the focused row keeps the focus while it is scrolled away and back', async () => {
		await openLarge();
		await press('ArrowDown', 'ArrowDown', 'ArrowDown');
		const row = document.activeElement!;
		const label = focused();
		grid().scrollTop = 400_000;
		await expect.poll(() => Math.max(...rows().map((other) => Number(other.ariaRowIndex)))).toBeGreaterThan(16_000);
		expect(document.activeElement).toBe(row);
		expect(focused()).toBe(label);
		await press('ArrowDown');
		await expect.poll(() => grid().scrollTop).toBeLessThan(1000);
		await expect.poll(() => Number(document.activeElement?.ariaRowIndex)).toBe(4);
	});

	test('fold', async () => {
		await openLarge();
		await press('ArrowDown', 'ArrowDown', 'ArrowLeft');
		await expect.poll(() => Number(grid().getAttribute('aria-rowcount'))).toBeLessThan(50_000);
	});
});

test('the column of the tree is widened by keys, and that is remembered', async () => {
	const { screen, memory } = await opened();
	const split = screen.getByRole('separator', { name: 'Width of the tree' });
	const before = Number(split.element().getAttribute('aria-valuenow'));
	split.element().focus();
	await press('ArrowRight', 'ArrowRight');
	await expect.element(split).toHaveAttribute('aria-valuenow', String(before + 32));
	expect(memory.get('spanhouse.trace.label-width')).toBe(String(before + 32));
});

test('on a phone the selected row stays in sight above its details', async () => {
	await page.viewport(390, 844);
	await opened();
	const row = inOrder()[5];
	row.click();
	await expect.poll(() => document.querySelector('aside')?.getBoundingClientRect().height ?? 0).toBeGreaterThan(200);
	await expect
		.poll(() => row.getBoundingClientRect().bottom - document.querySelector('aside')!.getBoundingClientRect().top)
		.toBeLessThanOrEqual(0);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
});

test('comfortable rows are higher, and bars stay in the middle of theirs', async () => {
	const { app } = await opened();
	const step = () => {
		const [first, second] = inOrder().map((row) => row.getBoundingClientRect());
		return (second?.top ?? 0) - (first?.top ?? 0);
	};
	const offCentre = () => {
		const [rect] = window.__waterfall?.rects() ?? [];
		const row = document.querySelector(`[data-row="${rect?.row}"]`)?.getBoundingClientRect();
		return rect && row ? rect.y + rect.height / 2 - (row.top + row.height / 2) : Number.NaN;
	};
	expect([step(), offCentre()]).toEqual([24, 0]);
	app.preferences.density = 'comfortable';
	await expect.poll(step).toBe(28);
	await expect.poll(offCentre).toBe(0);
	const { y, height, row } = window.__waterfall?.rects()[3] ?? { y: 0, height: 0, row: -1 };
	expect(window.__waterfall?.rowAt(y + height / 2)).toBe(row);
});

test('declared links lead elsewhere from the trace and from a span, as far as all that they name is known', async () => {
	const [root] = checkoutTrace();
	const detail = spanDetail(root);
	const { screen } = await openApp(`${ADDRESS}?span=${idOf(root)}`, {
		...traceAnswers(),
		...declaredAnswers,
		[`/traces/${TRACE_ID}/spans/${idOf(root)}`]: () => ({
			...detail,
			service: 'checkout',
			namespace: 'shop',
			version: 'v9',
			attributes: [
				{ key: 'code.file.path', value: { stringValue: '/src/pay.ts' } },
				{ key: 'code.line.number', value: { intValue: '51' } },
				{ key: 'k8s.pod.name', value: { stringValue: 'pod/1' } },
			],
		}),
	});
	const hrefs = (index: number) =>
		screen
			.getByRole('list', { name: 'Elsewhere' })
			.nth(index)
			.getByRole('link')
			.elements()
			.map((link) => link.getAttribute('href'));
	await expect
		.poll(() => hrefs(0))
		.toEqual([expect.stringMatching(new RegExp(`^https://logs\\.example/\\?q=${TRACE_ID}&from=\\d{13}&to=\\d{13}$`))]);
	await expect
		.poll(() => hrefs(1))
		.toEqual([
			'https://git.example/v9/src/pay.ts#L51',
			// The screen of a test is on the machine that it runs on.
			'vscode://file/src/pay.ts:51',
			expect.stringMatching(/^https:\/\/logs\.example/),
			'https://pods.example/pod%2F1',
		]);
	await expectAccessible();
});

test('on paper the waterfall is whole, up to a bound that is said; afterwards nothing of it stays', async () => {
	await opened();
	const printed = () => [...document.querySelectorAll('.printed tbody tr')];
	expect(printed()).toEqual([]);
	dispatchEvent(new Event('beforeprint'));
	await expect.poll(() => printed().length).toBe(26);
	const text = (row: Element | undefined) => row?.textContent?.replaceAll(/\s+/g, ' ').trim();
	expect(text(printed()[0])).toMatch(/^shop\/frontend ✗ POST \/checkout 0 ?1\.84\ss$/);
	expect(document.querySelector('.printed caption')?.textContent).toMatch(/^\s*26 lines\s+for \d+ spans/);
	dispatchEvent(new Event('afterprint'));
	await expect.poll(() => printed().length).toBe(0);
});

test('of a trace that paper does not hold the first lines are printed', async () => {
	await opened('', largeTrace(5_000));
	dispatchEvent(new Event('beforeprint'));
	await expect.poll(() => document.querySelectorAll('.printed tbody tr').length).toBe(1_500);
	expect(document.querySelector('.printed caption')?.textContent).toMatch(
		/^\s*The first 1,500 of [\d,]+ lines\s+for 5,000 spans/,
	);
	dispatchEvent(new Event('afterprint'));
});

import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { countAnswer, histogramAnswer, traceSummary, tracesAnswer } from '../../testing/answers.ts';
import { facetsAnswer } from '../../testing/search-answers.ts';
import { NOW_MS } from '../../testing/now.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';

const answers = {
	'/traces': () => tracesAnswer(),
	'/spans': () => ({ window: { fromMs: 0, toMs: 1 }, spans: [] }),
	'/count': () => countAnswer(3),
	'/latency-histogram': () => histogramAnswer({ points: [] }),
	'/attributes/facets': facetsAnswer,
	'/services': () => ({ services: [], environments: [] }),
};
const fresh = (i: number, facts = {}) =>
	traceSummary(100 + i, { rootOperation: `GET /fresh/${i}`, endMs: NOW_MS + i, ...facts });
const operations = () => [...document.querySelectorAll('tbody .operation')].map((cell) => cell.textContent?.trim());

async function follow(address = '/traces?live=1') {
	const opened = await openApp(address, answers);
	// Loading the screen's code takes a while the first time.
	await expect.element(opened.screen.getByRole('row', { name: /POST/ }).first()).toBeVisible();
	await expect.poll(() => opened.streams.length).toBe(1);
	const [stream] = opened.streams;
	if (stream === undefined) throw new Error('no stream');
	stream.tell('ready');
	await expect.poll(operations).toHaveLength(3);
	return { ...opened, stream };
}

test('a new trace appears on top, one that grows changes in its place', async () => {
	const { screen, stream } = await follow('/traces?live=1&q=error:true&env=production');
	expect(Object.fromEntries(stream.url.searchParams)).toEqual({ q: 'error:true', env: 'production' });
	stream.tell('traces', { traces: [fresh(1), fresh(2)], more: 0 });
	await expect
		.poll(operations)
		.toEqual(['GET /fresh/2', 'GET /fresh/1', ...Array.from({ length: 3 }, () => 'POST /checkout')]);
	stream.tell('traces', { traces: [fresh(1, { spanCount: 77 })], more: 130 });
	await expect.element(screen.getByRole('row', { name: /fresh\/1/ })).toMatchTextContent(/77/);
	expect(operations()).toHaveLength(5);
	await expect.element(screen.getByText(/130 more came at once/)).toBeVisible();
	await expectAccessible();
});

test('the list is read once when following begins, and not polled', async () => {
	const { server, stream } = await follow();
	const reads = () => server.asked.filter((url) => url.pathname.endsWith('/traces')).length;
	const first = reads();
	stream.tell('traces', { traces: [fresh(1)], more: 0 });
	await expect.poll(operations).toHaveLength(4);
	expect(reads()).toBe(first);
	stream.fail(false);
	await expect.element(page.getByText('Connecting …')).toBeVisible();
	stream.tell('ready');
	await expect.poll(reads).toBe(first + 1);
});

test('a row that has the focus holds everything still; resume lets the new ones in', async () => {
	const { screen, stream } = await follow();
	await userEvent.keyboard('j');
	await expect.element(screen.getByText(/Paused while you read/)).toBeVisible();
	stream.tell('traces', { traces: [fresh(1)], more: 0 });
	stream.tell('traces', { traces: [fresh(1), fresh(2)], more: 0 });
	const resume = screen.getByRole('button', { name: '2 new – resume' });
	await expect.element(resume).toBeVisible();
	expect(operations()).toHaveLength(3);
	await expectAccessible();
	await resume.click();
	await expect.poll(operations).toHaveLength(5);
	await expect.element(screen.getByText(/Following/)).toBeVisible();
});

test('scrolling into the list pauses, scrolling back resumes', async () => {
	await page.viewport(1440, 400);
	const { screen, stream } = await follow();
	scrollTo(0, 5000);
	await expect.element(screen.getByText(/Paused while you read/)).toBeInTheDocument();
	stream.tell('traces', { traces: [fresh(1)], more: 0 });
	await expect.element(screen.getByRole('button', { name: '1 new – resume' })).toBeVisible();
	expect(operations()).toHaveLength(3);
	scrollTo(0, 0);
	await expect.poll(operations).toHaveLength(4);
	await page.viewport(1440, 900);
});

test('text that is selected in the list pauses it', async () => {
	const { screen } = await follow();
	const cell = screen.getByRole('cell', { name: /12/ }).first().element();
	document.getSelection()?.selectAllChildren(cell);
	await expect.element(screen.getByText(/Paused while you read/)).toBeVisible();
	document.getSelection()?.removeAllRanges();
	await expect.element(screen.getByText(/Following/)).toBeVisible();
});

test('l begins and ends it; another query begins anew', async () => {
	const { history, streams, screen } = await openApp('/traces', answers);
	await expect.poll(operations).toHaveLength(3);
	expect(streams).toHaveLength(0);
	await userEvent.keyboard('l');
	await expect.poll(() => streams.length).toBe(1);
	expect(history.read().searchParams.get('live')).toBe('1');
	streams[0]?.tell('ready');
	streams[0]?.tell('traces', { traces: [fresh(1)], more: 0 });
	await expect.poll(operations).toHaveLength(4);
	await userEvent.keyboard('l');
	await expect.poll(() => streams[0]?.readyState).toBe(2);
	await expect.poll(operations).toHaveLength(3);
	await expect.element(screen.getByText(/Following/)).not.toBeInTheDocument();
});

test('spans, other orders and a selection are not followed, but read again', async () => {
	const { streams } = await openApp('/traces?live=1&view=spans', answers);
	const longest = await openApp('/traces?live=1&sort=-duration', answers);
	await expect.poll(operations).not.toEqual([]);
	expect([streams, longest.streams]).toEqual([[], []]);
});

test('a server that refuses, and one in trouble, are told', async () => {
	const { screen, stream } = await follow('/traces?live=1');
	stream.tell('trouble', { code: 'STORE_UNAVAILABLE', detail: 'New traces could not be looked for' });
	await expect.element(screen.getByText(/could not be looked for; tried again/)).toBeVisible();
	stream.fail(true);
	await expect.element(screen.getByText(/Too many follow already/)).toBeVisible();
	await expectAccessible();
});

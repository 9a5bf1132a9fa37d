import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { checkoutTrace } from '../../../test/support/sample-traces.ts';
import { countAnswer, traceSummary, tracesAnswer } from '../../testing/answers.ts';
import { never, problem } from '../../testing/fake-server.ts';
import { NOW_MS } from '../../testing/now.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';
import { differenceAnswer, facetsAnswer, searchHistogramAnswer, spansAnswer } from '../../testing/search-answers.ts';
import { seriesAnswer } from '../../testing/series-answers.ts';
import { TRACE_ID, traceAnswers } from '../../testing/trace-answers.ts';

const full = {
	...traceAnswers(),
	'/services': () => ({ services: [], environments: [] }),
	'/attributes/facets': facetsAnswer,
	'/attributes/keys': () => ({ window: { fromMs: 0, toMs: 1 }, keys: [] }),
	'/latency-histogram': () => searchHistogramAnswer(),
	'/difference': () => differenceAnswer(),
	'/series': () => seriesAnswer(),
	'/spans': spansAnswer,
	'/traces': () => tracesAnswer({ traces: [traceSummary(0, { traceId: TRACE_ID, endMs: NOW_MS }), traceSummary(1)] }),
	'/count': () => countAnswer(2),
};
const drawer = () => page.getByRole('complementary', { name: /^(shop|Trace )/ });
const ready = () => expect.element(page.getByRole('row', { name: /POST/ }).first()).toBeVisible();

test('Space shows the trace beside the list, with ways to its spans', async () => {
	const { history, server } = await openApp('/traces', full);
	await ready();
	await userEvent.keyboard('j ');
	expect(history.text).toBe(`/traces?preview=${TRACE_ID}`);
	await expect.element(drawer().getByRole('heading', { name: 'shop/frontend POST /checkout' })).toBeVisible();
	await expect.element(drawer().getByText(`${checkoutTrace().length} spans`)).toBeVisible();
	await expect.element(drawer().getByRole('region', { name: 'Failed first' }).getByRole('link').first()).toBeVisible();
	const longest = drawer().getByRole('region', { name: 'Longest on the critical path' }).getByRole('link').first();
	const way = new URL(longest.element().getAttribute('href') ?? '', location.origin);
	expect([way.pathname, way.searchParams.get('at'), way.searchParams.get('span')?.length]).toEqual([
		`/trace/${TRACE_ID}`,
		String(NOW_MS),
		16,
	]);
	const asked = server.asked.find((url) => url.pathname.endsWith(TRACE_ID));
	expect(asked?.searchParams.get('at')).toBe(String(NOW_MS));
	await expectAccessible();
	await userEvent.keyboard(' ');
	expect(history.text).toBe('/traces');
});

test('an open preview goes along with j and k, and Escape closes it', async () => {
	const second = traceSummary(1).traceId;
	const { history, screen } = await openApp(`/traces?preview=${TRACE_ID}`, full);
	await ready();
	await userEvent.keyboard('jj');
	expect(history.text).toBe(`/traces?preview=${second}`);
	await expect.element(drawer().getByRole('alert')).toMatchTextContent(/could not be read/);
	await userEvent.keyboard('{Escape}');
	expect(history.text).toBe('/traces');
	await screen
		.getByRole('button', { name: /^Preview/ })
		.first()
		.click();
	expect(history.text).toBe(`/traces?preview=${TRACE_ID}`);
});

test('a trace that is read, and one that is gone', async () => {
	const { screen } = await openApp(`/traces?preview=${TRACE_ID}`, { ...full, [`/traces/${TRACE_ID}`]: never });
	await ready();
	await expect.element(drawer().getByRole('heading', { name: /^Trace 0af7651/ })).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Close' }).click();
	await expect.element(drawer()).not.toBeInTheDocument();
});

test('a trace that is gone says so', async () => {
	const gone = () => problem(404, 'NO_SUCH_TRACE', 'it never arrived, or its spans are older than the retention');
	await openApp(`/traces?preview=${TRACE_ID}`, { ...full, [`/traces/${TRACE_ID}`]: gone });
	await expect.element(drawer().getByRole('alert')).toMatchTextContent(/older than the retention/);
});

test('a narrow screen holds it', async () => {
	await page.viewport(390, 844);
	await openApp(`/traces?preview=${TRACE_ID}`, full);
	await expect.element(drawer().getByText(`${checkoutTrace().length} spans`)).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});

test('the chart shows series of the query, and a group narrows the search', async () => {
	const { screen, history, server } = await openApp('/traces?q=env:prod', full);
	await ready();
	await screen.getByRole('button', { name: 'Series', exact: true }).click();
	await expect.element(screen.getByRole('slider', { name: 'Rate over time' })).toBeVisible();
	await screen.getByRole('combobox', { name: 'Measure' }).selectOptions('p95');
	expect(history.text).toBe('/traces?q=env:prod&chart=series&measure=p95');
	await expectAccessible();
	await screen.getByRole('button', { name: 'shop/cart', exact: true }).click();
	expect(history.read().searchParams.get('q')).toBe('env:prod service:shop/cart');
	expect(server.asked.filter((url) => url.pathname.endsWith('/latency-histogram'))).toHaveLength(1);
});

test('what is different can be grouped by', async () => {
	const { screen, history } = await openApp(`/traces?brush=${NOW_MS - 600_000},${NOW_MS},500000000,`, full);
	await screen.getByRole('button', { name: 'Group by version' }).click();
	expect(Object.fromEntries(history.read().searchParams)).toMatchObject({ chart: 'series', by: 'version' });
});

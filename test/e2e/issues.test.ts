import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IssuesAnswer } from '../../schema/api-issues.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { launchBrowser, openPage, photograph } from './browser.ts';
import { runDemo } from './demo-traffic.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import type { RawSpan, RecordingProxy } from './recording-proxy.ts';

let product: Product;
let browser: Browser;
let proxy: RecordingProxy;
beforeAll(async () => {
	product = await startProduct();
	browser = await launchBrowser();
	proxy = await startRecordingProxy(product.ready.otlpHttp);
});
afterAll(async () => {
	await browser?.close();
	await proxy?.close();
	await product?.stop();
});

const inbox = async (query = ''): Promise<IssuesAnswer> =>
	(await (await fetch(`${product.ready.ui}/api/v1/issues?${query}`)).json()) as IssuesAnswer;

test('from the inbox to the N+1 in the waterfall by keyboard, and a state that is kept', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto('/issues');
	await page.getByText('No exceptions and no wasted time in this time range').waitFor();
	await photograph(page, 'issues-none');

	await runDemo({ endpoint: proxy.url, ui: product.ready.ui, minutes: 0.4, rate: 20 });
	// Traces are searched half a minute after their last span.
	const found = await until(
		async () => {
			const answer = await inbox();
			const isDone = answer.analysis.tracesAnalysed > 0 && answer.analysis.tracesWaiting === 0;
			return isDone && answer.issues.length > 0 ? answer : undefined;
		},
		'all traces searched',
		120_000,
	);
	const loop = found.issues.find(({ kind, service }) => kind === 'n-plus-one' && service.endsWith('cart'));
	expect(loop).toMatchObject({ state: 'new', title: expect.stringMatching(/select/i) });
	// As many calls of one query below one span as were sent.
	const [sample] = loop!.samples;
	const ofTrace = proxy.spans.filter(({ traceId }) => traceId === sample!.traceId);
	const guilty = ofTrace.find(({ spanId }) => spanId === sample!.spanId);
	const queryOf = ({ attributes }: RawSpan) =>
		attributes.find(({ key }) => key === 'db.query.text' || key === 'db.statement')?.value.stringValue;
	const siblings = ofTrace.filter(
		(span) =>
			span.service === guilty!.service &&
			span.parentSpanId === guilty!.parentSpanId &&
			queryOf(span) === queryOf(guilty!),
	);
	expect(siblings.length).toBeGreaterThanOrEqual(5);
	expect(sample!.spans).toBe(siblings.length);

	await page.goto('/issues?kind=n-plus-one');
	await page.getByRole('row', { name: /N\+1/ }).first().waitFor();
	await page.goto('/issues');
	await page.getByRole('row', { name: /N\+1/ }).first().waitFor();
	await photograph(page, 'issues');
	await page.goto(`/issues?kind=n-plus-one&svc=${encodeURIComponent(loop!.service)}`);
	await page.getByRole('row', { name: /N\+1/ }).first().waitFor();
	await page.keyboard.press('j');
	await page.keyboard.press('Enter');
	await page.getByText(/calls below/).waitFor();
	await page
		.getByText(/db\.(query\.text|statement)/)
		.first()
		.waitFor();
	await photograph(page, 'issue-n-plus-one');

	await page.keyboard.press('Shift+A');
	await page.getByText(/^Acknowledged/).waitFor();
	await expect
		.poll(async () => (await inbox('state=ongoing')).issues.map(({ issueId }) => issueId))
		.toEqual([loop!.issueId]);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect.poll(async () => (await inbox('state=ongoing')).issues).toEqual([]);

	await page.getByRole('link', { name: 'Open in the waterfall' }).click();
	await page.getByRole('treegrid').locator('[role=row][aria-selected=true]').waitFor();
	expect(new URL(page.url()).searchParams.get('span')).toMatch(/^[0-9a-f]{16}$/);

	const exception = found.issues.find(({ kind }) => kind === 'exception');
	if (exception !== undefined) {
		await page.goto(`/issues/${exception.issueId}`);
		await page.getByRole('heading', { name: 'What happened' }).waitFor();
		await page.getByText(/Sample 1 of/).waitFor();
		await photograph(page, 'issue-exception');
	}
	expect(troubles).toEqual([]);
	await context.close();
});

import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QueriesAnswer } from '../../schema/api-database.ts';
import type { ServiceMapAnswer } from '../../schema/api-service-map.ts';
import type { OperationsAnswer, ServicesAnswer, TracesAnswer } from '../../schema/api.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { isEntry, redOf } from '../support/red-oracle.ts';
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

/** The shop fails by chance; these fail for certain, each for another reason, beside some that only look like it. */
async function sendFailures(endpoint: string): Promise<void> {
	const nano = (beforeMs: number) => `${Date.now() - beforeMs}000000`;
	const http = (status: number) => [{ key: 'http.response.status_code', value: { intValue: String(status) } }];
	const spans = [
		{ kind: 2, status: { code: 2 }, attributes: [] },
		{ kind: 2, status: {}, attributes: http(503) },
		{ kind: 2, status: {}, attributes: http(404) },
		{ kind: 2, status: { code: 1 }, attributes: http(500) },
		{ kind: 3, status: {}, attributes: http(404) },
	].map((span, i) => ({
		traceId: 'fa11'.repeat(8),
		spanId: String(i + 1).repeat(16),
		parentSpanId: 'f'.repeat(16),
		name: `failure ${i}`,
		startTimeUnixNano: nano(20 * (i + 1)),
		endTimeUnixNano: nano(0),
		...span,
	}));
	const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'failing' } }] };
	const answer = await fetch(`${endpoint}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
	});
	expect(answer.status).toBe(200);
}

async function api<Answer>(path: string): Promise<Answer> {
	const answer = await fetch(`${product.ready.ui}/api/v1${path}`);
	if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
	return (await answer.json()) as Answer;
}

test('a newcomer is welcomed, sends a test span and sees it arrive', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto('/');
	await page.waitForURL('**/welcome');
	await page.getByText(product.ready.otlpHttp).filter({ visible: true }).first().waitFor();
	await photograph(page, 'welcome-waiting');
	await page.getByRole('button', { name: 'Send a test span' }).click();
	await page.getByRole('link', { name: /trace/i }).first().waitFor();
	await page.getByText(/Spans arrive/i).waitFor();
	await photograph(page, 'welcome-arrived');
	expect(troubles).toEqual([]);
	await context.close();
});

describe('with the traffic of the shop', () => {
	const window = { from: 0, to: 0 };
	let byService: Map<string, RawSpan[]>;

	beforeAll(async () => {
		window.from = Date.now();
		await sendFailures(proxy.url);
		await runDemo({ endpoint: proxy.url, ui: product.ready.ui, minutes: 0.5, rate: 20 });
		window.to = Date.now() + 1;
		byService = Map.groupBy(proxy.spans, (span) => span.service);
	});

	const range = () => `from=${window.from}&to=${window.to}`;

	test('five services and more take part', () => {
		expect(byService.size).toBeGreaterThanOrEqual(5);
	});

	test('every span that was acknowledged is stored, once', async () => {
		const count = () => api<{ spans: number; traces: number }>(`/count?${range()}`);
		// An answer means that the spans are synced to disk; they reach ClickHouse a moment later.
		await until(async () => (await count()).spans >= proxy.spans.length || undefined, 'the last spans in ClickHouse');
		expect(await count()).toMatchObject({
			spans: proxy.spans.length,
			traces: new Set(proxy.spans.map((span) => span.traceId)).size,
		});
	});

	test('requests and errors of each service equal a count over the raw spans, quantiles come within 1.1 %', async () => {
		const { services } = await api<ServicesAnswer>(`/services?${range()}`);
		expect(services.map(({ service }) => service).sort()).toEqual([...byService.keys()].sort());
		for (const service of services) {
			const expected = redOf(byService.get(service.service)?.filter(isEntry) ?? []);
			expect(service, service.service).toMatchObject({ requests: expected.requests, errors: expected.errors });
			for (const [found, q] of [
				[service.p50Nano, 0.5],
				[service.p95Nano, 0.95],
				[service.p99Nano, 0.99],
			] as const) {
				expect(Math.abs((found ?? 0) / expected.quantileNano(q) - 1), `${service.service} p${q * 100}`).toBeLessThan(
					0.011,
				);
			}
		}
		expect(services.find(({ service }) => service === 'failing')).toMatchObject({ requests: 4, errors: 2 });
	});

	test('the operations of a service add up to all of its spans', async () => {
		for (const [service, spans] of byService) {
			const { operations } = await api<OperationsAnswer>(`/operations?${range()}&service=${service}`);
			const all = redOf(spans);
			const sum = (name: 'requests' | 'errors') => operations.reduce((total, operation) => total + operation[name], 0);
			expect([sum('requests'), sum('errors')], service).toEqual([all.requests, all.errors]);
		}
	});

	test('the pages of a search are complete, without a trace twice', async () => {
		const expected = new Set(byService.get('cart')?.map((span) => span.traceId));
		const found: string[] = [];
		let cursor = '';
		do {
			const page = await api<TracesAnswer>(`/traces?${range()}&q=service:cart&limit=7${cursor && `&cursor=${cursor}`}`);
			found.push(...page.traces.map((trace) => trace.traceId));
			cursor = page.nextCursor ?? '';
		} while (cursor !== '');
		expect(found.length).toBe(expected.size);
		expect(new Set(found)).toEqual(expected);
	});

	test('a developer finds the slow checkout, its query, and shares the link; by keyboard alone', async () => {
		const { page, context, troubles } = await openPage(browser, product.ready.ui);
		await page.goto('/services');
		await page.getByRole('rowheader', { name: /checkout/ }).waitFor();
		for (const service of byService.keys())
			expect(await page.getByRole('rowheader', { name: service }).count()).toBe(1);
		await photograph(page, 'services');

		await page.keyboard.press('g');
		await page.keyboard.press('t');
		await page.waitForURL('**/traces**');
		await page.getByRole('button', { name: 'Search', exact: true }).waitFor();
		await page.getByRole('table').getByRole('row').nth(1).waitFor();
		await page.keyboard.press('/');
		expect(await page.locator(':focus').getAttribute('aria-label')).toMatch(/search/i);
		await page.keyboard.type('service:checkout kind:server duration>100ms');
		await page.keyboard.press('Enter');
		const slow =
			byService.get('checkout')?.filter((span) => span.kind === 2 && redOf([span]).quantileNano(1) > 100e6) ?? [];
		const rows = page.getByRole('table').getByRole('row');
		await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(new Set(slow.map((span) => span.traceId)).size + 1);
		await photograph(page, 'traces');
		await page.keyboard.press('Escape');
		await page.keyboard.press('j');
		await page.keyboard.press('Enter');
		await page.waitForURL('**/trace/*');

		const tree = page.getByRole('treegrid');
		await tree.waitFor();
		const traceId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
		const ofTrace = proxy.spans.filter((span) => span.traceId === traceId);
		// Five or more siblings that do the same stand behind a line of their own, which comes on top when all are unfolded.
		const tableOf = ({ attributes }: RawSpan) => {
			const query = attributes.find(({ key }) => key === 'db.query.text' || key === 'db.statement')?.value.stringValue;
			return /^\s*(\w+).*?\b(?:from|into|update)\s+(\w+)/is.exec(query ?? '')?.slice(1);
		};
		const families = Map.groupBy(ofTrace, (span) =>
			JSON.stringify([span.parentSpanId, span.service, span.name, tableOf(span)]),
		);
		const folded = [...families.values()].filter((siblings) => siblings.length >= 5);
		const hidden = folded.reduce((sum, siblings) => sum + siblings.length - 1, 0);
		expect(await tree.getAttribute('aria-rowcount')).toBe(String(ofTrace.length - hidden));
		await page.keyboard.press('Shift+*');
		await expect.poll(() => tree.getAttribute('aria-rowcount')).toBe(String(ofTrace.length + folded.length));
		await photograph(page, 'trace');
		const selected = tree.locator('[role=row][aria-selected=true]');
		let label = '';
		for (let step = 0; step < ofTrace.length && !/SELECT/.test(label); step++) {
			await page.keyboard.press('ArrowDown');
			label = (await selected.textContent()) ?? '';
		}
		expect(label).toMatch(/SELECT/);
		await page.keyboard.press('Enter');
		await page
			.getByText(/db\.(query\.text|statement)/)
			.first()
			.waitFor();
		await photograph(page, 'trace-span');

		const rowLabel = await selected.getAttribute('aria-label');
		await page.keyboard.press('y');
		const link = await until(
			async () => (await page.evaluate<string>('navigator.clipboard.readText()')) || undefined,
			'the link',
		);
		const other = await openPage(browser, product.ready.ui);
		await other.page.goto(link);
		const same = other.page.getByRole('treegrid').locator('[role=row][aria-selected=true]');
		await same.waitFor();
		expect(await same.getAttribute('aria-label')).toBe(rowLabel);
		await other.page
			.getByText(/db\.(query\.text|statement)/)
			.first()
			.waitFor();
		expect(await other.page.title()).toBe(await page.title());

		await page.goBack(); // Closes the details.
		await expect.poll(() => page.getByText(/db\.(query\.text|statement)/).count()).toBe(0);
		await page.goBack();
		await page.waitForURL('**/traces?**');
		expect([...troubles, ...other.troubles]).toEqual([]);
		await context.close();
		await other.context.close();
	});

	test('edges of the map and groups of queries add up to the raw spans', async () => {
		const has = (span: RawSpan, ...keys: string[]) => span.attributes.some(({ key }) => keys.includes(key));
		const isDatabase = (span: RawSpan) => has(span, 'db.system', 'db.system.name') && span.kind !== 2;
		const { queries } = await api<QueriesAnswer>(`/db/queries?${range()}`);
		expect(queries.reduce((sum, group) => sum + group.calls, 0)).toBe(proxy.spans.filter(isDatabase).length);

		const servers = Map.groupBy(proxy.spans.filter((span) => span.kind === 2), (span) => `${span.traceId} ${span.parentSpanId}`); // prettier-ignore
		const expected = new Map<string, number>();
		for (const span of proxy.spans) {
			if (span.kind !== 3 || isDatabase(span) || has(span, 'messaging.system')) continue;
			for (const callee of new Set(servers.get(`${span.traceId} ${span.spanId}`)?.map((server) => server.service))) {
				const key = `${span.service} → ${callee}`;
				expected.set(key, (expected.get(key) ?? 0) + 1);
			}
		}
		const bare = (id: string) => id.replace(/^service:(shop\/)?/, '');
		const answered = async () => {
			const { edges } = await api<ServiceMapAnswer>(`/service-map?${range()}`);
			const between = edges.filter(({ type, callee }) => type === 'request' && callee.startsWith('service:'));
			return new Map(
				between.map((edge) => [`${bare(edge.caller)} → ${bare(edge.callee)}`, edge.calls - edge.unanswered]),
			);
		};
		await expect.poll(answered, { timeout: 90_000, interval: 1_000 }).toEqual(expected);
		expect(expected.size).toBeGreaterThanOrEqual(5);
	});

	test('every other screen and state is there to be looked at', async () => {
		const { page, context } = await openPage(browser, product.ready.ui);
		const screens: [name: string, path: string, shows: RegExp][] = [
			['service', '/services/shop%2Fcheckout', /Operations/],
			['service-dependencies', '/services/shop%2Fcheckout?tab=deps', /Downstream/],
			['service-database', '/services/shop%2Fcheckout?tab=db', /together/],
			['map', '/map', /\d+ nodes/],
			['map-node', '/map?sel=service:shop/checkout', /Called by/],
			['map-table', '/map?view=table', /Callee/],
			['database', '/db', /together/],
			['external', '/external', /host/],
			['traces-none', '/traces?q=service:nobody', /No (spans|traces)/i],
			['traces-wrong', '/traces?q=duration>500', /500ms/],
			['trace-missing', `/trace/${'a'.repeat(32)}`, /No trace|not found|kept/i],
			['not-found', '/no/such/page', /./],
		];
		for (const [name, path, shows] of screens) {
			await page.goto(path);
			const told = page.getByText(shows).filter({ visible: true }).first();
			await told.waitFor();
			expect(await told.textContent()).toMatch(shows);
			await photograph(page, name);
		}
		await context.close();
	});
});

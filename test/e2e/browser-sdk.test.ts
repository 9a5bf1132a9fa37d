/** `@spanhouse/sdk/browser` as a page has it: bundled, in a real browser, sending across origins to the product. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from 'vite';
import { buildSdkIfStale } from '../../sdk/build.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { launchBrowser, openPage } from './browser.ts';

const entry = fileURLToPath(new URL('../../sdk/dist/browser/index.js', import.meta.url));
/** The README says 20 kB. */
const mostGzipBytes = 21_000;
const pageTrace = 'aaaabbbbccccddddaaaabbbbccccdddd';
const pageParent = '1111222233334444';

let bundle: string;
let product: Product;
let browser: Browser;
const shop = serve((origin) => (request) => {
	if (request.url === '/sdk.js') return { type: 'text/javascript', body: bundle };
	if (request.url === '/price') return { type: 'application/json', body: '{"price":12}' };
	if (request.url === '/broken') return { status: 500, type: 'text/plain', body: 'broken' };
	return { type: 'text/html', body: pageOf(origin) };
});
/** Another origin, which takes requests of any page. */
const elsewhere = serve(() => () => ({ type: 'text/plain', body: 'elsewhere' }));

interface Answer {
	status?: number;
	type: string;
	body: string;
}
interface Seen {
	server: Server;
	origin: Promise<string>;
	/** What came as `traceparent`, by path. */
	parents: Map<string, string | undefined>;
}
type Answering = (request: { url?: string | undefined }) => Answer;

function serve(answering: (origin: string) => Answering): Seen {
	const parents = new Map<string, string | undefined>();
	const { promise: origin, resolve } = Promise.withResolvers<string>();
	const server = createServer((request, response) => {
		parents.set(request.url ?? '', request.headers['traceparent']?.toString());
		void origin.then((own) => {
			const { status = 200, type, body } = answering(own)(request);
			response.writeHead(status, { 'content-type': type, 'access-control-allow-origin': '*' }).end(body);
		});
	});
	server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
	return { server, origin, parents };
}

let other: string;
const pageOf = (origin: string): string => `<!doctype html><title>shop</title><link rel="icon" href="data:,">
<meta name="traceparent" content="00-${pageTrace}-${pageParent}-01">
<script type="module">
import { start, withSpan } from '/sdk.js';
const handle = start({ serviceName: 'shop-web', serviceVersion: '1.2.3', endpoint: '${product.ready.otlpHttp}' });
await withSpan('put into the cart', () => fetch('/price'));
await fetch(new Request('${origin}/broken', { method: 'POST', body: 'x' }));
await fetch('${other}/beside');
await fetch('http://127.0.0.1:1/').catch(() => {});
if (document.readyState !== 'complete') await new Promise((resolve) => addEventListener('load', resolve));
setTimeout(() => handle.forceFlush().then(() => { document.title = 'sent'; }), 10);
</script>`;

beforeAll(async () => {
	await buildSdkIfStale();
	const lib = { entry, formats: ['es' as const] };
	const built = await build({ configFile: false, logLevel: 'error', build: { write: false, lib, minify: true } });
	const [{ output }] = built as unknown as [{ output: { code: string }[] }];
	bundle = output[0]!.code;
	other = await elsewhere.origin;
	product = await startProduct({ args: ['--ephemeral', '--cors-origins', await shop.origin] });
	browser = await launchBrowser();
});
afterAll(async () => {
	await browser?.close();
	await product?.stop();
	for (const { server } of [shop, elsewhere]) {
		server.closeAllConnections();
		server.close();
	}
});

test('it stays small', () => expect(gzipSync(bundle, { level: 9 }).length).toBeLessThan(mostGzipBytes));

interface Span {
	traceId: string;
	spanId: string;
	parentSpanId: string;
	name: string;
	kind: string;
	error: boolean;
	attributes?: Record<string, unknown>;
}

test('the load of a page and its fetches arrive, each in its trace', async () => {
	const { page, context } = await openPage(browser, await shop.origin);
	await page.goto('/');
	await page.waitForFunction("document.title === 'sent'");
	const spans = await until(async () => {
		const answer = await fetch(`${product.ready.ui}/api/v1/spans?q=service:shop-web&limit=50`);
		const { spans } = (await answer.json()) as { spans: Span[] };
		return spans.length >= 7 ? spans : undefined;
	}, 'the spans of the page');
	const only = (name: string, nth = 0): Span => spans.filter((span) => span.name.startsWith(name))[nth]!;

	const load = only('page load');
	expect(load).toMatchObject({ traceId: pageTrace, parentSpanId: pageParent, error: false });
	const children = spans.filter(({ parentSpanId }) => parentSpanId === load.spanId);
	expect(children).toMatchObject([{ kind: 'client', traceId: pageTrace }]);

	const cart = only('put into the cart');
	const inCart = spans.filter(({ parentSpanId }) => parentSpanId === cart.spanId);
	expect(inCart).toMatchObject([{ kind: 'client', traceId: cart.traceId, error: false }]);
	expect(shop.parents.get('/price')).toBe(`00-${cart.traceId}-${inCart[0]!.spanId}-01`);

	const failed = spans.filter(({ error }) => error);
	expect(failed).toHaveLength(2);
	const broken = shop.parents.get('/broken')?.split('-');
	expect(failed.some(({ traceId, spanId }) => traceId === broken?.[1] && spanId === broken[2])).toBe(true);
	// Other origins may not allow the header.
	expect(elsewhere.parents.has('/beside')).toBe(true);
	expect(elsewhere.parents.get('/beside')).toBeUndefined();
	// The exporter's own requests are not spans: the page's, its document's, its own, and four fetches.
	expect(spans).toHaveLength(7);
	await context.close();
});

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startOtlpReceiver } from '../sdk/test/otlp-receiver.ts';
import type { OtlpReceiver, ReceivedSpan } from '../sdk/test/otlp-receiver.ts';
import { unpackDemo } from '../test/support/packed-demo.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 150_000 });

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

interface RunningDemo {
	process: ChildProcess;
	output: () => string;
	ended: Promise<number | null>;
}

const ofCheckout = fileURLToPath(new URL('main.ts', import.meta.url));

/** In a process group of its own, so that whatever it leaves behind can be seen. */
function runDemo(args: string[], main = ofCheckout): RunningDemo {
	const child = spawn(process.execPath, [main, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
	const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
	return { process: child, output: () => output, ended };
}

function isGroupAlive(pid: number): boolean {
	try {
		process.kill(-pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function waitUntil(isTrue: () => boolean, maxMs: number): Promise<boolean> {
	const deadline = performance.now() + maxMs;
	while (!isTrue() && performance.now() < deadline) await sleep(50);
	return isTrue();
}

describe('a short day in the shop, as a stranger has it from the package', () => {
	let stranger: Awaited<ReturnType<typeof unpackDemo>>;
	let receiver: OtlpReceiver;
	let demo: RunningDemo;
	let exitCode: number | null;
	let spans: ReceivedSpan[];
	let byId: Map<string, ReceivedSpan>;

	beforeAll(async () => {
		stranger = await unpackDemo();
		receiver = await startOtlpReceiver();
		demo = runDemo(['--endpoint', receiver.url, '--rate', '12', '--minutes', '0.25'], stranger.bin);
		exitCode = await demo.ended;
		spans = receiver.spans;
		byId = new Map(spans.map((span) => [span.spanId, span]));
	});
	afterAll(async () => {
		await receiver[Symbol.asyncDispose]();
		stranger[Symbol.dispose]();
	});

	test('the tarball holds JavaScript, the schemas of the databases and the documents, and publint finds nothing', async () => {
		const allowed =
			/^(package\.json|README\.md|LICENSE|dist\/((load|services)\/)?[\w-]+\.js|dist\/databases\/\w+\.sql)$/;
		expect(stranger.files.filter((path) => !allowed.test(path))).toEqual([]);
		expect(stranger.files).toEqual(
			expect.arrayContaining(['dist/index.js', 'dist/services/web.js', 'dist/load/main.js', 'dist/databases/cart.sql']),
		);
		const { messages, pkg } = await publint({ pkgDir: fileURLToPath(new URL('.', import.meta.url)), strict: true });
		expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
	});

	const spansOf = (service: string, kind: number) =>
		spans.filter((span) => span.service === service && span.kind === kind);

	test('ends well, tells what to look for, and leaves no process', () => {
		expect({ exitCode, output: demo.output() }).toMatchObject({ exitCode: 0 });
		expect(demo.output()).toContain('http://127.0.0.1:4319/services');
		expect(isGroupAlive(demo.process.pid!)).toBe(false);
	});

	test('seven services send spans, each with its namespace, version and environment', () => {
		expect(new Set(spans.map((span) => span.service))).toEqual(
			new Set(['web', 'catalog', 'cart', 'checkout', 'inventory', 'payment', 'mail-worker']),
		);
		for (const span of spans) {
			expect(span.resource).toMatchObject({
				'service.namespace': 'shop',
				'deployment.environment.name': 'demo',
				'service.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
			});
		}
	});

	test('every request to the storefront begins a trace, and every other one has its client span for a parent', () => {
		for (const server of spansOf('web', SERVER)) expect(server.parentSpanId ?? '').toBe('');
		const others = spans.filter((span) => span.kind === SERVER && span.service !== 'web');
		expect(others.length).toBeGreaterThan(0);
		for (const server of others) {
			expect(byId.get(server.parentSpanId ?? '')).toMatchObject({ kind: CLIENT, traceId: server.traceId });
		}
	});

	test('operations are few: each server span is named by its method and route', () => {
		const names = new Set(spans.filter((span) => span.kind === SERVER).map((span) => `${span.service} ${span.name}`));
		expect([...names].filter((name) => !/^[a-z-]+ (GET|POST) \/[a-zA-Z:/]*$/.test(name))).toEqual([]);
		expect(names.size).toBeLessThan(20);
	});

	test('queries to PostgreSQL carry their text, with no values in it', () => {
		for (const service of ['catalog', 'cart', 'checkout']) {
			const queries = spansOf(service, CLIENT).filter((span) => span.attributes['db.system.name'] === 'postgresql');
			expect(queries.length).toBeGreaterThan(0);
			expect(new Set(queries.map((query) => query.attributes['db.namespace']))).toEqual(new Set([service]));
			for (const query of queries) expect(String(query.attributes['db.query.text'])).toMatch(/\$1/);
		}
	});

	test('a cart of several items asks for each price by itself', () => {
		const queriesByParent = Map.groupBy(
			spansOf('cart', CLIENT).filter((span) => String(span.attributes['db.query.text']).includes('price_history')),
			(span) => span.parentSpanId,
		);
		expect(Math.max(...[...queriesByParent.values()].map((queries) => queries.length))).toBeGreaterThanOrEqual(5);
	});

	test('an order reaches from the storefront over checkout to cart, inventory, payment and the database', () => {
		const [send] = spansOf('checkout', PRODUCER);
		const trace = spans.filter((span) => span.traceId === send?.traceId);
		expect(new Set(trace.map((span) => span.service))).toEqual(
			new Set(['web', 'checkout', 'cart', 'inventory', 'payment']),
		);
	});

	test('each mail is a trace of its own, linked to the order that it is for', () => {
		const consumed = spansOf('mail-worker', CONSUMER);
		expect(consumed.length).toBeGreaterThan(0);
		for (const span of consumed) {
			expect(span.parentSpanId ?? '').toBe('');
			const producer = byId.get(span.links?.[0]?.spanId ?? '');
			expect(producer).toMatchObject({ kind: PRODUCER, service: 'checkout', traceId: span.links?.[0]?.traceId });
			expect(producer?.traceId).not.toBe(span.traceId);
			expect(span.attributes).toMatchObject({
				'messaging.operation.type': 'process',
				'messaging.destination.name': 'order.placed',
				'messaging.message.id': producer?.attributes['messaging.message.id'],
			});
		}
	});

	test('requests are told by customer and session', () => {
		for (const server of spansOf('web', SERVER)) {
			expect(server.attributes).toMatchObject({
				'user.id': expect.stringMatching(/^user-\d+$/),
				'session.id': expect.stringMatching(/^session-\d+$/),
				'customer.tier': expect.stringMatching(/^(regular|silver|gold)$/),
			});
		}
	});

	test('orders are told by customer', () => {
		const orders = spansOf('checkout', SERVER);
		expect(orders.length).toBeGreaterThan(0);
		for (const order of orders) {
			expect(order.attributes).toMatchObject({
				'user.id': expect.stringMatching(/^user-\d+$/),
				'customer.tier': expect.stringMatching(/^(regular|silver|gold)$/),
			});
		}
	});

	test('few requests fail, and each failure has its recorded exception', () => {
		const requests = spansOf('web', SERVER);
		const failed = requests.filter((span) => Number(span.attributes['http.response.status_code']) >= 500);
		expect(requests.length).toBeGreaterThan(60);
		expect(failed.length / requests.length).toBeLessThan(0.1);
		for (const failure of failed) {
			const trace = spans.filter((span) => span.traceId === failure.traceId);
			expect(trace.flatMap((span) => span.events).map((event) => event.name)).toContain('exception');
		}
	});

	test('the second version of inventory takes over at half-time, without a failed call', () => {
		const versions = new Set(spansOf('inventory', SERVER).map((span) => span.resource['service.version']));
		expect(versions).toEqual(new Set(['1.4.2', '2.0.0']));
		const failed = spans.filter((span) => span.kind === CLIENT && span.attributes['error.type'] === 'ECONNREFUSED');
		expect(failed).toEqual([]);
	});
});

describe('interrupted while it opens', () => {
	const openingDemo = async (receiver: OtlpReceiver) => {
		const demo = runDemo(['--endpoint', receiver.url]);
		expect(await waitUntil(() => demo.output().includes('Opening the shop'), 30_000)).toBe(true);
		// Some processes run by then and others are yet to be started.
		await sleep(1_500);
		expect(isGroupAlive(demo.process.pid!)).toBe(true);
		return demo;
	};

	test('by kill -9, it leaves no process', async () => {
		await using receiver = await startOtlpReceiver();
		const demo = await openingDemo(receiver);
		demo.process.kill('SIGKILL');
		// PostgreSQL's first start in WebAssembly is one stretch of work, after which its process looks up.
		expect(await waitUntil(() => !isGroupAlive(demo.process.pid!), 60_000)).toBe(true);
	});

	test.each(['SIGTERM', 'SIGINT'] as const)('by %s, it closes the shop and exits 0', async (signal) => {
		await using receiver = await startOtlpReceiver();
		const demo = await openingDemo(receiver);
		// As a terminal does, to every process at once.
		process.kill(signal === 'SIGINT' ? -demo.process.pid! : demo.process.pid!, signal);
		expect({ code: await demo.ended, output: demo.output() }).toMatchObject({ code: 0 });
		expect(isGroupAlive(demo.process.pid!)).toBe(false);
	});
});

test('without a Spanhouse it says so and how to start one', async () => {
	const demo = runDemo(['--endpoint', 'http://127.0.0.1:9']);
	expect(await demo.ended).toBe(1);
	expect(demo.output()).toMatch(/No Spanhouse answers at http:\/\/127\.0\.0\.1:9 .*npm start/);
});

test('a wrong option is refused with the help', async () => {
	const demo = runDemo(['--rate', 'many']);
	expect(await demo.ended).toBe(2);
	expect(demo.output()).toContain('--rate (SPANHOUSE_DEMO_RATE) is "many"');
});

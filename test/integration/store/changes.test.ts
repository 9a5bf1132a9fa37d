import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeRoutes } from '../../../collector/api/changes.ts';
import { deployRoutes } from '../../../collector/api/deploys.ts';
import { problemResponse } from '../../../collector/api/problem-response.ts';
import { mount } from '../../../collector/api/route.ts';
import { StateStore } from '../../../collector/state/state-store.ts';
import { silentLog } from '../../../collector/log.ts';
import { changesAnswer, changeSchema, deployAnswer } from '../../../schema/api-changes.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { MemoryTable } from '../../support/memory-table.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { entrySpans, isQuantile, shuffled, weightOf } from './oracle.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nowMs = Date.UTC(2026, 10, 20, 12, 30, 17);
const random = randomNumbers(5);
let nextId = 1;
const idText = (bytes: number) => (nextId++).toString(16).padStart(bytes * 2, '0');

interface Traffic {
	service: string;
	version: string;
	operation: string;
	fromMs: number;
	toMs: number;
	spans: number;
	failing: number;
	millis: number;
	environment?: string;
	namespace?: string;
	child?: boolean;
}

const traffic = (of: Traffic): PlainSpan[] =>
	Array.from({ length: of.spans }, (_, index) => {
		// The first one at the very start: that is when the version is first seen.
		const endMs = of.fromMs + (index === 0 ? 0 : Math.floor(random() * (of.toMs - of.fromMs)));
		const nano = BigInt(Math.ceil(of.millis * (0.5 + random()) * 1e6));
		return {
			traceId: idText(16),
			spanId: idText(8),
			parentSpanId: of.child === true ? 'ab'.repeat(8) : '',
			startUnixNano: BigInt(endMs) * 1_000_000n - nano,
			endUnixNano: BigInt(endMs) * 1_000_000n,
			kind: of.child === true ? 3 : 2,
			operation: of.operation,
			error: index / of.spans < of.failing,
			resource: {
				namespace: of.namespace ?? 'shop',
				service: of.service,
				version: of.version,
				environment: of.environment ?? 'prod',
			},
		};
	});

const deployedMs = nowMs - 30 * minuteMs;
const canaryMs = nowMs - 20 * minuteMs;
const old = { service: 'checkout', version: '1.0', fromMs: nowMs - 90 * minuteMs, toMs: deployedMs } as const;
const fresh = { service: 'checkout', version: '1.1', fromMs: deployedMs, toMs: nowMs } as const;
const spans: PlainSpan[] = [
	...traffic({ ...old, operation: 'POST /pay', spans: 3_000, failing: 0.01, millis: 40 }),
	...traffic({ ...fresh, operation: 'POST /pay', spans: 1_200, failing: 0.2, millis: 40 }),
	...traffic({ ...old, operation: 'GET /cart', spans: 6_000, failing: 0, millis: 10 }),
	...traffic({ ...fresh, operation: 'GET /cart', spans: 3_000, failing: 0, millis: 10 }),
	...traffic({ ...old, operation: 'SELECT cart', spans: 2_000, failing: 0, millis: 2, child: true }),
	...traffic({ ...fresh, operation: 'SELECT cart', spans: 900, failing: 0, millis: 30, child: true }),
	...traffic({ ...old, operation: 'GET /old', spans: 50, failing: 0, millis: 5 }),
	...traffic({ ...fresh, operation: 'GET /new', spans: 50, failing: 0, millis: 5 }),
	// A canary: the old version goes on beside it.
	...traffic({ service: 'stock', version: 'a', operation: 'GET /', fromMs: nowMs - 80 * minuteMs, toMs: nowMs, spans: 8_000, failing: 0.02, millis: 20 }),
	...traffic({ service: 'stock', version: 'b', operation: 'GET /', fromMs: canaryMs, toMs: nowMs, spans: 900, failing: 0.02, millis: 20 }),
	...traffic({ service: 'stock', version: 'b', operation: 'GET /', fromMs: nowMs - 85 * minuteMs, toMs: nowMs, spans: 20, failing: 0, millis: 20, environment: 'staging' }),
	// A name in two namespaces, and one with a slash in it.
	...traffic({ service: 'mail', version: '1', operation: 'POST /', fromMs: nowMs - 3 * hourMs, toMs: nowMs - 2 * hourMs, spans: 5, failing: 0, millis: 9 }),
	...traffic({ service: 'mail', version: '2', namespace: 'crm', operation: 'POST /', fromMs: nowMs - 3 * hourMs, toMs: nowMs - 2 * hourMs, spans: 7, failing: 0, millis: 9 }),
	...traffic({ service: 'team/pay', version: '8', operation: 'POST /', fromMs: nowMs - 3 * hourMs, toMs: nowMs - 2 * hourMs, spans: 9, failing: 0, millis: 9 }),
]; // prettier-ignore

let store: ThrowAwayStore;
let app: Hono;
beforeAll(async () => {
	store = await throwAwayStore();
	const late = shuffled(spans, random);
	for (let from = 0; from < late.length; from += 4_000)
		await store.writer.append(spanBlock(late.slice(from, from + 4_000)));
	app = new Hono();
	const clock = () => nowMs;
	const state = await StateStore.open({ clock, table: new MemoryTable() });
	mount(app, [...changeRoutes(store.changes, store.red, clock), ...deployRoutes({ ...store, state, clock })], () => {});
	app.onError((error, c) => problemResponse(c, error, silentLog));
});
afterAll(() => store[Symbol.asyncDispose]());

async function get(path: string): Promise<unknown> {
	const response = await app.request(path);
	if (!response.ok) throw new Error(await response.text());
	return response.json();
}
const tell = (body: unknown) =>
	app.request('/changes', {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
const changes = async (query: string) => changesAnswer.parse(await get(`/changes?${query}`)).changes;

test('a version that had not sent spans before is a deploy, in the environment where it is new', async () => {
	const found = await changes('from=now-70m&to=now');
	expect(found.map(({ service, revision, previous, environment, tMs }) => [service, revision, previous, environment, tMs])).toEqual([
		['shop/stock', 'b', 'a', 'prod', canaryMs],
		['shop/checkout', '1.1', '1.0', 'prod', deployedMs],
	]); // prettier-ignore
	const all = await changes('from=now-2h&to=now&env=staging');
	expect(all.map(({ service, revision, previous }) => [service, revision, previous])).toEqual([
		['shop/stock', 'b', null],
	]);
	expect(await changes('from=now-70m&to=now&service=checkout')).toHaveLength(1);
});

/** The oracle: spans of the test that an answer counts. */
function counted(version: string, fromMs: number, toMs: number, operation?: string): PlainSpan[] {
	const inside = spans.filter(({ resource, endUnixNano, operation: own }) => {
		const endMs = Number(endUnixNano / 1_000_000n);
		const isMeant = resource?.version === version && resource.environment === 'prod' && endMs >= fromMs && endMs < toMs;
		return isMeant && (operation === undefined || own === operation);
	});
	return operation === undefined ? entrySpans(inside) : inside;
}

function expectSide(shown: { requests: number; errors: number; p95Nano: number | null }, of: PlainSpan[]): void {
	expect(shown.requests).toBe(weightOf(of));
	expect(shown.errors).toBe(weightOf(of.filter((span) => span.error)));
	expect(isQuantile(shown.p95Nano, of, 0.95)).toBe(true);
}

test('after a deploy each operation is compared with the time before, and judged', async () => {
	const deploy = deployAnswer.parse(await get('/deploys/shop%2Fcheckout/1.1'));
	const earlierMs = deployedMs - (nowMs - deployedMs);
	expect(deploy).toMatchObject({
		service: 'shop/checkout',
		previous: '1.0',
		baseline: 'before',
		after: { fromMs: deployedMs, toMs: nowMs },
		before: { fromMs: earlierMs, toMs: deployedMs },
		verdict: 'worse',
		newOperations: { list: ['GET /new'] },
		goneOperations: { list: ['GET /old'] },
	});
	expectSide(deploy.entry.before, counted('1.0', earlierMs, deployedMs));
	expectSide(deploy.entry.after, counted('1.1', deployedMs, nowMs));
	const operations = new Map(deploy.operations.map((operation) => [operation.operation, operation]));
	expect([...operations.keys()].sort()).toEqual(['GET /cart', 'POST /pay', 'SELECT cart']);
	for (const [name, operation] of operations) {
		expectSide(operation.before, counted('1.0', earlierMs, deployedMs, name));
		expectSide(operation.after, counted('1.1', deployedMs, nowMs, name));
		expect(operation.errors.after).toBeCloseTo(operation.after.errors / operation.after.requests, 10);
	}
	expect(operations.get('POST /pay')?.errors.verdict).toBe('worse');
	expect(operations.get('GET /cart')).toMatchObject({ verdict: 'same' });
	expect(operations.get('SELECT cart')).toMatchObject({
		slow: { verdict: 'worse', after: 1 },
		verdict: 'worse',
	});
});

test('a canary is compared with the others of its time', async () => {
	const deploy = deployAnswer.parse(await get('/deploys/stock/b'));
	expect(deploy).toMatchObject({
		environment: 'prod',
		baseline: 'concurrent',
		before: { fromMs: canaryMs, toMs: nowMs },
	});
	expectSide(deploy.entry.before, counted('a', canaryMs, nowMs));
	expectSide(deploy.entry.after, counted('b', canaryMs, nowMs));
	expect(deploy.entry.verdict).not.toBe('worse');
});

test('an unknown version is not found', async () => {
	const response = await app.request('/deploys/checkout/9.9');
	expect(response.status).toBe(404);
	expect(await response.json()).toMatchObject({ code: 'NO_SUCH_DEPLOY' });
});

test.each([
	['shop/mail', '1', 'shop/mail', 5],
	['crm/mail', '2', 'crm/mail', 7],
	['stock', 'b', 'shop/stock', 900],
	['shop/team/pay', '8', 'shop/team/pay', 9],
	['team/pay', '8', 'shop/team/pay', 9],
])('the deploy of %s %s is found by what the service is called', async (written, version, service, requests) => {
	const deploy = deployAnswer.parse(await get(`/deploys/${encodeURIComponent(written)}/${version}`));
	expect(deploy.service).toBe(service);
	expect(deploy.entry.after.requests).toBe(requests);
});

test.each(['/deploys/mail/1', '/deploys/mail/2', '/changes?from=now-4h&to=now&service=mail'])(
	'a bare name that several namespaces have is ambiguous: %s',
	async (path) => {
		const response = await app.request(path);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({
			code: 'AMBIGUOUS_SERVICE',
			detail: expect.stringContaining('crm/mail, shop/mail') as string,
		});
	},
);

test('changes are asked for by what the service is called, with a slash or without', async () => {
	await tell({ kind: 'deploy', service: 'team/pay', revision: '8', author: 'eve', tMs: nowMs - 3 * hourMs - 9_000 });
	await tell({ kind: 'flag', service: 'shop/team/pay', title: 'by its namespace', tMs: nowMs - 2 * hourMs });
	await tell({ kind: 'flag', service: 'pay', title: 'of another', tMs: nowMs - 2 * hourMs });
	for (const name of ['team/pay', 'shop/team/pay']) {
		const found = await changes(`from=now-4h&to=now&service=${encodeURIComponent(name)}`);
		expect(found.map(({ service, title, revision, author }) => [service, title, revision, author])).toEqual([
			['shop/team/pay', 'by its namespace', '', 'anonymous'],
			['shop/team/pay', '', '8', 'eve'],
		]);
	}
	// `team/pay` was told without more: it may be `pay` of `team`, too.
	const unseen = await changes('from=now-4h&to=now&service=pay');
	expect(unseen.map(({ service }) => service)).toEqual(['pay', 'team/pay']);
	expect(await changes('from=now-4h&to=now&service=crm%2Fmail')).toMatchObject([{ revision: '2' }]);
});

test('a change that is told stands among the deploys, once', async () => {
	const flag = {
		kind: 'flag',
		service: 'shop/checkout',
		env: 'prod',
		revision: 'on',
		title: 'New till',
		tMs: nowMs - minuteMs,
	};
	const first = changeSchema.parse(await (await tell(flag)).json());
	expect(changeSchema.parse(await (await tell(flag)).json())).toEqual(first);
	const found = await changes('from=now-2m&to=now');
	expect(found).toEqual([first]);
	expect(first).toMatchObject({ source: 'told', title: 'New till', service: 'shop/checkout', previous: null });
});

test('a deploy that is seen and told is one, with who told it', async () => {
	await tell({ kind: 'deploy', service: 'checkout', revision: '1.1', author: 'ada', url: 'https://example.test/1', tMs: deployedMs - 5_000 });
	const [deploy, ...others] = await changes('from=now-31m&to=now-25m');
	expect(others).toEqual([]);
	expect(deploy).toMatchObject({ source: 'seen', revision: '1.1', author: 'ada', url: 'https://example.test/1', tMs: deployedMs });
	expect(deployAnswer.parse(await get('/deploys/checkout/1.1')).told).toMatchObject({ author: 'ada' });
}); // prettier-ignore

test.each([
	[{ kind: 'party' }, 'kind'],
	[{ kind: 'flag', url: 'javascript:alert(1)' }, 'url'],
	[{ kind: 'flag', title: 'two\nlines' }, 'title'],
	[{ kind: 'flag', tMs: -1 }, 'tMs'],
])('what makes no sense is refused by name: %o', async (body, name) => {
	const response = await tell(body);
	expect(response.status).toBe(400);
	expect(await response.json()).toMatchObject({ detail: expect.stringContaining(name) as string });
});

test('however much was told of others, what was told of a service is there, and what is cut says of how many', async () => {
	const many = 520;
	const tMs = nowMs - 30 * hourMs;
	await tell({ kind: 'migration', service: 'shop/checkout', title: 'the oldest', tMs: tMs - hourMs });
	for (let from = 0; from < many; from += 40) {
		const some = Array.from({ length: Math.min(40, many - from) }, (_, n) => from + n);
		await Promise.all(
			some.map(async (n) => tell({ kind: 'flag', service: 'noisy', title: `flag ${n}`, tMs: tMs + n })),
		);
	}
	const window = 'from=now-40h&to=now-20h';
	const titlesOf = async (query: string) => (await changes(`${window}&${query}`)).map(({ title }) => title);
	expect(await titlesOf('service=checkout')).toEqual(['the oldest']);
	expect(await titlesOf('kind=migration')).toEqual(['the oldest']);
	const whole = changesAnswer.parse(await get(`/changes?${window}`));
	expect(whole.changes.map(({ title }) => title)).toEqual(
		Array.from({ length: 500 }, (_, n) => `flag ${many - 1 - n}`),
	);
	expect(whole.partial).toEqual({ reason: 'the newest changes', seen: 500, of: many + 1 });
});

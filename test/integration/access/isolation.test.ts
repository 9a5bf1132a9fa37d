/**
 * Nothing of one project is seen by who is limited to another: each reading route of the one table is asked before and after
 * the other project gets data, and has to answer the same; the other's names and ids are answered as made-up ones are.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Outbox } from '../../../collector/alerting/notify/outbox/outbox.ts';
import { apiRoutes } from '../../../collector/api/api.ts';
import type { ApiParts } from '../../../collector/api/api.ts';
import type { Route } from '../../../collector/api/route.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import { silentLog } from '../../../collector/log.ts';
import { nodeDisk } from '../../../collector/spool/disk.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { startProduct, until } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { firing } from '../../support/transitions.ts';
import { decisionsOf, logsOf, rootIdOf, SPANS_OF_TRACE, traceIdOf, tracesOf } from './two-projects.ts';
import type { Tenant } from './two-projects.ts';

const kiwi: Tenant = { project: 'kiwi', word: 'kiwi', traces: 7 };
const mango: Tenant = { project: 'mango', word: 'mango', traces: 11 };
/** Nowhere. */
const papaya: Tenant = { project: 'papaya', word: 'papaya', traces: 0 };
/** Before what rates of the moment look at. */
const endMs = Date.now() - 1_200_000;
const window = { from: String(endMs - 1_800_000), to: String(endMs + 60_000) };

/** Whatever is asked of it: routes are built, none is handled. */
const anything: unknown = new Proxy(() => anything, { get: () => anything });
const table = apiRoutes(anything as ApiParts);
/** They never end: see the test of streams. */
const streams = ['/live', '/notifications'];
const reads = table.filter(({ method, path, role }) => {
	const asks = ['/series', '/difference', '/backtest'].includes(path);
	return (method === 'get' || asks) && role === 'viewer' && !streams.includes(path);
});

interface Asked {
	tenant: Tenant;
	token: string;
	issueId: string;
	fingerprint: string;
}

const folder = temporaryFolder();
let product: Product;
let cookie = '';
const tokens = new Map<string, string>();
const keys = new Map<string, string>();

async function call(method: string, path: string, { body, token }: { body?: unknown; token?: string } = {}) {
	const headers = new Headers(
		token === undefined ? { cookie, 'sec-fetch-site': 'same-origin' } : { authorization: `Bearer ${token}` },
	);
	if (body !== undefined) headers.set('content-type', 'application/json');
	const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
	const answer = await fetch(`${product.ready.ui}/api/v1${path}`, init);
	return {
		status: answer.status,
		text: await answer.text(),
		cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '',
	};
}

async function json<Answer>(
	method: string,
	path: string,
	more: { body?: unknown; token?: string } = {},
): Promise<Answer> {
	const { status, text } = await call(method, path, more);
	if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
	return JSON.parse(text) as Answer;
}

async function send(tenant: Tenant, toMs = endMs): Promise<void> {
	for (const [signal, body] of [
		['traces', tracesOf(tenant, toMs)],
		['logs', logsOf(tenant, toMs)],
	] as const) {
		const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys.get(tenant.project)}` };
		const answer = await fetch(`${product.ready.otlpHttp}/v1/${signal}`, {
			method: 'POST',
			headers,
			body: JSON.stringify(body),
		});
		expect(answer.status).toBe(200);
	}
}

/** Its data, its documents, and everything that is made of them in the background. */
async function fill(tenant: Tenant): Promise<void> {
	await send(tenant);
	const token = tokens.get(tenant.project) ?? '';
	const query = `from=${window.from}&to=${window.to}`;
	const count = async () => (await json<{ spans: number }>('GET', `/count?${query}`, { token })).spans;
	await until(
		async () => ((await count()) === tenant.traces * SPANS_OF_TRACE ? true : undefined),
		`spans of ${tenant.word}`,
	);
	for (const [method, path, body] of decisionsOf(tenant, endMs)) {
		await json(method, `${path}?project=${tenant.project}`, body === undefined ? {} : { body });
	}
	// Of its spans, and of its log record.
	const hasIssues = async () => {
		const { issues } = await json<{ issues: unknown[] }>('GET', `/issues?${query}`, { token });
		return issues.length >= 2 ? true : undefined;
	};
	await until(hasIssues, `issues of ${tenant.word}`, 120_000);
	const isDerived = async () => {
		const { derived } = await json<{ derived: { spansWaiting: number } }>('GET', '/status');
		return derived.spansWaiting === 0 ? true : undefined;
	};
	await until(isDerived, 'what is derived', 60_000);
	// The map and what repeats come from whole buckets, which rest while nobody looks and after much work.
	const isMapped = async () => {
		const { edges, partial } = await json<{ edges: unknown[]; partial?: object }>('GET', `/service-map?${query}`, {
			token,
		});
		const queries = await json<{ partial?: object }>('GET', `/db/queries?${query}`, { token });
		return edges.length > 0 && partial === undefined && queries.partial === undefined ? true : undefined;
	};
	await until(isMapped, 'the map', 120_000);
}

async function asked(tenant: Tenant): Promise<Asked> {
	const token = tokens.get(tenant.project) ?? '';
	const query = `from=${window.from}&to=${window.to}`;
	const { issues } = await json<{ issues: { issueId: string }[] }>('GET', `/issues?${query}`, { token });
	const { queries } = await json<{ queries: { fingerprint: string }[] }>('GET', `/db/queries?${query}`, { token });
	return { tenant, token, issueId: issues[0]?.issueId ?? '', fingerprint: queries[0]?.fingerprint ?? '' };
}

/** The request of a route, with the names and ids of a tenant wherever it takes some. */
function requestOf({ method, path, query }: Route, { tenant, issueId, fingerprint }: Omit<Asked, 'token'>) {
	const { word } = tenant;
	const values: Record<string, string> = {
		...window,
		service: `${word}-web`,
		operation: `GET /${word}`,
		version: `${word}-1`,
		traceId: traceIdOf(tenant, 0),
		spanId: rootIdOf(tenant, 0),
		at: String(endMs),
		issueId,
		fingerprint,
		key: `${word}.tier`,
		firingId: traceIdOf(tenant, 1),
		step: '5m',
	};
	const named: Record<string, string> = {
		'/alerts/': `${word}-alert`,
		'/slos/': `${word}-slo`,
		'/config/': `${word}-alert`,
	};
	const name = Object.entries(named).find(([start]) => path.startsWith(start))?.[1] ?? word;
	const filled = path.replaceAll(/\{(\w+)\}/g, (_, part: string) =>
		encodeURIComponent(part === 'kind' ? 'Alert' : part === 'name' ? name : (values[part] ?? word)),
	);
	const taken = Object.keys(query.shape).filter((key) => values[key] !== undefined);
	const search = new URLSearchParams(Object.fromEntries(taken.map((key) => [key, values[key] ?? ''])));
	return { method: method.toUpperCase(), path: `${filled}?${search.toString()}`, body: bodyOf(path, tenant) };
}

function bodyOf(path: string, tenant: Tenant): unknown {
	const query = `service:${tenant.word}-web`;
	if (path === '/series') return { query, measure: 'count', by: ['service', `${tenant.word}.tier`], ...window };
	if (path === '/difference') return { query, selection: { query: 'error:true' }, ...window };
	if (path !== '/backtest') return undefined;
	const [, , document] = decisionsOf(tenant, endMs).find(([, to]) => to.startsWith('/config/Alert')) ?? [];
	return { document, ...window };
}

/** What passes by itself: times, ages, room on the disk, ids of requests. */
const PASSING =
	/"(?:lagMs|oldestAgeMs|holdMs|bytesOnDisk|queryId|freeBytes|usedBytes|reachMs)":(?:[\d.]+|"[^"]*"|null)|\b1[78]\d{11}\b/g;
const settled = (text: string): string => text.replaceAll(PASSING, 'passing');

interface Answered {
	status: number;
	text: string;
}
type Answers = Map<string, Answered>;
const settledOf = (route: string, answered: Answered | undefined): string =>
	answered === undefined ? '' : `${answered.status} ${still(route, settled(answered.text))}`;
/** The course of a budget ends now: it has another point every few minutes. */
const still = (route: string, text: string): string =>
	route === 'get /slos/{name}' ? text.replace(/"points":\[[^\]]*\]/, '') : text;

async function walk({ token }: Asked, names: Omit<Asked, 'token'>): Promise<Answers> {
	const found: Answers = new Map();
	for (const route of reads) {
		const { method, path, body } = requestOf(route, names);
		const { status, text } = await call(method, path, { token, ...(body === undefined ? {} : { body }) });
		found.set(`${route.method} ${route.path}`, { status, text });
	}
	return found;
}

/** As if an alert of a project had fired before a restart, and nobody could be told. */
async function leaveUntold({ project, word }: Tenant): Promise<void> {
	const outbox = await Outbox.open({
		disk: nodeDisk,
		folder: join(folder.path, 'outbox'),
		clock: Date.now,
		log: silentLog,
		crash: async () => {},
		random: Math.random,
	});
	await outbox.accept(firing({ project, rule: `${word}-rule`, title: `${word} is slow` }));
	await outbox.close();
}

beforeAll(async () => {
	await leaveUntold(mango);
	product = await startProduct({ args: ['--data-dir', folder.path, '--login', 'on', '--ingest-auth', 'keys'] });
	const link = await until(async () => /\?invitation=(\S+)/.exec(product.log())?.[1], 'the link of the first start');
	const account = { invitation: link, email: 'ann@example.com', password: 'correct horse battery' };
	cookie = (await call('POST', '/invitations/accept', { body: account })).cookie;
	for (const { project } of [kiwi, mango]) {
		await json('POST', '/projects', { body: { name: project, title: project } });
		const key = await json<{ secret: string }>('POST', '/ingest-keys', {
			body: { label: project, type: 'server', project },
		});
		keys.set(project, key.secret);
		const body = { label: project, role: 'editor', projects: [project] };
		tokens.set(project, (await json<{ secret: string }>('POST', '/tokens', { body })).secret);
	}
}, 120_000);
afterAll(async () => {
	await product?.stop();
	folder.remove();
});

/** What names nothing of a project here: counts, courses of numbers, lists that nothing fills in a test, and what is refused. */
const NAMELESS = [
	'get /alerts/{name}/series',
	'get /attributes/facets',
	'get /channels',
	'get /config/sources/{name}/audit',
	'get /count',
	'get /deliveries',
	'get /firings',
	'get /firings/{firingId}',
	'get /firings/{firingId}/post-mortem',
	'get /latency-histogram',
	'get /retention',
	'get /slo-proposals',
	'get /storage',
	'get /traces/{traceId}/count',
	'post /backtest',
];

test('one project is answered the same whether or not another has data', { timeout: 300_000 }, async () => {
	await fill(kiwi);
	const own = await asked(kiwi);
	const before = await walk(own, own);
	await fill(mango);
	const after = await walk(own, own);
	for (const [route, { text }] of after) expect(text, route).not.toMatch(/mango/i);
	// Route by route, so that a failure names the one that differs.
	for (const [route, answer] of after)
		expect(settledOf(route, answer), route).toBe(settledOf(route, before.get(route)));

	// The same routes do show what is theirs: nearly every one of them names it.
	const others = await asked(mango);
	const theirs = await walk(others, others);
	const silent = [...theirs].filter(([, { status, text }]) => status !== 200 || !/mango/i.test(text));
	expect(silent.map(([route]) => route).filter((route) => !NAMELESS.includes(route))).toEqual([]);

	// Their names and ids are answered as those of nobody.
	const issueId = 'f'.repeat(others.issueId.length);
	const fingerprint = '1'.repeat(others.fingerprint.length);
	const asMadeUp = (text: string): string =>
		settled(text)
			.replaceAll(mango.word, papaya.word)
			.replaceAll(others.issueId, issueId)
			.replaceAll(others.fingerprint, fingerprint)
			.replaceAll(/[0-9a-f]{16,32}/g, 'id');
	const shown = (answers: Answers) =>
		Object.fromEntries([...answers].map(([route, { status, text }]) => [route, `${status} ${asMadeUp(text)}`]));
	const toMadeUp = await walk(own, { tenant: papaya, issueId, fingerprint });
	expect(shown(await walk(own, others))).toEqual(shown(toMadeUp));
});

test(
	'what is of the whole process is told by the status to who reads all projects alone',
	{ timeout: 180_000 },
	async () => {
		await send(kiwi);
		const read = async () => ({
			whole: await json<StatusAnswer>('GET', '/status'),
			limited: await json<StatusAnswer>('GET', '/status', { token: tokens.get('kiwi') ?? '' }),
		});
		// It is measured once a minute.
		const isKnown = async () => {
			const answers = await read();
			const isMeasured = answers.whole.retention.expectedReachMs !== null;
			return isMeasured && answers.limited.spans.rows > 0 ? answers : undefined;
		};
		const { whole, limited } = await until(isKnown, 'how far spans will reach', 120_000);
		expect(whole.disk).toMatchObject({ maxBytes: expect.any(Number), usedBytes: expect.any(Number) });
		expect(whole.retention).toMatchObject({ expectedReachMs: expect.any(Number), limitedBy: 'retention' });
		expect(whole.spool.bytes).toBeGreaterThan(0);
		expect(limited.disk).toMatchObject({ maxBytes: null, usedBytes: null });
		expect(limited.retention).toMatchObject({ configured: '7d', expectedReachMs: null, limitedBy: null });
		expect(limited.retention.reachMs).toBeGreaterThan(0);
		const { fillBytesPerSecond, drainBytesPerSecond, fullInMs } = limited.spool;
		expect([fillBytesPerSecond, drainBytesPerSecond, fullInMs]).toEqual([0, 0, null]);
	},
);

test('a project that one may not read is nowhere, by any route; changes there are refused alike', async () => {
	const token = tokens.get('kiwi') ?? '';
	const answers = new Map<string, number>();
	for (const route of table.filter(({ role, reach }) => role !== 'anyone' && reach !== 'none')) {
		const { method, path } = requestOf(route, { tenant: mango, issueId: 'f'.repeat(16), fingerprint: '1' });
		const { status, text } = await call(method, `${path}&project=mango`, { token });
		// Deletions are for admins, and what tells of all projects for who reads all.
		const expected = route.role === 'admin' || route.reach === 'process' ? 403 : 404;
		expect({ route: `${method} ${route.path}`, status }).toEqual({
			route: `${method} ${route.path}`,
			status: expected,
		});
		expect(expected === 403 || text.includes('there is no project \\"mango\\" that you may read'), text).toBe(true);
		answers.set(`${method} ${route.path}`, status);
	}
	expect(answers.size).toBeGreaterThan(60);
	for (const path of ['/projects', '/tokens', '/session'])
		expect((await call('GET', path, { token })).text).not.toContain('mango');
	expect((await fetch(`${product.ready.ui}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
		403,
	);
});

test('a stream of one project carries nothing of another', async () => {
	const leave = new AbortController();
	const headers = { authorization: `Bearer ${tokens.get('kiwi')}` };
	const live = await fetch(`${product.ready.ui}/api/v1/live`, { headers, signal: leave.signal });
	let heard = '';
	const listening = (async () => {
		for await (const chunk of live.body ?? []) heard += Buffer.from(chunk).toString();
	})().catch(() => {});
	await send({ ...mango, word: 'mango-late' }, Date.now());
	await send({ ...kiwi, word: 'kiwi-late' }, Date.now());
	await until(async () => (heard.includes('kiwi-late') ? true : undefined), 'the live trace', 30_000);
	leave.abort();
	await listening;
	expect(heard).not.toMatch(/mango/);
});

test(
	'a dropped project is gone with everything that was stored of it; the other stays',
	{ timeout: 120_000 },
	async () => {
		const countOf = async (project: string) =>
			(await json<{ spans: number }>('GET', `/count?from=${window.from}&to=${window.to}&project=${project}`)).spans;
		expect(await countOf('kiwi')).toBeGreaterThan(0);
		const outbox = () => readFileSync(join(folder.path, 'outbox', 'outbox.journal'), 'utf8');
		expect(outbox()).toContain('mango');
		// As an upgrade leaves it for three days.
		const copy = join(folder.path, 'before-upgrade');
		mkdirSync(join(copy, 'clickhouse'), { recursive: true });
		const headersOf = (project: string) => ({
			'content-type': 'application/json',
			authorization: `Bearer ${keys.get(project)}`,
		});
		const refusedSpan = { traceId: '00', spanId: '11'.repeat(8), name: 'mango pays' };
		const partly = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
			method: 'POST',
			headers: headersOf('mango'),
			body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [refusedSpan] }] }] }),
		});
		expect(partly.status).toBe(200);
		const refusals = async () =>
			JSON.stringify((await json<{ rejections: unknown }>('GET', '/ingest?project=kiwi')).rejections);
		expect(await refusals()).toContain('mango pays');
		await json('DELETE', '/projects/mango?confirm=mango');
		expect((await call('GET', '/count?project=mango')).status).toBe(404);
		const body = JSON.stringify(tracesOf(mango, endMs));
		const refused = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
			method: 'POST',
			headers: headersOf('mango'),
			body,
		});
		expect(refused.status).toBe(401);
		const storage = async () =>
			(await json<{ tables: { table: string; rows: number }[] }>('GET', '/storage?project=kiwi')).tables;
		const rows = async () => (await storage()).find(({ table: name }) => name === 'pinned_spans')?.rows;
		// Of the two kept traces one is left.
		await until(
			async () => ((await rows()) === SPANS_OF_TRACE ? true : undefined),
			'the copies of the kept trace',
			60_000,
		);
		await until(async () => (existsSync(copy) ? undefined : true), 'the copy from before an upgrade', 60_000);
		expect(await countOf('kiwi')).toBeGreaterThan(0);
		expect(outbox()).not.toContain('mango');
		expect(await refusals()).not.toContain('mango');
	},
);

/**
 * Two real shards behind two collectors, and a server that somebody runs, beside one machine that is sent the same: whatever is
 * asked, all say the same. At either, people ask as a user that can do nothing but read.
 */
import { isDeepStrictEqual } from 'node:util';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CountAnswer, SpansAnswer } from '../../../schema/api.ts';
import type { KeysAnswer } from '../../../schema/api-attributes.ts';
import type { FiringDetail, FiringsAnswer } from '../../../schema/api-alerts.ts';
import type { ChangesAnswer, DeployAnswer } from '../../../schema/api-changes.ts';
import type { QueriesAnswer } from '../../../schema/api-database.ts';
import type { IssuesAnswer } from '../../../schema/api-issues.ts';
import type { Deletion } from '../../../schema/api-keeping.ts';
import type { ServiceMapAnswer } from '../../../schema/api-service-map.ts';
import { openStore } from '../../../collector/store/store.ts';
import type { Filled } from '../../bench/fill.ts';
import { QUESTIONS } from '../../bench/questions.ts';
import { storeOptions, temporaryFolder } from '../../support/clickhouse.ts';
import { clusterEngines, clusterName, loneEngine } from '../../support/cluster-engines.ts';
import type { ClusterEngines } from '../../support/cluster-engines.ts';
import { clusterTraffic, deployRequest } from '../../support/cluster-traffic.ts';
import { fillWithMigrated } from '../../support/migrated-store.ts';
import { productStore, startProduct, until } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { declaredYaml, decisionsOf, readingRequests } from './every-route.ts';
import type { OwnIds } from './every-route.ts';

const traffic = clusterTraffic(5, 2_000, Math.floor(Date.now() / 60_000) * 60_000 - 120_000);
const more = clusterTraffic(6, 400, traffic.toMs - 60_000);
/** After a deletion: with it each derives the map again, where otherwise it depends on the moment whether what is gone still counts. */
const further = clusterTraffic(8, 400, traffic.toMs - 60_000);
const late = clusterTraffic(7, 300, traffic.toMs - 60_000);
const deploy = deployRequest(traffic.toMs);
const folder = temporaryFolder();
const foldersOf = { first: `${folder.path}/first`, second: `${folder.path}/second`, config: `${folder.path}/config` };
/** Not the one that a store has by itself: nothing may name that. */
const remoteDatabase = 'elsewhere';
/** As docs/howto/use-a-cluster.md has them. */
const reader = {
	name: 'spanhouse_reader',
	password: 'only reads',
	grants: ['SELECT ON spanhouse.*', 'SELECT ON spanhouse_local.*'],
};
const remoteReader = { ...reader, grants: [`SELECT ON ${remoteDatabase}.*`] };
const withoutRows = { name: 'without_rows', password: 'half of it', grants: ['SELECT ON spanhouse.*'] };

let engines: ClusterEngines;
let server: Awaited<ReturnType<typeof loneEngine>>;
let single: Product;
let remote: Product;
let first: Product;
let second: Product;

const declaring = { SPANHOUSE_CONFIG_DIR: foldersOf.config };
const reading = { CLICKHOUSE_READ_USER: reader.name, CLICKHOUSE_READ_PASSWORD: reader.password };
const startCollector = (dataDir: string): Promise<Product> =>
	startProduct({
		args: ['--data-dir', dataDir],
		env: { ...declaring, ...reading, CLICKHOUSE_URL: engines.urls, CLICKHOUSE_CLUSTER: clusterName },
	});

async function query(url: string, sql: string, headers: Record<string, string> = {}): Promise<string> {
	return (await fetch(url, { method: 'POST', headers, body: sql })).text();
}

/** Tables that are there already, as their migrations take as long as most of what is asked of them. */
const fill = (dataFolder: string): Promise<void> => fillWithMigrated(dataFolder, productStore);
async function rename(url: string, database: string): Promise<void> {
	expect(await query(url, `RENAME DATABASE ${productStore.database} TO ${database}`)).toBe('');
}

beforeAll(async () => {
	mkdirSync(foldersOf.config);
	writeFileSync(`${foldersOf.config}/declared.yaml`, declaredYaml);
	await fill(`${folder.path}/single`);
	[engines, server] = await Promise.all([
		clusterEngines({ users: [reader, withoutRows], fill }),
		loneEngine([remoteReader], fill),
	]);
	for (const { url } of engines.shards) await rename(url, `${productStore.database}_local`);
	await rename(server.url, remoteDatabase);
	[single, remote, first] = await Promise.all([
		startProduct({ args: ['--data-dir', `${folder.path}/single`], env: declaring }),
		startProduct({
			args: ['--data-dir', `${folder.path}/remote`],
			env: { ...declaring, ...reading, CLICKHOUSE_URL: server.url, CLICKHOUSE_DATABASE: remoteDatabase },
		}),
		startCollector(foldersOf.first),
	]);
	second = await startCollector(foldersOf.second);
}, 300_000);
afterAll(async () => {
	await Promise.all([single, remote, first, second].map((product) => product?.stop()));
	await Promise.all([engines?.close(), server?.close()]);
	folder.remove();
});

async function post(product: Product, path: '/v1/traces' | '/v1/logs', body: string): Promise<boolean> {
	const headers = { 'content-type': 'application/json' };
	const answer = await fetch(product.ready.otlpHttp + path, { method: 'POST', headers, body }).catch(() => undefined);
	return answer?.status === 200;
}

async function kill({ process }: Product): Promise<void> {
	const gone = once(process, 'exit');
	process.kill('SIGKILL');
	await gone;
}

async function ask(
	product: Product,
	path: string,
	body?: unknown,
	method = body === undefined ? 'GET' : 'POST',
): Promise<{ status: number; answer: unknown }> {
	const asked =
		body === undefined
			? { method }
			: { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
	const response = await fetch(`${product.ready.ui}/api/v1${path}`, asked);
	return { status: response.status, answer: await response.json() };
}

/** Of those that no question names, and none of the newest, which the walk goes by. */
const deletedTrace = more.traceIds.at(-1)!;
let deletedSpans = 0;

const window = `from=${traffic.fromMs}&to=${traffic.toMs}`;
const countOf = async (product: Product): Promise<Partial<CountAnswer>> =>
	(await ask(product, `/count?${window}&q=`)).answer as CountAnswer;

test('what two collectors acknowledged is stored once, though one was killed and came back', async () => {
	const requests = [deploy.request, ...traffic.requests, ...more.requests];
	for (const product of [single, remote]) {
		for (const body of requests) expect(await post(product, '/v1/traces', body)).toBe(true);
		expect(await post(product, '/v1/logs', traffic.logs)).toBe(true);
	}
	const half = Math.floor(requests.length / 2);
	for (const [index, body] of requests.slice(0, half).entries())
		expect(await post(index % 2 === 0 ? first : second, '/v1/traces', body)).toBe(true);
	await kill(first);
	for (const body of requests.slice(half)) expect(await post(second, '/v1/traces', body)).toBe(true);
	expect(await post(second, '/v1/logs', traffic.logs)).toBe(true);
	first = await startCollector(foldersOf.first);
	const all = { spans: traffic.spans + more.spans };
	for (const product of [single, remote, first, second]) {
		await expect.poll(() => countOf(product), { timeout: 60_000 }).toMatchObject(all);
	}
	const shards = await Promise.all(
		engines.shards.map(async ({ url }) => {
			const answer = await fetch(`${url}/?query=SELECT count(), uniqExact(trace_id) FROM spanhouse_local.spans`);
			return (await answer.text()).trim().split('\t').map(Number);
		}),
	);
	expect(shards.map(([spans = 0]) => spans > all.spans / 4)).toEqual([true, true]);
	const traces = shards.reduce((sum, [, traces = 0]) => sum + traces, 0);
	expect((await countOf(single)).traces).toBe(traces - deploy.spans);
}, 300_000);

const { spans, fromMs, toMs, traceIds } = traffic;
const filled: Filled = { spans, fromMs, toMs, traceIds, rareValue: 'order-of-nobody' };
const questions: { name: string; path: string; body?: unknown }[] = [
	...QUESTIONS.map(({ name, ask: questionOf }) => ({ name, ...questionOf(filled, 3) })),
	...[
		`/services?${window}`,
		`/services/cart-api/operations?${window}`,
		`/services/cart-api/instances?${window}`,
		`/red?service=shop/cart-api&${window}`,
		`/service-map?${window}`,
		`/service-map?${window}&q=${encodeURIComponent('kind:consumer OR error:true')}`,
		`/services/cart-api/dependencies?${window}`,
		`/db/queries?${window}`,
		`/issues?${window}`,
		`/attributes/keys?${window}`,
		`/attributes/http.route/values?${window}`,
		`/attributes/facets?${window}&q=error:true&keys=service,http.route`,
		`/changes?${window}`,
		`/spans?${window}&q=kind:consumer`,
		`/spans?${window}&q=${encodeURIComponent('resource.service.name:mailing')}`,
		`/traces?${window}&q=${encodeURIComponent('{error:true} >> {kind:client}')}`,
		`/traces?${window}&q=${encodeURIComponent('{kind:server} > {type:db}')}&sort=-duration`,
		`/traces?${window}&q=has:trace.issue`,
		`/latency-histogram?${window}&q=`,
		...traffic.traceIds.slice(0, 12).flatMap((id) => [`/traces/${id}`, `/traces/${id}/otlp`, `/traces/${id}/logs`]),
	].map((path) => ({ name: path.replaceAll(/\d{13}/g, '…'), path })),
];

/** How far a process has looked for issues. */
const ANALYSIS = /"analysis":\{[^}]*\}/g;

/** Where two answers part, in a few words. */
function firstDifference(one: string, other: string): string {
	let at = 0;
	while (at < one.length && one[at] === other[at]) at += 1;
	const from = Math.max(0, at - 120);
	return `\n  one machine: …${one.slice(from, at + 120)}\n  there:       …${other.slice(from, at + 120)}`;
}

/** Who is compared with the one machine, each under its name. */
const elsewhere = (): { where: string; product: Product }[] => [
	{ where: 'two shards', product: second },
	{ where: 'a server', product: remote },
];

/**
 * A collector rests seven times as long as it derived, which is minutes where its processors are crowded. After the first difference
 * there is no need to wait long for another.
 */
const patience = (different: readonly string[]): number => (different.length === 0 ? 300_000 : 1_000);

interface Answered {
	status: number;
	/** What is compared. */
	text: string;
}

/** Asks all until they say the same, as what is worked out in the background comes at its own time. Resolves with what differs then. */
async function differences(
	name: string,
	answerOf: (product: Product) => Promise<Answered>,
	timeoutMs: number,
): Promise<string[]> {
	let found: string[] = [];
	const isSame = async (): Promise<true | undefined> => {
		const there = elsewhere();
		const [one, ...others] = await Promise.all([single, ...there.map(({ product }) => product)].map(answerOf));
		found = others.flatMap(({ status, text }, index) => {
			if (one!.status === 200 && status === 200 && text === one!.text) return [];
			const parted = firstDifference(`${one!.status} ${one!.text}`, `${status} ${text}`);
			return [`${there[index]!.where}: ${name} ${parted}`];
		});
		return found.length === 0 ? true : undefined;
	};
	await until(isSame, name, timeoutMs).catch(() => undefined);
	return found;
}

test('every question has the same answer from two shards, and from a server that somebody runs, as from one machine', async () => {
	const different: string[] = [];
	for (const { name, path, body } of questions) {
		const answerOf = async (product: Product) => {
			const { status, answer } = await ask(product, path, body);
			return { status, text: JSON.stringify(answer).replaceAll(ANALYSIS, '') };
		};
		different.push(...(await differences(`${name} ${path}`, answerOf, patience(different))));
	}
	expect(different).toEqual([]);
}, 900_000);

test('a flag whose spans lie at both shards is one, and its switch one change', async () => {
	const path = `/changes?from=${traffic.toMs - 6 * 3_600_000}&to=${traffic.toMs}&kind=flag`;
	const answerOf = async (product: Product) => {
		const { status, answer } = await ask(product, path);
		return { status, text: JSON.stringify(answer) };
	};
	const isTold = async () => ((await ask(single, path)).answer as ChangesAnswer).changes.length > 0 || undefined;
	await until(isTold, 'flags', 60_000);
	expect(await differences('flags', answerOf, patience([]))).toEqual([]);
	const { changes } = (await ask(second, path)).answer as ChangesAnswer;
	expect(changes.map(({ title, tMs }) => [title, tMs])).toEqual([
		['new-receipt: off → on', traffic.toMs - 4 * 3_600_000],
		['new-receipt: first seen, off', traffic.toMs - 5 * 3_600_000],
	]);
}, 300_000);

test('a user that may not read the rows of a shard is refused at the start', async () => {
	const dataFolder = `${folder.path}/refused`;
	const [url = ''] = engines.urls.split(',');
	const remote = {
		url,
		username: 'default',
		password: '',
		reader: { username: withoutRows.name, password: withoutRows.password },
		cluster: { name: clusterName, urls: engines.urls.split(',') },
	};
	const refused = expect.stringMatching(/CLICKHOUSE_READ_USER .*Not enough privileges.*spanhouse_local/);
	mkdirSync(dataFolder);
	await expect(openStore({ ...storeOptions(dataFolder), remote })).rejects.toMatchObject({ message: refused });
}, 60_000);

test('parts are counted on the shard that has most of them', async () => {
	const dataFolder = `${folder.path}/third`;
	mkdirSync(dataFolder);
	const cluster = { name: clusterName, urls: engines.urls.split(',') };
	const remote = { url: engines.urls, username: 'default', password: '', cluster };
	const store = await openStore({ ...storeOptions(dataFolder), remote });
	const mostOn = async ({ url }: { url: string }): Promise<number> => {
		const parts = `SELECT count() AS parts FROM system.parts WHERE database = 'spanhouse_local' AND table = 'spans' AND active`;
		return Number(await query(url, `SELECT max(parts) FROM (${parts} GROUP BY partition_id)`));
	};
	try {
		// Merges make them fewer at any moment.
		const counted = async (): Promise<number> => {
			const most = Math.max(...(await Promise.all(engines.shards.map(mostOn))));
			return (await store.sink.mostParts()) - most;
		};
		await expect.poll(counted, { timeout: 60_000 }).toBe(0);
		expect(await store.sink.mostParts()).toBeGreaterThan(0);
	} finally {
		await store.close();
	}
}, 150_000);

test('the user by which people ask can write nowhere', async () => {
	const headers = { 'x-clickhouse-user': reader.name, 'x-clickhouse-key': reader.password };
	for (const { url, database } of [
		{ url: server.url, database: remoteDatabase },
		...engines.shards.map((shard) => ({ url: shard.url, database: productStore.database })),
	]) {
		expect(await query(url, `SELECT count() > 0 FROM ${database}.spans`, headers)).toBe('1\n');
		for (const sql of [
			`INSERT INTO ${database}.changes (project) VALUES ('default')`,
			`ALTER TABLE ${database}.spans DELETE WHERE 1`,
			`TRUNCATE TABLE ${database}.spans`,
			`DROP TABLE ${database}.spans`,
			`CREATE TABLE ${database}.mine (a UInt8) ENGINE = Memory`,
		])
			expect(await query(url, sql, headers), sql).toContain('ACCESS_DENIED');
	}
}, 60_000);

/** What each process says of itself and its disk, what its jobs wrote down, and since when its evaluator has. */
const OF_A_PROCESS = new Set([
	'get /status',
	'get /ingest',
	'get /storage',
	'get /limits',
	'get /retention',
	'get /audit',
	'get /alerts/{name}/series',
]);
/** Times, what is drawn, bytes on a disk, and examples of issues: whichever was met first. */
const PASSING =
	/"(?:queryId|id|firingId|last4|bytesOnDisk)":(?:"[^"]*"|\d+|null)|order \d+ refused|\b1[78]\d{8}(?:\d{3}|\d{9})?\b|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g;
/**
 * What was left of a budget as the alert fired: known once the objective was counted, which the collector that took over need not have
 * done by then.
 */
const BUDGET = /"budgetLeftRatio":(?:null|[\d.]+)|- [\d.]+ % of the error budget was left\\n/g;
/**
 * How often a key is there only orders the list. A deletion takes values too rare to be listed with it, and which these are depends
 * on what each collector counted together.
 */
const inNoOrder = ({ keys, ...rest }: KeysAnswer) => ({
	...rest,
	keys: keys.map(({ key, scope, type }) => `${scope} ${key} ${type}`).sort(),
});
/** Of a firing, its evaluations: one more each minute. */
const POINTS = /"points":\[[^\]]*\]/g;

const firingOf = async (product: Product) =>
	((await ask(product, '/firings')).answer as FiringsAnswer).firings.find(({ alert }) => alert === 'walked');

/** Decided before all else: what is deleted is in no value of an alert. */
async function deleteTrace(product: Product): Promise<Deletion> {
	const { status, answer } = await ask(product, '/deletions', { traceIds: [deletedTrace] });
	expect(status).toBe(200);
	const path = `/deletions/${(answer as Deletion).id}`;
	return until(
		async () => {
			const deletion = (await ask(product, path)).answer as Deletion;
			return deletion.state === 'done' ? deletion : undefined;
		},
		'the deletion',
		60_000,
	);
}

/** The alert fires, and all is gathered about it. */
async function firingWithEvidence(product: Product): Promise<string> {
	return until(
		async () => {
			const firing = await firingOf(product);
			if (firing === undefined) return undefined;
			const { evidence } = (await ask(product, `/firings/${firing.firingId}`)).answer as FiringDetail;
			return evidence === null ? undefined : firing.firingId;
		},
		'the firing',
		// The collector that was killed evaluated; another one follows within half a minute.
		120_000,
	);
}

test('every reading route of the API answers from two shards, and from a server that somebody runs, as from one machine', async () => {
	const found = async <Item>(path: string, of: (answer: never) => Item): Promise<Item> =>
		of((await ask(single, path)).answer as never);
	const span = await found(`/spans?${window}&q=service:cart-api&limit=1`, (answer: SpansAnswer) => answer.spans[0]);
	const walked = {
		fromMs: traffic.fromMs,
		toMs: traffic.toMs,
		traceId: span?.traceId ?? '',
		spanId: span?.spanId ?? '',
		issueId: await found(`/issues?${window}`, (answer: IssuesAnswer) => answer.issues[0]?.issueId ?? ''),
		fingerprint: await found(`/db/queries?${window}`, (answer: QueriesAnswer) => answer.queries[0]?.fingerprint ?? ''),
		deploy: { service: deploy.service, version: deploy.version },
	};
	const own = new Map<Product, OwnIds>();
	const prepare = async (product: Product) => {
		const deletion = await deleteTrace(product);
		for (const body of further.requests) expect(await post(product, '/v1/traces', body)).toBe(true);
		const spans = traffic.spans + more.spans + further.spans - (deletion.found?.spans ?? 0);
		await expect.poll(() => countOf(product), { timeout: 60_000 }).toMatchObject({ spans });
		for (const { method, path, body } of decisionsOf(walked))
			expect(await ask(product, path, body, method), path).toMatchObject({ status: expect.toBeOneOf([200, 201, 204]) });
		own.set(product, { deletionId: deletion.id ?? '', firingId: await firingWithEvidence(product) });
		return deletion;
	};
	const [deleted] = await Promise.all([single, ...elsewhere().map(({ product }) => product)].map(prepare));
	deletedSpans = deleted?.found?.spans ?? 0;

	const settled = (name: string, answer: unknown) => {
		const shown = JSON.stringify(name === 'get /attributes/keys' ? inNoOrder(answer as KeysAnswer) : answer);
		return shown.replaceAll(POINTS, '').replaceAll(ANALYSIS, '').replaceAll(BUDGET, '').replaceAll(PASSING, 'passing');
	};
	const requestsOf = new Map([...own].map(([product, ids]) => [product, readingRequests(walked, ids)]));
	const different: string[] = [];
	for (const [index, { name, path: shown }] of requestsOf.get(single)!.entries()) {
		const answerOf = async (product: Product) => {
			const { method, path, body } = requestsOf.get(product)![index]!;
			const { status, answer } = await ask(product, path, body, method);
			return { status, text: OF_A_PROCESS.has(name) ? '' : settled(name, answer) };
		};
		different.push(...(await differences(`${name} ${shown}`, answerOf, patience(different))));
	}
	expect(different).toEqual([]);
}, 900_000);

test('what is compared was there: a deploy that is judged, a deletion of all of a trace, a firing with its evidence', async () => {
	const judged = (await ask(second, `/deploys/${deploy.service}/${deploy.version}`)).answer as DeployAnswer;
	expect(judged).toMatchObject({ version: deploy.version, baseline: 'before', verdict: 'worse' });
	expect(deletedSpans).toBeGreaterThan(0);
	for (const { product } of elsewhere()) {
		expect(await ask(product, `/traces/${deletedTrace}`)).toMatchObject({ status: 404 });
		expect(await countOf(product)).toMatchObject({ spans: traffic.spans + more.spans + further.spans - deletedSpans });
		const { firingId } = (await firingOf(product))!;
		const { evidence } = (await ask(product, `/firings/${firingId}`)).answer as FiringDetail;
		expect(evidence?.requests).toBeGreaterThan(0);
		const { edges } = (await ask(product, `/service-map?${window}`)).answer as ServiceMapAnswer;
		const call = { type: 'request', caller: 'service:ordering', callee: 'service:mailing' };
		expect(edges).toContainEqual(expect.objectContaining({ ...call, calls: 72, unanswered: 0 }));
		expect(JSON.stringify((await ask(product, '/config/sources/config-dir/audit')).answer)).toContain('declared');
	}
}, 60_000);

test('of two collectors that change the same version of a document, one does', async () => {
	const change = async ({ ready }: Product, search: string, version: number) => {
		const headers = { 'content-type': 'application/json', 'if-match': `"${version}"` };
		const body = JSON.stringify({ search });
		return (await fetch(`${ready.ui}/api/v1/views/traces/shared`, { method: 'PUT', headers, body })).status;
	};
	for (let version = 0; version < 6; version += 1) {
		const statuses = await Promise.all([change(first, 'q=a', version), change(second, 'q=b', version)]);
		expect(statuses.sort((a, b) => a - b)).toEqual([200, 412]);
	}
}, 60_000);

test('issues that are merged through one collector are one for the other, too, and add up as on one machine', async () => {
	const list = async (product: Product) => ((await ask(product, `/issues?${window}`)).answer as IssuesAnswer).issues;
	const alike = Map.groupBy(await list(single), ({ kind, service }) => `${kind} ${service}`);
	const [into, other] = [...alike.values()].find((issues) => issues.length > 1) ?? [];
	for (const product of [single, first]) {
		const path = `/issues/${into!.issueId}/merge?${window}`;
		expect((await ask(product, path, { issues: [other!.issueId] }, 'POST')).status).toBe(200);
	}
	const figures = async (product: Product) => {
		const issues = await list(product);
		const { count, traces, merged, firstSeenMs, lastSeenMs } = issues.find(({ issueId }) => issueId === into!.issueId)!;
		return { count, traces, merged, firstSeenMs, lastSeenMs, issues: issues.length };
	};
	expect(await figures(single)).toMatchObject({ merged: 1, count: into!.count + other!.count });
	// Either may still be searching traces for others.
	const differing = async () => {
		const [onOne, onTwo] = await Promise.all([single, second].map(figures));
		return isDeepStrictEqual(onOne, onTwo) ? [] : [onOne, onTwo];
	};
	await expect.poll(differing, { timeout: 45_000 }).toEqual([]);
}, 60_000);

const evaluates = async ({ ready }: Product): Promise<boolean> =>
	/^spanhouse_alert_evaluator 1$/m.test(await (await fetch(`${ready.ui}/metrics`)).text());

test('one of two collectors evaluates alerts, and the other one when that stops', async () => {
	const whoEvaluates = () => Promise.all([first, second].map(evaluates));
	// The one that was killed before let nobody know.
	await expect.poll(async () => (await whoEvaluates()).filter(Boolean), { timeout: 60_000 }).toEqual([true]);
	const isFirst = await evaluates(first);
	const [stopped, other] = isFirst ? [first, second] : [second, first];
	await stopped.stop();
	await expect.poll(() => evaluates(other), { timeout: 60_000 }).toBe(true);
	const again = await startCollector(isFirst ? foldersOf.first : foldersOf.second);
	if (isFirst) first = again;
	else second = again;
	expect(await whoEvaluates()).toEqual([!isFirst, isFirst]);
}, 150_000);

const sumOf = async (select: string): Promise<number[]> => {
	const answers = await Promise.all(
		engines.shards.map(async ({ url }) => {
			const answer = await fetch(url, { method: 'POST', body: `SELECT ${select} FROM spanhouse_local.spans` });
			return (await answer.text()).trim().split('\t').map(Number);
		}),
	);
	return answers.reduce((sum, row) => sum.map((value, index) => value + (row[index] ?? 0)));
};

test('while a shard is away answers say what is missing, and what is acknowledged is stored once when it is back', async () => {
	const whole = traffic.spans + more.spans + further.spans - deletedSpans;
	await engines.shards[1].kill();
	const partial = { reason: expect.stringContaining('shard 2 (127.0.0.1)'), seen: 1, of: 2, what: 'shards' };
	// The engine that is left can crash with its peer, and is started again.
	const left = () => ask(second, `/count?${window}&q=`);
	await expect.poll(left, { timeout: 180_000 }).toMatchObject({ status: 200, answer: { partial } });
	const counted = (await left()).answer as CountAnswer;
	expect(counted.spans).toBeGreaterThan(0);
	expect(counted.spans).toBeLessThan(whole);
	for (const path of [`/services?${window}`, `/traces?${window}&q=`, `/issues?${window}`, '/storage'])
		expect(await ask(second, path), path).toMatchObject({ status: 200, answer: { partial } });
	expect(await ask(second, `/traces/${'0'.repeat(31)}1/otlp`)).toMatchObject({ status: expect.toBeOneOf([404, 503]) });
	const outcomes = new Set<string>();
	for (const id of traffic.traceIds.slice(0, 12)) {
		const found = await ask(second, `/traces/${id}`);
		outcomes.add(`${found.status} ${'partial' in (found.answer as object) ? 'partial' : 'whole'}`);
		// A trace on the other shard is whole; one that lay on this is not said to be absent.
		const expected =
			found.status === 200
				? await ask(single, `/traces/${id}`)
				: { status: 503, answer: { code: 'SHARD_UNAVAILABLE' } };
		expect(found).toMatchObject(expected);
	}
	expect(outcomes).toEqual(new Set(['200 whole', '503 whole']));
	for (const [index, body] of late.requests.entries())
		expect(await post(index % 2 === 0 ? first : second, '/v1/traces', body)).toBe(true);

	await engines.shards[1].start();
	for (const product of [first, second]) {
		const counts = async () => {
			const { spans, partial: left } = await countOf(product);
			return { spans, left };
		};
		await expect.poll(counts, { timeout: 180_000 }).toEqual({ spans: whole + late.spans, left: undefined });
	}
	const stored = whole + late.spans + deploy.spans;
	expect(await sumOf('count(), uniqExact(trace_id, span_id, kind)')).toEqual([stored, stored]);
}, 600_000);

test('when the server is away that is asked first, another one answers', async () => {
	await engines.shards[0].kill();
	await expect
		.poll(() => ask(second, `/count?${window}&q=`), { timeout: 180_000 })
		.toMatchObject({
			status: 200,
			answer: { partial: { reason: expect.stringContaining('shard 1'), seen: 1, of: 2, what: 'shards' } },
		});
	await engines.shards[0].start();
	const counts = async () => (await countOf(second)).partial;
	await expect.poll(counts, { timeout: 180_000 }).toBeUndefined();
}, 600_000);

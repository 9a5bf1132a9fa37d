/** Two real shards behind two collectors, beside one machine that is sent the same: whatever is asked, both say the same. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CountAnswer, SpansAnswer } from '../../../schema/api.ts';
import type { AlertsAnswer } from '../../../schema/api-alerts.ts';
import type { QueriesAnswer } from '../../../schema/api-database.ts';
import type { IssuesAnswer } from '../../../schema/api-issues.ts';
import { QUESTIONS } from '../../bench/questions.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { clusterEngines, clusterName } from '../../support/cluster-engines.ts';
import type { ClusterEngines } from '../../support/cluster-engines.ts';
import { clusterTraffic } from '../../support/cluster-traffic.ts';
import { startProduct, until } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { decisionsOf, readingRequests } from './every-route.ts';

const traffic = clusterTraffic(5, 2_000, Math.floor(Date.now() / 60_000) * 60_000 - 120_000);
const more = clusterTraffic(6, 400, traffic.toMs - 60_000);
const late = clusterTraffic(7, 300, traffic.toMs - 60_000);
const folder = temporaryFolder();
const foldersOf = { first: `${folder.path}/first`, second: `${folder.path}/second` };

let engines: ClusterEngines;
let single: Product;
let first: Product;
let second: Product;

const startCollector = (dataDir: string): Promise<Product> =>
	startProduct({
		args: ['--data-dir', dataDir],
		env: { CLICKHOUSE_URL: engines.urls, CLICKHOUSE_CLUSTER: clusterName },
	});

beforeAll(async () => {
	engines = await clusterEngines();
	[single, first] = await Promise.all([
		startProduct({ args: ['--data-dir', `${folder.path}/single`] }),
		startCollector(foldersOf.first),
	]);
	second = await startCollector(foldersOf.second);
}, 300_000);
afterAll(async () => {
	await Promise.all([single, first, second].map((product) => product?.stop()));
	await engines?.close();
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

const window = `from=${traffic.fromMs}&to=${traffic.toMs}`;
const countOf = async (product: Product): Promise<Partial<CountAnswer>> =>
	(await ask(product, `/count?${window}&q=`)).answer as CountAnswer;

test('what two collectors acknowledged is stored once, though one was killed and came back', async () => {
	for (const body of [...traffic.requests, ...more.requests]) expect(await post(single, '/v1/traces', body)).toBe(true);
	expect(await post(single, '/v1/logs', traffic.logs)).toBe(true);
	const requests = [...traffic.requests, ...more.requests];
	const half = Math.floor(requests.length / 2);
	for (const [index, body] of requests.slice(0, half).entries())
		expect(await post(index % 2 === 0 ? first : second, '/v1/traces', body)).toBe(true);
	await kill(first);
	for (const body of requests.slice(half)) expect(await post(second, '/v1/traces', body)).toBe(true);
	expect(await post(second, '/v1/logs', traffic.logs)).toBe(true);
	first = await startCollector(foldersOf.first);
	const all = { spans: traffic.spans + more.spans };
	for (const product of [single, first, second]) {
		await expect.poll(() => countOf(product), { timeout: 60_000 }).toMatchObject(all);
	}
	// What an earlier run stored is counted up at once.
	await first.stop();
	first = await startCollector(foldersOf.first);
	const shards = await Promise.all(
		engines.shards.map(async ({ url }) => {
			const answer = await fetch(`${url}/?query=SELECT count(), uniqExact(trace_id) FROM spanhouse_local.spans`);
			return (await answer.text()).trim().split('\t').map(Number);
		}),
	);
	expect(shards.map(([spans = 0]) => spans > all.spans / 4)).toEqual([true, true]);
	const traces = shards.reduce((sum, [, traces = 0]) => sum + traces, 0);
	expect((await countOf(single)).traces).toBe(traces);
}, 300_000);

const filled = { traceIds: traffic.traceIds, fromMs: traffic.fromMs, toMs: traffic.toMs };
const questions: { name: string; path: string; body?: unknown }[] = [
	...QUESTIONS.map(({ name, ask: questionOf }) => ({ name, ...questionOf(filled as never, 3) })),
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

/** Where two answers part, in a few words. */
function firstDifference({ one, several }: Readonly<Record<'one' | 'several', unknown>>): string {
	const [a = '', b = ''] = [one, several].map((answer) => JSON.stringify(answer));
	let at = 0;
	while (at < a.length && a[at] === b[at]) at += 1;
	const from = Math.max(0, at - 120);
	return `\n  one:     …${a.slice(from, at + 120)}\n  several: …${b.slice(from, at + 120)}`;
}

test('every question has the same answer from two shards as from one machine', async () => {
	const different: string[] = [];
	for (const { name, path, body } of questions) {
		const same = async (): Promise<unknown> => {
			const [one, several] = await Promise.all([single, second].map((product) => ask(product, path, body)));
			return one!.status === 200 && JSON.stringify(one) === JSON.stringify(several) ? undefined : { one, several };
		};
		const last = { value: undefined as unknown };
		await until(async () => ((last.value = await same()) === undefined ? true : undefined), name, 60_000).catch(() =>
			different.push(`${name} ${path} ${firstDifference(last.value as never)}`),
		);
	}
	expect(different).toEqual([]);
}, 300_000);

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
/** Times, what is drawn, bytes on a disk, how far this process has looked for issues, and their examples: whichever was met first. */
const PASSING =
	/"(?:queryId|id|last4|bytesOnDisk)":(?:"[^"]*"|\d+|null)|order \d+ refused|"analysis":\{[^}]*\}|\b1[78]\d{8}(?:\d{3}|\d{9})?\b/g;

/** Nobody deployed, deleted or declared a source here, and nothing fired. */
const NOT_THERE = [
	'get /deploys/{service}/{version}',
	'get /config/sources/{name}/audit',
	'get /deletions/{id}',
	'get /firings/{firingId}',
	'get /firings/{firingId}/post-mortem',
];

test('every reading route of the API answers from two shards as from one machine', async () => {
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
	};
	for (const product of [single, second]) {
		for (const { method, path, body } of decisionsOf(walked))
			expect(await ask(product, path, body, method), path).toMatchObject({ status: expect.toBeOneOf([200, 201, 204]) });
	}
	// The collector that was killed evaluated; another one follows within half a minute.
	const evaluated = (product: Product) => async () => {
		const { alerts } = (await ask(product, '/alerts')).answer as AlertsAnswer;
		return typeof alerts[0]?.evaluatedMs;
	};
	for (const product of [single, second]) await expect.poll(evaluated(product), { timeout: 120_000 }).toBe('number');
	const settled = (answer: unknown) => JSON.stringify(answer).replaceAll(PASSING, 'passing');
	const different: string[] = [];
	const refused: string[] = [];
	for (const { name, method, path, body } of readingRequests(walked)) {
		const compare = async () => {
			const [one, several] = await Promise.all([single, second].map((product) => ask(product, path, body, method)));
			const isSame = OF_A_PROCESS.has(name) ? one!.status === several!.status : settled(one) === settled(several);
			return { isSame, one: settled(one), several: settled(several), status: one!.status };
		};
		let compared = await compare();
		// What is worked out in the background comes at its own time.
		const isSame = async () => compared.isSame || (compared = await compare()).isSame || undefined;
		await until(isSame, name, 20_000).catch(() => different.push(`${name} ${path} ${firstDifference(compared)}`));
		if (compared.status !== 200) refused.push(name);
	}
	expect(different).toEqual([]);
	expect(refused).toEqual(NOT_THERE);
}, 300_000);

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
	const onOne = await figures(single);
	expect(onOne).toMatchObject({ merged: 1, count: into!.count + other!.count });
	await expect.poll(() => figures(second), { timeout: 30_000 }).toEqual(onOne);
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
	const whole = traffic.spans + more.spans;
	await engines.shards[1].kill();
	const partial = { reason: expect.stringContaining('shard 2 (127.0.0.1)'), seen: 1, of: 2, what: 'shards' };
	const counted = (await ask(second, `/count?${window}&q=`)).answer as CountAnswer;
	expect(counted).toMatchObject({ partial });
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
		await expect.poll(counts, { timeout: 60_000 }).toEqual({ spans: whole + late.spans, left: undefined });
	}
	expect(await sumOf('count(), uniqExact(trace_id, span_id)')).toEqual([whole + late.spans, whole + late.spans]);
}, 300_000);

test('when the server is away that is asked first, another one answers', async () => {
	await engines.shards[0].kill();
	await expect
		.poll(() => ask(second, `/count?${window}&q=`), { timeout: 60_000 })
		.toMatchObject({
			status: 200,
			answer: { partial: { reason: expect.stringContaining('shard 1'), seen: 1, of: 2, what: 'shards' } },
		});
	await engines.shards[0].start();
	const counts = async () => (await countOf(second)).partial;
	await expect.poll(counts, { timeout: 60_000 }).toBeUndefined();
}, 300_000);

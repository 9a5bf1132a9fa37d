import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployRoutes } from '../../../collector/api/deploys.ts';
import { problemResponse } from '../../../collector/api/problem-response.ts';
import { mount } from '../../../collector/api/route.ts';
import { AssignVariants } from '../../../collector/jobs/assign-variants.ts';
import { silentLog } from '../../../collector/log.ts';
import { StateStore } from '../../../collector/state/state-store.ts';
import { deployAnswer } from '../../../schema/api-changes.ts';
import type { DeployAnswer, DeployContents } from '../../../schema/api-changes.ts';
import { SPAN_TYPES } from '../../../schema/span.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { MemoryTable } from '../../support/memory-table.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { edgesOf } from '../service-map/edge-oracle.ts';
import { durationOf, entrySpans, shuffled, timeMs, weightOf, within } from './oracle.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
// Old enough that no answer is under way.
const endMs = Math.floor(Date.now() / 300_000) * 300_000 - 300_000;
const deployedMs = endMs - 20 * minuteMs + 17_123;
/** Most of the day nothing is sent: each bucket around what is sent is derived. */
const farMs = deployedMs - 20 * hourMs;
/** Old instances answer for some minutes more. */
const goneMs = deployedMs + 3 * minuteMs + 4_000;
const random = randomNumbers(11);
const typeOf = (type: (typeof SPAN_TYPES)[number]): number => SPAN_TYPES.indexOf(type);
let nextId = 1;
const idText = (bytes: number) => (nextId++).toString(16).padStart(bytes * 2, '0');

interface Work {
	endMs: number;
	version: string;
	operation?: string;
	queries?: readonly string[];
	/** Services that answer, hosts that don't, queues. */
	services?: readonly string[];
	hosts?: readonly string[];
	queues?: readonly string[];
	exceptions?: readonly string[];
	service?: string;
	namespace?: string;
	environment?: string;
	/** What is done while it starts: nobody asked for it. */
	isStart?: boolean;
}

const fingerprint = (query: string): bigint => BigInt.asUintN(64, Array.from(query, (letter) => BigInt(letter.charCodeAt(0))).reduce((hash, letter) => hash * 31n + letter, 7n)); // prettier-ignore

/** A request with what it calls: all of that ends before it. */
function request(work: Work): PlainSpan[] {
	const { version, service = 'checkout', namespace = 'shop', environment = 'prod' } = work;
	const traceId = idText(16);
	const at = (beforeMs: number, millis: number) => ({
		startUnixNano: BigInt(work.endMs - beforeMs - millis) * 1_000_000n,
		endUnixNano: BigInt(work.endMs - beforeMs) * 1_000_000n,
	});
	const own = { traceId, weight: 1 + Math.floor(random() * 3), resource: { namespace, service, version, environment } };
	const root = {
		spanId: idText(8),
		kind: work.isStart ? 1 : 2,
		operation: work.operation ?? 'POST /pay',
		...at(0, 100),
	};
	const child = (more: Partial<PlainSpan>): PlainSpan => ({ ...own, spanId: idText(8), parentSpanId: root.spanId, kind: 3, ...at(5 + Math.floor(random() * 20), 10), ...more }); // prettier-ignore
	const calls = (work.services ?? []).flatMap((name) => {
		const client = child({ operation: `GET ${name}`, type: typeOf('http'), promoted: { 'server.address': `${name}.local` } }); // prettier-ignore
		const resource = { namespace: 'shop', service: name, version: '7', environment };
		return [client, { ...client, spanId: idText(8), parentSpanId: client.spanId, kind: 2, resource }];
	});
	return [
		{
			...own,
			...root,
			type: typeOf('http'),
			...(work.isStart ? { parentSpanId: 'ab'.repeat(8) } : {}),
			events: (work.exceptions ?? []).map((name) => ({
				timeUnixNano: root.endUnixNano,
				name: 'exception',
				attributes: [
					['exception.type', { stringValue: name }],
					['exception.message', { stringValue: `${name} happened` }],
				],
			})),
		},
		...(work.queries ?? []).map((text) =>
			child({
				operation: text.split(' ', 1)[0]!,
				type: typeOf('db'),
				query: { text, fingerprint: fingerprint(text) },
				promoted: { 'db.system.name': 'postgresql', 'db.namespace': text.includes('ledger') ? 'ledger' : 'shop' },
			}),
		),
		...calls,
		...(work.hosts ?? []).map((host) => child({ operation: 'POST', type: typeOf('http'), promoted: { 'server.address': host } })), // prettier-ignore
		...(work.queues ?? []).map((queue) => child({ operation: 'send', kind: 4, type: typeOf('messaging'), promoted: { 'messaging.system': 'kafka', 'messaging.destination.name': queue } })), // prettier-ignore
	];
}

const some = <Value>(values: readonly Value[], share: number): Value[] => values.filter(() => random() < share);
const between = (fromMs: number, toMs: number, times: number): number[] =>
	Array.from({ length: times }, () => fromMs + Math.floor(random() * (toMs - fromMs)));

/** What is in both, in one alone, and now and then. */
const before = [
	...between(farMs, farMs + 2 * minuteMs, 40),
	...between(deployedMs - 30 * minuteMs, goneMs - 1, 400),
	goneMs,
].flatMap((at) =>
	request({
		endMs: at,
		version: '1.0',
		queries: some(['SELECT cart', 'SELECT old', 'SELECT rare'], 0.5),
		services: some(['payment', 'legacy'], 0.5),
		hosts: some(['api.stripe.test', 'old.partner.test'], 0.4),
		queues: some(['orders', 'dead'], 0.3),
		exceptions: some(['Timeout', 'Refused'], 0.1),
	}),
);
const after = [deployedMs, ...between(deployedMs, endMs, 400)].flatMap((at) =>
	request({
		endMs: at,
		version: '1.1',
		queries: ['SELECT cart', ...some(['SELECT new', 'INSERT ledger'], 0.5)],
		services: some(['payment', 'fraud'], 0.5),
		hosts: some(['api.stripe.test', 'new.partner.test'], 0.4),
		queues: some(['orders', 'audit'], 0.3),
		exceptions: some(['Timeout', 'Overflow', 'Rejected'], 0.1),
	}),
);
const spans: PlainSpan[] = [
	...before,
	...after,
	...request({ endMs: deployedMs - 90_000, version: '1.1', isStart: true, queries: ['SELECT schema'], exceptions: ['NotReady'] }),
	// Too seldom for its absence to mean anything.
	...between(deployedMs - 17 * minuteMs, deployedMs - 7 * minuteMs, 3).flatMap((at) => request({ endMs: at, version: '1.0', hosts: ['seldom.test'] })),
	// Once, most of a day ago: none is new.
	...request({ endMs: farMs, version: '0.9', queries: ['INSERT ledger'], hosts: ['new.partner.test'], exceptions: ['Rejected'] }),
	// Elsewhere, and of somebody else: these don't make anything known, and are not new either.
	...request({ endMs: deployedMs - 20 * minuteMs, version: '1.0', environment: 'staging', queries: ['SELECT new'], services: ['fraud'] }),
	...request({ endMs: deployedMs + hourMs / 4, version: '1.0', environment: 'staging', queries: ['SELECT staging'], hosts: ['staging.test'] }),
	...request({ endMs: deployedMs - 20 * minuteMs, version: '1.0', namespace: 'other', queries: ['SELECT new'], queues: ['audit'], exceptions: ['Overflow'] }),
	...request({ endMs: deployedMs + hourMs / 4, version: '1.1', namespace: 'other', queries: ['SELECT other'], queues: ['others'], exceptions: ['Elsewhere'] }),
	// More of all than is listed.
	...request({ endMs: deployedMs - 10 * minuteMs, version: '1', service: 'wide' }),
	...Array.from({ length: 130 }, (_, n) => request({ endMs: deployedMs - 15 * minuteMs + n * 1_000, version: '1', service: 'wide', operation: `GET /was/${n}` })).flat(),
	...Array.from({ length: 130 }, (_, n) => request({ endMs: deployedMs + n * 1_000, version: '2', service: 'wide', operation: `GET /${n}`, queries: [`SELECT ${n}`], hosts: [`h${n}.test`], exceptions: [`E${String.fromCharCode(97 + n / 26, 97 + (n % 26))}`] })).flat(),
]; // prettier-ignore

let store: ThrowAwayStore;
let app: Hono;
beforeAll(async () => {
	store = await throwAwayStore();
	const mixed = shuffled(spans, random);
	for (let from = 0; from < mixed.length; from += 2_000) {
		await store.writer.append(spanBlock(mixed.slice(from, from + 2_000)));
	}
	await store.deriver.settle(20_000);
	while ((await store.buckets.round()).derived > 0);
	const jobs = new AssignVariants({
		table: store.variantTable,
		derivedTo: () => store.findingTable.storedTo(),
		clock: Date.now,
	});
	while (await jobs.step()) continue;
	app = new Hono();
	const clock = () => endMs;
	const state = await StateStore.open({ clock, table: new MemoryTable() });
	mount(app, deployRoutes({ ...store, state, clock }), () => {});
	app.onError((error, c) => problemResponse(c, error, silentLog));
}, 180_000);
afterAll(() => store[Symbol.asyncDispose]());

async function read(service: string, version: string): Promise<DeployAnswer & DeployContents> {
	const response = await app.request(`/deploys/${encodeURIComponent(service)}/${version}?env=prod`);
	if (!response.ok) throw new Error(await response.text());
	const answer = deployAnswer.parse(await response.json());
	return { ...answer, ...answer.contents! };
}

/** The oracle: all by the spans of the test alone. */
const sinceMs = Math.floor((deployedMs - 5 * minuteMs) / minuteMs) * minuteMs;
const earlier = { fromMs: sinceMs - 24 * hourMs, toMs: sinceMs };
const since = { fromMs: sinceMs, toMs: endMs };
const isOwn = ({ resource }: PlainSpan): boolean =>
	resource?.service === 'checkout' && resource.namespace === 'shop' && resource.environment === 'prod';
const own = spans.filter(isOwn);

test('queries are new that the service did not call in the day before, each with its numbers', async () => {
	const { newQueries, earlier: shown } = await read('shop/checkout', '1.1');
	expect(shown).toEqual(earlier);
	const textsIn = (window: typeof since) => new Set(own.filter((span) => within(window, span)).flatMap(({ query }) => query?.text ?? [])); // prettier-ignore
	const expected = [...textsIn(since)].filter((text) => !textsIn(earlier).has(text));
	expect(expected.toSorted()).toEqual(['SELECT new', 'SELECT schema']);
	expect(newQueries.list.map(({ text }) => text).toSorted()).toEqual(expected.toSorted());
	expect(newQueries.partial).toBeUndefined();
	for (const query of newQueries.list) {
		const calls = own.filter((span) => span.query?.text === query.text && within(since, span));
		expect(query).toMatchObject({ system: 'postgresql', namespace: 'shop', summary: 'SELECT', errors: 0 });
		expect(query.fingerprint).toBe(fingerprint(query.text).toString(16).padStart(16, '0'));
		expect(query.calls).toBe(weightOf(calls));
		expect(query.totalNano).toBe(calls.reduce((sum, span) => sum + durationOf(span) * (span.weight ?? 1), 0));
	}
});

/** What the service calls in a window, and how often. */
function calledIn(window: typeof since): Map<string, number> {
	const inMap = spans.filter(({ resource }) => resource?.environment === 'prod');
	const edges = edgesOf(inMap, (span) => within(window, span));
	const downstream = edges.filter(({ caller, callee }) => caller === 'service:shop/checkout' && callee !== caller);
	return new Map(downstream.map(({ callee, spans: of }) => [callee, weightOf(of)]));
}

const countsOf = ({ list }: DeployContents['newDependencies']) => new Map(list.map(({ node, calls }) => [node, calls]));

test('dependencies are new that were not called in the day before, and gone once nobody calls them', async () => {
	const { newDependencies, goneDependencies } = await read('shop/checkout', '1.1');
	const known = calledIn(earlier);
	const added = [...calledIn(since)].filter(([node]) => !known.has(node));
	expect(added.map(([node]) => node).toSorted()).toEqual(['queue:kafka:audit', 'service:shop/fraud']);
	expect(countsOf(newDependencies)).toEqual(new Map(added));

	const lastOther = Math.max(...entrySpans(own).filter(({ resource }) => resource?.version !== '1.1').map(timeMs)); // prettier-ignore
	expect(lastOther).toBe(goneMs);
	const lateFromMs = Math.floor(lastOther / minuteMs) * minuteMs + 2 * minuteMs;
	const late = {
		fromMs: lateFromMs,
		toMs:
			Math.floor(Math.max(...spans.filter(({ kind }) => kind === 3 || kind === 4).map(timeMs)) / minuteMs + 1) *
			minuteMs,
	};
	const left = calledIn({ fromMs: sinceMs - (late.toMs - late.fromMs), toMs: sinceMs });
	const stays = calledIn(late);
	const gone = [...left].filter(([node]) => !stays.has(node));
	expect(gone.map(([node]) => node)).toContain('external:seldom.test');
	const clear = gone.filter(([, calls]) => calls >= 10);
	expect(clear.map(([node]) => node).toSorted()).toEqual(['external:old.partner.test', 'queue:kafka:dead', 'service:shop/legacy']); // prettier-ignore
	expect(countsOf(goneDependencies)).toEqual(new Map(clear));
	expect([newDependencies.partial, goneDependencies.partial]).toEqual([undefined, undefined]);
});

test('issues are new that no other version had before, those of its start included', async () => {
	const { newIssues } = await read('shop/checkout', '1.1');
	const typesOf = ({ events = [] }: PlainSpan) =>
		events.map(({ attributes }) => attributes?.[0]?.[1].stringValue ?? '');
	// Issues are of a service wherever it runs.
	const all = spans.filter(({ resource }) => resource?.service === 'checkout' && resource.namespace === 'shop');
	const known = new Set(all.filter((span) => span.resource?.version !== '1.1' && timeMs(span) < deployedMs).flatMap(typesOf)); // prettier-ignore
	const withIt = own.filter((span) => span.resource?.version === '1.1' && within(since, span));
	const counts = new Map<string, number>();
	for (const type of withIt.flatMap(typesOf)) counts.set(type, (counts.get(type) ?? 0) + 1);
	const expected = [...counts].filter(([type]) => !known.has(type));
	expect(expected.map(([type]) => type).toSorted()).toEqual(['NotReady', 'Overflow']);
	expect(new Map(newIssues.list.map(({ type, count }) => [type, count]))).toEqual(new Map(expected));
	for (const { type, title, kind, firstSeenMs } of newIssues.list) {
		expect([title, kind]).toEqual([`${type} happened`, 'exception']);
		expect(firstSeenMs).toBe(Math.min(...all.filter((span) => typesOf(span).includes(type)).map(timeMs)));
	}
});

test('what is cut says of how many', async () => {
	const { newIssues, newQueries, newDependencies, newOperations, goneOperations } = await read('wide', '2');
	const lists = { newIssues, newQueries, newDependencies, newOperations, goneOperations };
	const found = Object.entries(lists).map(([name, { list, partial }]) => [
		name,
		list.length,
		partial?.seen,
		partial?.of,
	]);
	expect(found).toEqual([
		['newIssues', 50, 50, 130],
		['newQueries', 50, 50, 130],
		// All queries are of one database.
		['newDependencies', 100, 100, 131],
		['newOperations', 100, 100, lists.newOperations.partial?.of],
		['goneOperations', 100, 100, 131],
	]);
	// Calls of hosts and of the database are operations too.
	expect(newOperations.partial?.of).toBe(new Set(spans.filter(({ resource }) => resource?.service === 'wide' && resource.version === '2').map(({ operation }) => operation)).size); // prettier-ignore
});

test('a service that nobody else stood beside has none of all that', async () => {
	const { newIssues, newQueries, newDependencies, goneDependencies } = await read('shop/payment', '7');
	expect([newIssues, newQueries, newDependencies, goneDependencies]).toEqual([1, 2, 3, 4].map(() => ({ list: [] })));
});

test('figures alone come without', async () => {
	const response = await app.request('/deploys/shop%2Fcheckout/1.1?parts=figures');
	const { contents, entry } = deployAnswer.parse(await response.json());
	expect(contents).toBeUndefined();
	expect(entry.after.requests).toBeGreaterThan(0);
});

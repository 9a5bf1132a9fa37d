import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Red } from '../../../schema/api.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { nearestEdge, upperEdgeNano } from '../../../schema/histogram.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, entrySpans, isQuantile, shuffled, timeMs, weightOf, within } from './oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 12, 34, 56, 789);
// Six hours: several partitions, and a window before.
const spans = randomSpans({ seed: 11, count: 3_000, endMs, withinMs: 6 * hourMs });
const ofOther = randomSpans({ seed: 12, count: 300, endMs, withinMs: hourMs });
const weekMs = 7 * 24 * hourMs;
const weekly = [
	...randomSpans({ seed: 13, count: 400, endMs, withinMs: 2 * hourMs }),
	...randomSpans({ seed: 14, count: 400, endMs: endMs - weekMs + hourMs, withinMs: 4 * hourMs }),
];
const window = { fromMs: endMs - 2 * hourMs, toMs: endMs };
const before = { fromMs: endMs - 4 * hourMs, toMs: endMs - 2 * hourMs };
const scope: WindowScope = { project: 'default', window };

let store: ThrowAwayStore;
beforeAll(async () => {
	// What is counted is partly derived, partly not yet: half of it here.
	store = await throwAwayStore({ derive: { intervalMs: 1e9 } });
	const late = shuffled(spans, randomNumbers(1));
	for (let from = 0; from < late.length; from += 700) {
		await store.writer.append(spanBlock(late.slice(from, from + 700)));
		if (from === 1_400) await store.deriver.settle(10_000);
	}
	await store.writer.append(spanBlock(ofOther, 'other'));
	await store.writer.append(spanBlock(weekly, 'weekly'));
});
afterAll(() => store[Symbol.asyncDispose]());

const entry = (stepMs: number) => ({ stepMs, spans: 'entry' }) as const;

function expectRed(shown: Red, expected: readonly PlainSpan[]): void {
	expect(shown.requests).toBe(weightOf(expected));
	expect(shown.errors).toBe(weightOf(expected.filter((span) => span.error)));
	for (const [q, nano] of [[0.5, shown.p50Nano], [0.95, shown.p95Nano], [0.99, shown.p99Nano]] as const) {
		expect(isQuantile(nano, expected, q), `p${q * 100} ${nano}`).toBe(true);
	}
} // prettier-ignore

const keyOf = (...parts: (string | undefined)[]) => parts.map((part) => part ?? '').join('|');

test('services are entry spans by service, namespace and environment, with the window before', async () => {
	const services = await store.red.services(scope, entry(600_000));
	const byService = (of: readonly PlainSpan[]) =>
		Map.groupBy(entrySpans(of), ({ resource }) => keyOf(resource?.namespace, resource?.service, resource?.environment));
	const expected = byService(spans.filter((span) => within(window, span)));
	const expectedBefore = byService(spans.filter((span) => within(before, span)));
	expect(services.map((row) => keyOf(row.namespace, row.service, row.environment)).toSorted()).toEqual(
		[...expected.keys()].toSorted(),
	);
	for (const row of services) {
		const key = keyOf(row.namespace, row.service, row.environment);
		const members = expected.get(key) ?? [];
		expectRed(row, members);
		expectRed(row.before, expectedBefore.get(key) ?? []);
		expect(row.spans).toBe(members.length);
		expect(row.requestsPerSecond).toBeCloseTo(weightOf(members) / 7_200);
		expect(row.errorRatio).toBeCloseTo(row.errors / row.requests);
		expect(row.totalNano).toBeCloseTo(
			members.reduce((sum, span) => sum + durationOf(span) * (span.weight ?? 1), 0),
			-3,
		);
	}
});

test('the rank of a duration is the share of its kind in lower buckets, within half a bucket of the true share', async () => {
	const members = (of: PlainSpan) =>
		spans.filter(
			(span) =>
				within(window, span) &&
				span.operation === of.operation &&
				span.kind === of.kind &&
				keyOf(span.resource?.namespace, span.resource?.service, span.resource?.environment) ===
					keyOf(of.resource?.namespace, of.resource?.service, of.resource?.environment),
		);
	const chosen = spans.filter((span) => within(window, span)).slice(0, 40);
	let compared = 0;
	for (const span of chosen) {
		const kind = members(span);
		const durationNano = durationOf(span);
		const { service = '', namespace = '', environment = '' } = span.resource ?? {};
		const question = { service, namespace, operation: span.operation!, kind: SPAN_KINDS[span.kind!]!, durationNano };
		const rank = await store.spanRanks.rank({ ...scope, environment }, question);
		expect(rank.requests).toBe(weightOf(kind));
		expect(rank.spans).toBe(kind.length);
		const quicker = (nano: number) => weightOf(kind.filter((other) => durationOf(other) < nano));
		expect(rank.quicker).toBeLessThanOrEqual(quicker(durationNano));
		expect(rank.quicker).toBeGreaterThanOrEqual(quicker(durationNano / 1.0222));
		compared += rank.quicker;
	}
	expect(compared).toBeGreaterThan(20);
});

test('sparklines have a point for every step that touches the window, each the spans of its step in the window', async () => {
	const stepMs = 600_000;
	const [service] = await store.red.services(scope, entry(stepMs));
	const ofService = ({ resource }: PlainSpan) =>
		keyOf(resource?.namespace, resource?.service, resource?.environment) ===
		keyOf(service!.namespace, service!.service, service!.environment);
	const members = entrySpans(spans).filter((span) => within(window, span) && ofService(span));
	expect(service!.points[0]!.tMs).toBe(Math.floor(window.fromMs / stepMs) * stepMs);
	expect(service!.points).toHaveLength(13);
	for (const point of service!.points) {
		expectRed(point, members.filter((span) => Math.floor(timeMs(span) / stepMs) * stepMs === point.tMs)); // prettier-ignore
	}
	// Two hours are twelve steps: those before lie as much earlier.
	const earlier = entrySpans(spans).filter((span) => within(before, span) && ofService(span));
	expect(service!.pointsBefore).toHaveLength(13);
	for (const [i, { tMs }] of service!.points.entries()) {
		const ofStep = earlier.filter((span) => Math.floor(timeMs(span) / stepMs) * stepMs === tMs - 2 * hourMs);
		expect(service!.pointsBefore[i]!.requests).toBe(weightOf(ofStep));
		expect(isQuantile(service!.pointsBefore[i]!.p95Nano, ofStep, 0.95)).toBe(true);
	}
	const [fine] = await store.red.services(scope, entry(30_000));
	expect(fine!.pointsBefore).toEqual([]);
	expectRed(fine!.before, earlier);
});

test('by the hour, services, operations and series are those of the spans of each hour, in both windows', async () => {
	// Cut anywhere: a minute and an hour that belong to both windows, and one that ends where the other begins.
	for (const lengthMs of [2.5 * hourMs + 12_345, 3 * hourMs, (endMs % hourMs) + hourMs]) {
		const asked: WindowScope = { project: 'default', window: { fromMs: endMs - lengthMs, toMs: endMs } };
		const compared = { fromMs: endMs - 2 * lengthMs, toMs: endMs - lengthMs };
		const [now, earlier] = [asked.window, compared].map((each) => spans.filter((span) => within(each, span)));
		const inStep = (of: readonly PlainSpan[], tMs: number, stepMs: number) =>
			of.filter((span) => Math.floor(timeMs(span) / stepMs) * stepMs === tMs);
		for (const stepMs of [hourMs, 2 * hourMs, 12 * hourMs]) {
			for (const row of await store.red.services(asked, entry(stepMs))) {
				const isOf = ({ resource }: PlainSpan) =>
					keyOf(resource?.namespace, resource?.service, resource?.environment) ===
					keyOf(row.namespace, row.service, row.environment);
				const [members, before] = [entrySpans(now!).filter(isOf), entrySpans(earlier!).filter(isOf)];
				expectRed(row, members);
				expectRed(row.before, before);
				expect(row.spans).toBe(members.length);
				for (const point of row.points) expectRed(point, inStep(members, point.tMs, stepMs));
			}
			const { points, before } = await store.red.red(asked, { service: 'cart' }, { stepMs });
			const ofCart = (of: readonly PlainSpan[]) =>
				entrySpans(of).filter(({ resource }) => resource?.service === 'cart');
			for (const point of points) expectRed(point, inStep(ofCart(now!), point.tMs, stepMs));
			for (const point of before) expectRed(point, inStep(ofCart(earlier!), point.tMs, stepMs));
			expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBe(weightOf(ofCart(now!)));
			const { operations } = await store.red.operations(asked, { service: 'cart' }, stepMs);
			for (const row of operations) {
				const isSame = ({ resource, operation, kind, type }: PlainSpan) =>
					resource?.service === 'cart' &&
					operation === row.operation && SPAN_KINDS[kind!] === row.kind && SPAN_TYPES[type!] === row.type; // prettier-ignore
				expectRed(row, now!.filter(isSame));
				expectRed(row.before, earlier!.filter(isSame));
				expect(row.spans).toBe(now!.filter(isSame).length);
			}
			expect(operations.reduce((sum, row) => sum + row.spans, 0)).toBe(
				now!.filter(({ resource }) => resource?.service === 'cart').length,
			);
		}
	}
});

test('a window that is longer than the seven days by which another one is earlier is compared all the same', async () => {
	const asked: WindowScope = {
		project: 'weekly',
		comparison: '7d',
		window: { fromMs: endMs - weekMs - 6 * hourMs, toMs: endMs },
	};
	const weekBefore = { fromMs: asked.window.fromMs - weekMs, toMs: endMs - weekMs };
	const ofCart = (where: typeof weekBefore) =>
		entrySpans(weekly).filter((span) => within(where, span) && span.resource?.service === 'cart');
	const { points, before } = await store.red.red(asked, { service: 'cart' }, { stepMs: hourMs });
	const requests = (of: typeof points) => of.reduce((sum, point) => sum + point.requests, 0);
	expect(requests(points)).toBe(weightOf(ofCart(asked.window)));
	expect(before.reduce((sum, point) => sum + point.requests, 0)).toBe(weightOf(ofCart(weekBefore)));
	expect(requests(points)).toBeGreaterThan(10);
	expect(weightOf(ofCart(weekBefore))).toBeGreaterThan(5);
});

test('versions are those that served in the window, with their requests, since when each has been known', async () => {
	const services = await store.red.services(scope, entry(600_000));
	const keyOfService = ({ resource }: PlainSpan) =>
		keyOf(resource?.namespace, resource?.service, resource?.environment);
	const byVersion = (versions: readonly { version: string }[]) =>
		versions.toSorted((a, b) => (a.version < b.version ? -1 : 1));
	for (const row of services) {
		const ofService = spans.filter(
			(span) =>
				span.resource?.version !== '' && keyOfService(span) === keyOf(row.namespace, row.service, row.environment),
		);
		const served = entrySpans(ofService).filter((span) => within(window, span));
		const expected = [...Map.groupBy(served, (span) => span.resource?.version ?? '')].map(([version, of]) => ({
			version,
			requests: weightOf(of),
			// All spans count, of any kind and before the window too; those not derived yet are known by what they served.
			firstSeenMs: expect.any(Number),
			lastSeenMs: expect.any(Number),
		}));
		expect(byVersion(row.versions)).toEqual(byVersion(expected));
		expect(row.firstSeenMs).toBeLessThanOrEqual(Math.min(...row.versions.map(({ firstSeenMs }) => firstSeenMs)));
		const members = entrySpans(spans.filter((span) => within(window, span)));
		const ownMs = members
			.filter((span) => keyOfService(span) === keyOf(row.namespace, row.service, row.environment))
			.map(timeMs);
		expect(row.lastSeenMs).toBeGreaterThanOrEqual(Math.max(...ownMs));
	}
	await store.deriver.settle(10_000);
	// Of another window, and of other spans than those that are counted: seen is seen.
	const earlier = { ...scope, window: before };
	for (const row of [
		...(await store.red.services(scope, entry(600_000))),
		...(await store.red.services(earlier, entry(600_000))),
	]) {
		const ofService = spans.filter((span) => keyOfService(span) === keyOf(row.namespace, row.service, row.environment));
		const seen = (of: readonly PlainSpan[]) => [Math.min(...of.map(timeMs)), Math.max(...of.map(timeMs))];
		expect([row.firstSeenMs, row.lastSeenMs]).toEqual(seen(ofService));
		for (const { version, firstSeenMs, lastSeenMs } of row.versions)
			expect([firstSeenMs, lastSeenMs]).toEqual(seen(ofService.filter((span) => span.resource?.version === version)));
	}
	// Everything began six hours ago: nothing is new in the last two, all of it in a window that reaches back that far.
	expect(await store.red.newVersions(scope, { service: 'cart' })).toEqual({ versions: [], total: 0 });
	const { versions: all, total } = await store.red.newVersions(
		{ ...scope, window: { fromMs: endMs - 7 * hourMs, toMs: endMs } },
		{ service: 'cart', namespace: 'shop' },
	);
	const ofCart = spans.filter(
		({ resource }) => resource?.service === 'cart' && resource.namespace === 'shop' && resource.version !== '',
	);
	const expected = Map.groupBy(ofCart, ({ resource }) => keyOf(resource?.version, resource?.environment));
	expect([all.length, total]).toEqual([expected.size, expected.size]);
	for (const { version, environment, firstSeenMs } of all) {
		expect(firstSeenMs).toBe(Math.min(...(expected.get(keyOf(version, environment)) ?? []).map(timeMs)));
	}
});

test('one environment is that environment alone', async () => {
	const services = await store.red.services({ ...scope, environment: 'staging' }, entry(600_000));
	expect(new Set(services.map((row) => row.environment))).toEqual(new Set(['staging']));
	const expected = entrySpans(spans).filter((span) => within(window, span) && span.resource?.environment === 'staging');
	expect(services.reduce((sum, row) => sum + row.spans, 0)).toBe(expected.length);
	expect(await store.red.environments(scope)).toEqual(['', 'production', 'staging']);
});

test('operations were seen first and last when their spans ended, in all that is kept, derived or not', async () => {
	const ever = { ...scope, window: { fromMs: 0, toMs: endMs + 1 } };
	const seenOf = async (asked: WindowScope, service: { service: string; namespace?: string }) => {
		const { operations, partial } = await store.red.operationSights(asked, service);
		expect(partial).toBeUndefined();
		return operations
			.map((row) => [keyOf(row.operation, row.kind, row.type), row.firstSeenMs, row.lastSeenMs] as const)
			.toSorted(([a], [b]) => (a < b ? -1 : 1));
	};
	const expected = (of: readonly PlainSpan[]) =>
		[...Map.groupBy(of, (span) => keyOf(span.operation, SPAN_KINDS[span.kind!], SPAN_TYPES[span.type!]))]
			.map(([key, members]) => [key, Math.min(...members.map(timeMs)), Math.max(...members.map(timeMs))] as const)
			.toSorted(([a], [b]) => (a < b ? -1 : 1));
	const ofCart = spans.filter(({ resource }) => resource?.service === 'cart');
	const check = async () => {
		expect(await seenOf(ever, { service: 'cart' })).toEqual(expected(ofCart));
		expect(await seenOf({ ...ever, environment: 'staging' }, { service: 'cart', namespace: 'shop' })).toEqual(
			expected(ofCart.filter(({ resource }) => resource?.namespace === 'shop' && resource.environment === 'staging')),
		);
		expect(await seenOf(ever, { service: 'nobody' })).toEqual([]);
	};
	await check();
	await store.deriver.settle(10_000);
	await check();
});

test('operations are all spans of the service, by operation, kind and type', async () => {
	const stepMs = 600_000;
	const { operations } = await store.red.operations(scope, { service: 'cart', namespace: 'shop' }, stepMs);
	const members = spans.filter(
		(span) => within(window, span) && span.resource?.service === 'cart' && span.resource.namespace === 'shop',
	);
	const expected = Map.groupBy(members, (span) =>
		keyOf(span.operation, SPAN_KINDS[span.kind!], SPAN_TYPES[span.type!]),
	);
	expect(operations).toHaveLength(expected.size);
	const ofBefore = spans
		.filter(({ resource }) => resource?.service === 'cart' && resource.namespace === 'shop')
		.filter((span) => within(before, span));
	for (const row of operations) {
		const of = expected.get(keyOf(row.operation, row.kind, row.type)) ?? [];
		const isSame = ({ operation, kind, type }: PlainSpan) =>
			operation === row.operation && SPAN_KINDS[kind!] === row.kind && SPAN_TYPES[type!] === row.type;
		expectRed(row, of);
		expectRed(row.before, ofBefore.filter(isSame));
		expect(row.spans).toBe(of.length);
		for (const [i, { tMs }] of row.points.entries()) {
			const ofStep = ofBefore.filter(
				(span) => isSame(span) && Math.floor(timeMs(span) / stepMs) * stepMs === tMs - 2 * hourMs,
			);
			expect(row.pointsBefore[i]!.requests).toBe(weightOf(ofStep));
			expect(isQuantile(row.pointsBefore[i]!.p95Nano, ofStep, 0.95)).toBe(true);
		}
		for (const point of row.points) {
			expectRed(point, of.filter((span) => Math.floor(timeMs(span) / stepMs) * stepMs === point.tMs)); // prettier-ignore
		}
	}
	const totals = operations.map(({ totalNano }) => totalNano);
	expect(totals).toEqual(totals.toSorted((a, b) => b - a));
});

test('without a namespace, a service name stands for all namespaces that have it', async () => {
	const members = spans.filter((span) => within(window, span) && span.resource?.service === "o'brien\\");
	const { operations } = await store.red.operations(scope, { service: "o'brien\\" }, hourMs);
	expect(operations.reduce((sum, row) => sum + row.requests, 0)).toBe(weightOf(members));
	expect(await store.red.namespacesOf(scope, "o'brien\\")).toEqual(['', 'shop']);
	expect(await store.red.namespacesOf(scope, 'nobody')).toEqual([]);
});

test('a series of a service counts its entry spans, one of an operation all of its spans', async () => {
	const stepMs = 300_000;
	const ofCart = spans.filter((span) => within(window, span) && span.resource?.service === 'cart');
	const sumOf = (points: Red[]) => points.reduce((sum, point) => sum + point.requests, 0);

	const { points: whole } = await store.red.red(scope, { service: 'cart' }, { stepMs });
	expect(whole).toHaveLength(25);
	expect(sumOf(whole)).toBe(weightOf(entrySpans(ofCart)));

	const operation = 'GET /a';
	const ofOperation = ofCart.filter((span) => span.operation === operation);
	const { points } = await store.red.red(scope, { service: 'cart' }, { stepMs, operation });
	for (const point of points) {
		expectRed(point, ofOperation.filter((span) => Math.floor(timeMs(span) / stepMs) * stepMs === point.tMs)); // prettier-ignore
	}

	const { points: servers } = await store.red.red(scope, { service: 'cart' }, { stepMs, operation, kind: 'server' });
	expect(sumOf(servers)).toBe(weightOf(ofOperation.filter((span) => span.kind === 2)));
});

test.each(["' OR 1=1 --", "cart' UNION SELECT 1 --", '{service:String}', 'cart\0', "\\'", '%'])(
	'a service or operation named %j finds nothing and changes nothing',
	async (name) => {
		expect(await store.red.operations(scope, { service: name }, hourMs)).toEqual({ operations: [] });
		expect(await store.red.instances(scope, { service: name })).toEqual({ instances: [] });
		expect(await store.red.newVersions(scope, { service: name })).toEqual({ versions: [], total: 0 });
		expect(await store.red.namespacesOf(scope, name)).toEqual([]);
		const { points } = await store.red.red(
			scope,
			{ service: 'cart', namespace: name },
			{ stepMs: hourMs, operation: name },
		);
		expect(points.every((point) => point.requests === 0)).toBe(true);
		expect(await store.red.services({ ...scope, environment: name }, entry(hourMs))).toEqual([]);
	},
);

test('all spans of a service count when they are asked for', async () => {
	const services = await store.red.services(scope, { stepMs: 600_000, spans: 'all' });
	const members = spans.filter((span) => within(window, span));
	expect(services.reduce((sum, row) => sum + row.spans, 0)).toBe(members.length);
	expect(services.reduce((sum, row) => sum + row.requests, 0)).toBe(weightOf(members));
});

test('a series has its status classes, and the window before point by point', async () => {
	const stepMs = 1_200_000;
	const { points, before: earlier } = await store.red.red(scope, { service: 'cart' }, { stepMs });
	const ofCart = entrySpans(spans).filter((span) => span.resource?.service === 'cart');
	const inStep = (tMs: number) => (span: PlainSpan) => timeMs(span) >= tMs && timeMs(span) < tMs + stepMs;
	for (const point of points) {
		const of = ofCart.filter((span) => within(window, span)).filter(inStep(point.tMs));
		const classes = [0, 0, 0, 0, 0, 0];
		for (const span of of) {
			const status = Number(span.promoted?.['http.response.status_code'] ?? 0);
			classes[status >= 100 && status < 600 ? Math.floor(status / 100) : 0]! += span.weight ?? 1;
		}
		expect(point.statusClasses).toEqual(classes);
	}
	expect(earlier.length).toBeGreaterThanOrEqual(points.length);
	for (const point of earlier) {
		expectRed(point, ofCart.filter((span) => within(before, span)).filter(inStep(point.tMs)));
	}
	expect(earlier.reduce((sum, { requests }) => sum + requests, 0)).toBe(
		weightOf(ofCart.filter((span) => within(before, span))),
	);
});

test('Apdex is satisfied requests and half of the tolerating ones; what failed is neither', async () => {
	// 2^20 ns is the edge of a bucket, so the histogram answers exactly.
	const apdexBucket = nearestEdge(2 ** 20);
	expect(upperEdgeNano(apdexBucket)).toBe(2 ** 20);
	const services = await store.red.services(scope, { stepMs: 600_000, spans: 'entry', apdexBucket });
	for (const row of services) {
		const members = entrySpans(spans).filter(
			(span) =>
				within(window, span) &&
				keyOf(span.resource?.namespace, span.resource?.service, span.resource?.environment) ===
					keyOf(row.namespace, row.service, row.environment),
		);
		const fine = members.filter(({ error }) => !error);
		const satisfied = fine.filter((span) => durationOf(span) <= 2 ** 20);
		const tolerating = fine.filter((span) => durationOf(span) > 2 ** 20 && durationOf(span) <= 4 * 2 ** 20);
		expect(row.apdex).toBeCloseTo((weightOf(satisfied) + weightOf(tolerating) / 2) / weightOf(members));
	}
	const { points } = await store.red.red(scope, { service: 'cart' }, { stepMs: hourMs, apdexBucket });
	expect(points.map(({ apdex }) => typeof apdex)).toEqual(points.map(() => 'number'));
});

test('instances are entry spans by instance and environment, with the newest version each ran', async () => {
	const { instances } = await store.red.instances(scope, { service: 'cart' });
	const members = entrySpans(spans).filter((span) => within(window, span) && span.resource?.service === 'cart');
	const expected = Map.groupBy(members, ({ resource }) => keyOf(resource?.instance, resource?.environment));
	expect(instances).toHaveLength(expected.size);
	for (const row of instances) {
		const of = expected.get(keyOf(row.instance, row.environment)) ?? [];
		expectRed(row, of);
		const times = of.map(timeMs);
		expect([row.firstSeenMs, row.lastSeenMs]).toEqual([Math.min(...times), Math.max(...times)]);
		const newest = of.filter((span) => timeMs(span) === row.lastSeenMs).map(({ resource }) => resource?.version);
		expect(newest).toContain(row.version);
	}
});

test('seven days earlier is compared with where it is asked for, in services, operations and series', async () => {
	const asked: WindowScope = { ...scope, project: 'weekly', comparison: '7d' };
	const weekBefore = { fromMs: window.fromMs - weekMs, toMs: window.toMs - weekMs };
	const earlier = weekly.filter((span) => within(weekBefore, span));
	const keyOfSpan = ({ resource }: PlainSpan) => keyOf(resource?.namespace, resource?.service, resource?.environment);
	const services = await store.red.services(asked, entry(600_000));
	for (const row of services) {
		const key = keyOf(row.namespace, row.service, row.environment);
		expectRed(row.before, entrySpans(earlier).filter((span) => keyOfSpan(span) === key)); // prettier-ignore
	}
	expect(services.reduce((sum, row) => sum + row.before.requests, 0)).toBeGreaterThan(20);

	const ofCart = earlier.filter(({ resource }) => resource?.service === 'cart');
	const { operations } = await store.red.operations(asked, { service: 'cart' }, 600_000);
	for (const row of operations) {
		const isSame = ({ operation, kind, type }: PlainSpan) =>
			operation === row.operation && SPAN_KINDS[kind!] === row.kind && SPAN_TYPES[type!] === row.type;
		expectRed(row.before, ofCart.filter(isSame));
	}

	const stepMs = 300_000;
	const { points, before: course } = await store.red.red(asked, { service: 'cart' }, { stepMs });
	expect(course.map(({ tMs }) => tMs)).toEqual(points.map(({ tMs }) => tMs - weekMs));
	for (const point of course) {
		const inStep = (span: PlainSpan) => timeMs(span) >= point.tMs && timeMs(span) < point.tMs + stepMs;
		expectRed(point, entrySpans(ofCart).filter(inStep));
	}
	expect(course.reduce((sum, { requests }) => sum + requests, 0)).toBe(weightOf(entrySpans(ofCart)));
});

test('projects are kept apart', async () => {
	const services = await store.red.services({ ...scope, project: 'other' }, entry(hourMs));
	expect(services.reduce((sum, row) => sum + row.spans, 0)).toBe(
		entrySpans(ofOther).filter((span) => within(window, span)).length,
	);
	expect(await store.red.services({ ...scope, project: 'none' }, entry(hourMs))).toEqual([]);
});

test('sizes and times are those of one project', async () => {
	const status = await store.status.spans({ project: 'default' });
	expect(status.rows).toBe(spans.length);
	expect(status.oldestMs).toBe(Math.min(...spans.map(timeMs)));
	expect(status.newestMs).toBe(Math.max(...spans.map(timeMs)));
	expect(status.bytesOnDisk).toBeGreaterThan(1_000);
	expect(await store.status.newestMs({ project: 'other' })).toBe(Math.max(...ofOther.map(timeMs)));
	expect(await store.status.newestMs({ project: 'none' })).toBeNull();
	await store.status.ping();
});

test('durations fall into the buckets of the shared histogram, edges included', async () => {
	const edges = Array.from({ length: 50 * 8 }, (_, index) => BigInt(Math.round(2 ** (index / 8)))).concat(
		0n,
		1n,
		2n,
		3n,
	);
	const at = BigInt(endMs) * 1_000_000n;
	const block = edges.map((nano, row) => ({
		traceId: 'e'.repeat(32),
		spanId: (row + 1).toString(16).padStart(16, '0'),
		startUnixNano: at - nano,
		endUnixNano: at,
		operation: `edge ${row}`,
	}));
	await store.writer.append(spanBlock(block, 'edges'));
	const edgeScope = { project: 'edges', window: { fromMs: endMs, toMs: endMs + 1 } };
	const { operations } = await store.red.operations(edgeScope, { service: 'unknown_service' }, hourMs);
	const { bucketMiddleNano, bucketOf } = await import('../../../schema/histogram.ts');
	for (const [row, nano] of edges.entries()) {
		const shown = operations.find(({ operation }) => operation === `edge ${row}`);
		expect(shown?.p50Nano, `${nano} ns`).toBe(Math.round(bucketMiddleNano(bucketOf(Number(nano)))));
	}
});

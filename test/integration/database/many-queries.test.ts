import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { SPAN_TYPES } from '../../../schema/span.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

const stepMs = 300_000;
const endMs = Math.floor(Date.now() / stepMs) * stepMs - stepMs;
const scope: WindowScope = { project: 'default', window: { fromMs: endMs - stepMs, toMs: endMs } };

/** More than a list has: each called once, the first for longest. */
const groups = 503;
const fingerprintOf = (group: number): bigint => BigInt(1_000 + group);
const hexOf = (group: number): string => fingerprintOf(group).toString(16).padStart(16, '0');

let calls = 0;
const callOf = (group: number, more: { service?: string; system?: string; namespace?: string } = {}): PlainSpan => {
	const { service = 'cart', system = 'postgresql', namespace = 'shop' } = more;
	calls += 1;
	const end = BigInt(endMs - 60_000) * 1_000_000n;
	const text = `SELECT ${group}`;
	return {
		traceId: calls.toString(16).padStart(32, '0'),
		spanId: calls.toString(16).padStart(16, '0'),
		kind: 3,
		type: SPAN_TYPES.indexOf('db'),
		operation: `SELECT t${group}`,
		startUnixNano: end - BigInt(groups - group) * 1_000_000n,
		endUnixNano: end,
		resource: { service, namespace: '', environment: 'production' },
		promoted: { 'db.system.name': system, 'db.namespace': namespace, 'db.query.text': text },
		query: { text, fingerprint: fingerprintOf(group) },
	};
};

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	const rare = callOf(groups - 1, { namespace: 'archive' });
	await store.writer.append(spanBlock([...Array.from({ length: groups }, (_, group) => callOf(group)), rare]));
	while ((await store.buckets.round()).derived > 0);
});
afterAll(() => store[Symbol.asyncDispose]());

test('a query that takes too little time for the list is found by its fingerprint, and in each namespace', async () => {
	const { queries, groups: of } = await store.queries.list(scope, {}, stepMs);
	expect(queries).toHaveLength(500);
	expect(of).toBe(groups + 1);
	const query = hexOf(groups - 1);
	expect(queries.map(({ fingerprint }) => fingerprint)).not.toContain(query);
	for (const namespace of ['shop', 'archive']) {
		const found = await store.queries.detail(scope, { query, namespace }, stepMs);
		expect(found?.group).toMatchObject({ fingerprint: query, namespace, calls: 1, summary: `SELECT t${groups - 1}` });
		expect(found?.points.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
		expect(found?.samples).toHaveLength(2);
	}
	expect(await store.queries.detail(scope, { query, namespace: 'other' }, stepMs)).toBeUndefined();
	expect(await store.queries.detail(scope, { query, system: 'redis' }, stepMs)).toBeUndefined();
});

test('of more services and systems than are listed it is said how many there are', async () => {
	const many = { ...scope, project: 'many' };
	const calls = Array.from({ length: 103 }, (_, index) => [
		callOf(0, { service: `service-${index}` }),
		callOf(1, { system: `system-${index}` }),
	]);
	await store.writer.append(spanBlock(calls.flat(), 'many'));
	const { queries, systems, systemsOf } = await store.queries.list(many, {}, stepMs);
	expect(systems).toHaveLength(100);
	expect(systemsOf).toBe(104);
	const crowded = queries.find(({ system }) => system === 'postgresql');
	expect(crowded?.services).toHaveLength(100);
	expect(crowded?.servicesOf).toBe(103);
	const detail = await store.queries.detail(many, { query: hexOf(0) }, stepMs);
	expect(detail?.group.servicesOf).toBe(103);
});

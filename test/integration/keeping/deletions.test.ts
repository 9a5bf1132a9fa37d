import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiledQuery, readQuery } from '../../../collector/api/compiled-query.ts';
import { AssignVariants } from '../../../collector/jobs/assign-variants.ts';
import { Deletions } from '../../../collector/keeping/deletions.ts';
import type { ErasableIntake } from '../../../collector/keeping/deletions.ts';
import { Pins } from '../../../collector/keeping/pins.ts';
import { silentLog } from '../../../collector/log.ts';
import type { TraceId } from '../../../schema/span.ts';
import { logBlock, logRecord } from '../../support/log-block.ts';
import { randomSpans } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { tracesOf } from '../store/oracle.ts';
import { openKeepingStore } from './keeping-store.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 9, 30, 0, 250);
const text = (value: string) => ({ stringValue: value });

/** Every trace has a customer; its last span failed with a message that names them. */
const random = randomSpans({ seed: 61, count: 600, endMs, withinMs: 5 * hourMs, traceSpans: 12 });
const customerOf = new Map(tracesOf(random).map(({ traceId }, index) => [traceId, `customer-${'abcdefg'[index % 7]}`]));
const spans: PlainSpan[] = random.map((span, index) => {
	const customer = customerOf.get(span.traceId)!;
	const failed = random[index + 1]?.traceId !== span.traceId;
	const exception = {
		timeUnixNano: span.endUnixNano,
		name: 'exception',
		attributes: [
			['exception.type', text('Refused')],
			['exception.message', text(`refused ${customer}`)],
		] as const,
	};
	return {
		...span,
		links: [],
		attributes: [
			['customer', text(customer)],
			['feature_flag.key', text('tier')],
			['feature_flag.result.variant', text(`of ${customer}`)],
		],
		promoted: {},
		copied: {},
		events: failed ? [exception] : [],
		resource: { service: 'shop', attributes: [['service.name', text('shop')]] },
	};
});
const idsOf = (customer: string) =>
	[...customerOf].filter(([, name]) => name === customer).map(([id]) => id as TraceId);
const ofTraces = (ids: readonly string[]) => spans.filter(({ traceId }) => ids.includes(traceId));
const has = (text: string) => `position(toString(tuple(*)), '${text}') > 0`;
const inTraces = (ids: readonly string[]) => `lower(hex(trace_id)) IN (${ids.map((id) => `'${id}'`).join(', ')})`;

let store: Awaited<ReturnType<typeof openKeepingStore>>;
let pins: Pins;
let deletions: Deletions;
let storedUpToMs: () => number;
const removedFromQuarantine: ReadonlySet<string>[] = [];
const forgotten: [project: string, ids: ReadonlySet<string>][] = [];
let isDerived = true;
const intake: ErasableIntake = {
	storedUpToMs: () => storedUpToMs(),
	releaseStored: async () => {},
	removeSetAside: async (ids) => {
		removedFromQuarantine.push(ids);
		return { records: 1, spans: 2, unreadable: 3 };
	},
	removeSetAsideOf: async () => ({ records: 0, spans: 0, unreadable: 0 }),
	forgetSamples: () => {},
};
const openDeletions = () =>
	new Deletions({
		state: store.state,
		traces: store.deletion,
		pins,
		intake,
		forgetTold: async (project, ids) => void forgotten.push([project, ids]),
		settleDerived: (timeoutMs) => (isDerived ? store.deriver.settle(timeoutMs) : Promise.resolve(false)),
		compile: (q) => compiledQuery(readQuery(q)),
		log: silentLog,
		own: 'this one',
		clock: Date.now,
	});
const asked = (body: { traceIds: string[] } | { q: string }, window = { fromMs: endMs - 6 * hourMs, toMs: endMs }) => ({
	scope: { project: 'default', window },
	body,
	author: 'ann',
});

beforeAll(async () => {
	store = await openKeepingStore();
	storedUpToMs = () => Date.now();
	await store.write(spans);
	await store.write(spans.slice(0, 40));
	await store.write(spans.slice(0, 10), 'other');
	const records = [...customerOf].slice(0, 20).map(([traceId, customer]) =>
		logRecord({
			traceId,
			timeUnixNano: '1795000000000000009',
			body: `slog of ${customer}`,
			exceptionMessage: `log ${customer}`,
		}),
	);
	await store.logs.append(
		logBlock(
			records,
			'default',
			records.map(() => endMs),
		),
	);
	await store.deriver.settle(20_000);
	const assign = new AssignVariants({ table: store.variantTable, derivedTo: () => 1, clock: Date.now });
	while (await assign.step());
	pins = new Pins({
		state: store.state,
		traces: store.pinned,
		bytesOnDisk: () => store.partitions.pinnedBytes(),
		clock: Date.now,
	});
	deletions = openDeletions();
});
afterAll(() => store.close());

function expectedOf(ids: readonly string[]) {
	const mine = ofTraces(ids);
	return {
		traces: ids.length,
		spans: mine.length,
		logs: [...customerOf.keys()].slice(0, 20).filter((id) => ids.includes(id)).length,
		exceptions: mine.filter(({ events }) => events!.length > 0).length,
		findings: 0,
		pins: 0,
	};
}

test('a dry run tells what would go, by ids and by query, and nothing goes', async () => {
	const ids = idsOf('customer-c');
	const byQuery = await deletions.dryRun(asked({ q: 'customer:customer-c' }));
	expect(byQuery).toMatchObject({ id: null, state: 'dry-run', found: expectedOf(ids), author: 'ann' });
	expect(byQuery.remains.map(({ where }) => where)).toContain('rollups');
	const byIds = await deletions.dryRun(asked({ traceIds: [ids[0]!.toUpperCase(), 'f'.repeat(32)] }));
	expect(byIds.found).toEqual(expectedOf([ids[0]!]));
	const elsewhere = await deletions.dryRun(asked({ q: 'customer:customer-c' }, { fromMs: 0, toMs: 1 }));
	expect(elsewhere.found).toMatchObject({ traces: 0, spans: 0 });
	expect(await store.count('spans')).toBe(spans.length + 50);
	expect(deletions.list('default').deletions).toEqual([]);
});

test('a deletion by query takes whole traces out of every table, and leaves the others and the counts', async () => {
	const ids = idsOf('customer-c');
	await pins.pin({ project: 'default' }, ids[0]!, 'ann');
	expect(await store.count('attribute_values', has('customer-c'))).toBeGreaterThan(0);
	expect(await store.count('exception_variants', has('customer-c'))).toBeGreaterThan(0);
	const evidence = (rule: string, traceId: string) =>
		JSON.stringify({
			project: 'default',
			rule,
			kind: 'evidence',
			time: 0,
			document: `{"violating":{"traceId":"${traceId}"}}`,
		});
	const events = [evidence('of a deleted trace', ids[1]!), evidence('of another', idsOf('customer-a')[0]!)];
	await store.clickhouse.insert('alert_events', 'JSONEachRow', [Buffer.from(events.join('\n'))]);
	const requestsBefore = await store.clickhouse.rows('SELECT sum(spans) AS n FROM red_minutes', {});
	const done = await deletions.request(asked({ q: 'customer:customer-c' }));
	expect(done).toMatchObject({
		state: 'done',
		found: { ...expectedOf(ids), pins: 1 },
		asked: { q: 'customer:customer-c', traceIds: null },
		quarantine: { records: 1, spans: 2, unreadable: 3 },
	});
	expect(removedFromQuarantine).toEqual([new Set(ids)]);
	expect(forgotten).toEqual([['default', new Set(ids)]]);
	const tables = await store.clickhouse.rows<{ name: string }>(
		"SELECT name FROM system.tables WHERE database = 'spanhouse' AND name NOT IN ('deletions', 'state')",
		{},
	);
	for (const { name } of tables)
		expect([name, await store.count(name, `${has('customer-c')} AND ${projectOf(name)}`)]).toEqual([name, 0]);
	for (const table of ['spans', 'logs', 'exceptions', 'pinned_spans'])
		expect(await store.count(table, `project = 'default' AND ${inTraces(ids)}`)).toBe(0);
	expect(await store.clickhouse.rows('SELECT rule FROM alert_events', {})).toEqual([{ rule: 'of another' }]);
	expect((await pins.list({ project: 'default' })).pins).toEqual([]);
	const others = spans.filter(({ traceId }) => !ids.includes(traceId as TraceId));
	expect(await store.count("(SELECT 1 FROM spans WHERE project = 'default' LIMIT 1 BY trace_id, span_id)")).toBe(
		others.length,
	);
	for (const customer of ['customer-b', 'customer-d'])
		for (const table of ['attribute_values', 'flag_hours'])
			expect([table, await store.count(table, has(customer))]).not.toEqual([table, 0]);
	expect(await store.clickhouse.rows('SELECT sum(spans) AS n FROM red_minutes', {})).toEqual(requestsBefore);
	const history = await store.state.history({ project: 'default', kind: 'deletion', name: done.id! }, 10);
	expect(history.map(({ author }) => author)).toEqual(history.map(() => 'ann'));
	expect(history.at(-1)!.json).toContain('customer:customer-c');
	expect(deletions.get('default', done.id!)).toEqual(done);
});

const projectOf = (table: string): string =>
	['schema_migrations', 'derived_progress', 'shard_layouts', 'copied_data', 'evaluator_beats'].includes(table)
		? '1'
		: "project = 'default'";

test('another project keeps its traces, and a sample of an exception comes back from those that are left', async () => {
	const shared = spans.slice(0, 10).map(({ traceId }) => traceId);
	expect(await store.count('spans', "project = 'other'")).toBe(10);
	await deletions.request(asked({ traceIds: shared.slice(0, 1) }));
	expect(await store.count('spans', "project = 'other'")).toBe(10);
	await expect(async () => deletions.get('other', deletions.list('default').deletions[0]!.id!)).rejects.toMatchObject({
		status: 404,
	});
	const assign = new AssignVariants({ table: store.variantTable, derivedTo: () => 1, clock: Date.now });
	while (await assign.step());
	const left = await store.count('(SELECT DISTINCT variant FROM exceptions)', '1');
	expect(
		await store.count(
			'(SELECT DISTINCT variant FROM exception_variants WHERE variant IN (SELECT variant FROM exceptions))',
		),
	).toBe(left);
});

test('what is acknowledged and not stored yet is waited for, and a deletion that was cut off is finished', async () => {
	const ids = idsOf('customer-f');
	isDerived = false;
	const waiting = await deletions.request(asked({ traceIds: ids }));
	expect(waiting).toMatchObject({ state: 'waiting', found: null, doneMs: null });
	expect(await store.count('spans', inTraces(ids))).toBeGreaterThan(0);
	isDerived = true;
	await openDeletions().step();
	expect(deletions.get('default', waiting.id!)).toMatchObject({ state: 'done', found: { traces: ids.length } });
	expect(await store.count('spans', `project = 'default' AND ${inTraces(ids)}`)).toBe(0);
});

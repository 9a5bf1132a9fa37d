import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeRoutes } from '../../../collector/api/changes.ts';
import { compiledQuery, readQuery } from '../../../collector/api/compiled-query.ts';
import { mount } from '../../../collector/api/route.ts';
import { FLAG_HOURS, flagHours } from '../../../collector/store/derived/flag-hours.ts';
import { DERIVED_TABLES } from '../../../collector/store/derived/derived-tables.ts';
import { changesAnswer, changeSchema } from '../../../schema/api-changes.ts';
import type { AnyValue } from '../../../schema/api.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { flagQuery } from '../../../schema/flag-query.ts';
import { flagChangesOf } from './flag-oracle.ts';
import type { Evaluation } from './flag-oracle.ts';
import { shuffled } from './oracle.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nowMs = Date.UTC(2026, 10, 20, 12, 30, 17);
const random = randomNumbers(11);
let nextId = 1;
const idText = (bytes: number) => (nextId++).toString(16).padStart(bytes * 2, '0');
const text = (key: string, stringValue: string): [string, AnyValue] => [key, { stringValue }];

/** A span that was given a variant, in one of the forms in which libraries say so. */
function evaluated(
	{ service, environment, flag, variant, tMs }: Evaluation,
	form = Math.floor(random() * 5),
): PlainSpan {
	const event = (name: string, ...attributes: [string, AnyValue][]) => ({
		events: [
			{ timeUnixNano: 1n, name: 'exception', attributes: [text('exception.message', 'no')] },
			{ timeUnixNano: BigInt(tMs) * 1_000_000n, name, attributes: [text('feature_flag.key', flag), ...attributes] },
		],
	});
	const forms: Partial<PlainSpan>[] = [
		{ attributes: [text('feature_flag.key', flag), text('feature_flag.result.variant', variant)] },
		{ attributes: [text('feature_flag.key', flag), text('feature_flag.variant', variant)] },
		event('feature_flag.evaluation', text('feature_flag.result.variant', variant), ['feature_flag.result.value', { boolValue: true }]),
		event('feature_flag', text('feature_flag.variant', variant), text('feature_flag.provider_name', 'mine')),
		event('feature_flag.evaluation', text('feature_flag.result.value', variant)),
	]; // prettier-ignore
	return {
		traceId: idText(16),
		spanId: idText(8),
		startUnixNano: BigInt(tMs - 3) * 1_000_000n,
		endUnixNano: BigInt(tMs) * 1_000_000n,
		kind: 2,
		operation: 'GET /',
		resource: { namespace: 'shop', service, environment },
		...forms[form],
	};
}

const startMs = nowMs - 3 * 24 * hourMs;

/** A variant now and then between two times, that many minutes apart. */
function given(flag: string, variant: string, fromMs: number, toMs: number, everyMinutes: number): Evaluation[] {
	const found: Evaluation[] = [];
	for (let tMs = fromMs; tMs < toMs; tMs += Math.round(everyMinutes * minuteMs * (0.7 + 0.6 * random())))
		found.push({ service: 'till', environment: 'prod', flag, variant, tMs });
	return found;
}
const hoursAgo = (hours: number): number => nowMs - hours * hourMs;
const isNight = ({ tMs }: Evaluation): boolean => new Date(tMs).getUTCHours() < 7;

const scripted: Evaluation[] = [
	// Half of all requests each, all the time.
	...given('steady', 'a', startMs, nowMs, 10),
	...given('steady', 'b', startMs + 60 * minuteMs, nowMs, 10),
	// The same, with nobody awake at night.
	...[...given('nightly', 'a', startMs, nowMs, 10), ...given('nightly', 'b', startMs + 61 * minuteMs, nowMs, 10)].filter((one) => !isNight(one)),
	// Off for days, then on, and off again.
	...given('switched', 'off', startMs, hoursAgo(50), 8),
	...given('switched', 'on', hoursAgo(50) + 30_000, hoursAgo(5), 8),
	...given('switched', 'off', hoursAgo(5) + 90_000, nowMs, 8),
	// Processes learn of it one after the other.
	...given('polled', 'off', hoursAgo(24), hoursAgo(20) + 3 * minuteMs, 0.9),
	...given('polled', 'on', hoursAgo(20), nowMs, 6),
	// From a tenth of the requests to all.
	...given('rolled', 'old', startMs, hoursAgo(10), 5),
	...given('rolled', 'new', hoursAgo(30), nowMs, 5),
	// A trial that was ended.
	...given('killed', 'safe', startMs, nowMs, 5),
	...given('killed', 'trial', startMs + 70 * minuteMs, hoursAgo(8), 12),
	// Seen once in a few hours, of many: no trial is ended when it is not seen for some.
	...given('rare', 'usual', startMs, nowMs, 4),
	...given('rare', 'seldom', startMs + 80 * minuteMs, nowMs, 130),
	// Without it for less than an hour, and for longer.
	...given('paused', 'a', startMs, nowMs, 8),
	...given('paused', 'b', startMs + 65 * minuteMs, hoursAgo(40), 8),
	...given('paused', 'b', hoursAgo(40) + 50 * minuteMs, hoursAgo(15), 8),
	...given('paused', 'b', hoursAgo(15) + 130 * minuteMs, nowMs, 8),
	// Asked for again after days, and given another.
	...given('returned', 'old', startMs, startMs + 2 * hourMs, 10),
	...given('returned', 'new', hoursAgo(10), nowMs, 20),
	// One variant, seldom asked for.
	...given('single', 'on', startMs, nowMs, 200),
	...given('fresh', 'on', hoursAgo(2), nowMs, 20),
]; // prettier-ignore

const somewhere = (): [fromMs: number, toMs: number] => {
	const shares = [random(), random()];
	const at = (share: number) => Math.round(startMs + share * (nowMs - startMs));
	return [at(Math.min(...shares)), at(Math.max(...shares))];
};

/** Whatever comes of it: in two services and two environments. */
const rolled = (): Evaluation[] =>
	Array.from({ length: 6 }, (_, number) =>
		Array.from({ length: 3 }, (_ignored, variant) => {
			const [fromMs, toMs] = somewhere();
			return given(`random ${number}`, `v${variant}`, fromMs, toMs, 4 + 20 * random());
		}).flat(),
	)
		.flat()
		.map((one, index) => ({
			...one,
			service: index % 2 === 0 ? 'till' : 'desk',
			environment: index % 3 === 0 ? 'staging' : 'prod',
		}));

const evaluations = [...scripted, ...rolled()];
let store: ThrowAwayStore;
let app: Hono;
beforeAll(async () => {
	const unread = ['attribute_values', 'exceptions', 'query_minutes'];
	const tables = DERIVED_TABLES.filter(({ name }) => !unread.includes(name));
	store = await throwAwayStore({ derive: { intervalMs: 1e9, tables } });
	await write(
		store,
		evaluations.map((one) => evaluated(one)),
	);
	app = appOf(store);
}); // prettier-ignore
afterAll(() => store[Symbol.asyncDispose]());

/** In any order. */
async function write(
	{ writer, deriver }: ThrowAwayStore,
	spans: readonly PlainSpan[],
	project?: string,
): Promise<void> {
	await writer.append(spanBlock(shuffled(spans, random), project));
	expect(await deriver.settle(30_000)).toBe(true);
}

function appOf({ changes, red }: ThrowAwayStore): Hono {
	const made = new Hono();
	mount(made, changeRoutes(changes, red, () => nowMs), () => {});
	return made;
} // prettier-ignore

async function asked(query: string, of: Hono = app) {
	const response = await of.request(`/changes?${query}`);
	if (!response.ok) throw new Error(await response.text());
	return changesAnswer.parse(await response.json());
}
const shown = async (query: string) =>
	(await asked(`kind=flag&${query}`)).changes.map(({ service, environment, tMs, revision, previous, flag }) => ({
		service: service.replace('shop/', ''),
		environment,
		flag: flag!.key,
		tMs,
		effect: flag!.effect,
		variant: revision === '' ? undefined : revision,
		previous: previous ?? undefined,
		beside: flag!.beside,
	}));
const inOrder = (changes: readonly { tMs: number }[]) => changes.map((one) => JSON.stringify(one)).sort();

test('what happened to each flag is told, and nothing else', async () => {
	const all = await shown(`from=${startMs}&to=${nowMs}&env=prod`);
	const of = (flag: string) =>
		all
			.filter((one) => one.flag === flag)
			.map(({ tMs, effect, variant, previous }) => [
				effect,
				variant ?? previous,
				...(effect === 'switch' ? [previous] : []),
				Math.round((nowMs - tMs) / hourMs),
			]);
	const first = Math.round((nowMs - startMs) / hourMs);
	expect(of('steady')).toEqual([['beside', 'b', first - 1], ['first', 'a', first]]);
	expect(of('nightly')).toEqual([['beside', 'b', first - 1], ['first', 'a', first]]);
	expect(of('switched')).toEqual([['switch', 'off', 'on', 5], ['switch', 'on', 'off', 50], ['first', 'off', first]]);
	expect(of('polled')).toEqual([['switch', 'on', 'off', 20], ['first', 'off', 24]]);
	expect(of('rolled')).toEqual([['gone', 'old', 10], ['beside', 'new', 30], ['first', 'old', first]]);
	expect(of('killed')).toEqual([['gone', 'trial', 8], ['beside', 'trial', first - 1], ['first', 'safe', first]]);
	expect(of('rare')).toEqual([['beside', 'seldom', first - 1], ['first', 'usual', first]]);
	expect(of('paused')).toEqual([['beside', 'b', 13], ['gone', 'b', 15], ['beside', 'b', first - 1], ['first', 'a', first]]);
	expect(of('returned')).toEqual([['switch', 'new', 'old', 10], ['first', 'old', first]]);
	expect(of('single')).toEqual([['first', 'on', first]]);
	expect(of('fresh')).toEqual([['first', 'on', 2]]);
}); // prettier-ignore

test('any window tells what a count of the spans by hand tells of it', async () => {
	const all = flagChangesOf(evaluations);
	const windows = [[startMs, nowMs], [hoursAgo(11), nowMs], ...Array.from({ length: 12 }, somewhere)]; // prettier-ignore
	let told = 0;
	for (const [fromMs, toMs] of windows) {
		const found = await shown(`from=${fromMs}&to=${toMs}`);
		const expected = all.filter(({ tMs }) => tMs >= fromMs! && tMs < toMs!);
		expect(inOrder(found)).toEqual(inOrder(expected));
		told += found.length;
	}
	expect(told).toBeGreaterThan(100);
	const ofOne = all.filter(({ service, environment }) => service === 'desk' && environment === 'staging');
	expect(inOrder(await shown(`from=${startMs}&to=${nowMs}&service=desk&env=staging`))).toEqual(inOrder(ofOne));
	expect(ofOne.length).toBeGreaterThan(5);
}); // prettier-ignore

test('a variant leads to its spans, whatever they say it by', async () => {
	const [fromMs, toMs] = [hoursAgo(6), hoursAgo(4)];
	const own = (one: Evaluation) =>
		one.service === 'till' && one.environment === 'prod' && one.tMs >= fromMs && one.tMs < toMs;
	for (const variant of ['on', 'off']) {
		const query = compiledQuery(readQuery(flagQuery('shop/till', 'switched', variant)));
		const scope = { project: 'default', window: { fromMs, toMs }, environment: 'prod' };
		const { spans } = await store.search.count(scope, query);
		expect(spans).toBe(
			evaluations.filter((one) => own(one) && one.flag === 'switched' && one.variant === variant).length,
		);
		expect(spans).toBeGreaterThan(5);
	}
});

test('kinds without flags have none, and the title says what happened', async () => {
	const window = `from=${hoursAgo(6)}&to=${nowMs}`;
	expect((await asked(`${window}&kind=deploy`)).changes).toEqual([]);
	const [change] = (await asked(`${window}&service=till&env=prod`)).changes.filter(
		({ flag }) => flag?.key === 'switched',
	);
	expect(change).toMatchObject({ kind: 'flag', source: 'seen', title: 'switched: on → off', revision: 'off', previous: 'on', service: 'shop/till' }); // prettier-ignore
});

test('a switch that is told too is one with it', async () => {
	const tell = async (body: unknown) => {
		const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
		return changeSchema.parse(await (await app.request('/changes', init)).json());
	};
	const tMs = hoursAgo(5) - 2 * minuteMs;
	const told = await tell({ kind: 'flag', service: 'shop/till', revision: 'switched:off', author: 'ada', tMs });
	const other = await tell({ kind: 'flag', service: 'shop/desk', revision: 'switched:off', author: 'bo', tMs });
	const found = (await asked(`from=${hoursAgo(6)}&to=${nowMs}&kind=flag`)).changes;
	const one = found.filter(({ changeId }) => changeId === told.changeId);
	expect(one).toMatchObject([{ source: 'seen', author: 'ada', title: 'switched: on → off', revision: 'off' }]);
	expect(found.filter(({ source }) => source === 'told')).toEqual([other]);
});

test('the same request twice, and spans that come late, change nothing but what they say', async () => {
	await using other = await throwAwayStore({ derive: { intervalMs: 1e9, tables: [FLAG_HOURS] } });
	const own = appOf(other);
	const off = [...given('till', 'off', hoursAgo(11), hoursAgo(7), 8), ...given('till', 'off', hoursAgo(4), nowMs, 8)];
	const on = given('till', 'on', hoursAgo(7) + 1, hoursAgo(4), 8);
	const told = async () => {
		const { changes } = await asked(`from=${startMs}&to=${nowMs}&kind=flag`, own);
		return changes.map(({ title, tMs }) => [title, tMs]);
	};
	const early = off.map((one) => evaluated(one));
	await write(other, early);
	expect(await told()).toEqual([['till: first seen, off', off[0]!.tMs]]);
	await write(other, early);
	expect(await told()).toEqual([['till: first seen, off', off[0]!.tMs]]);
	const late = on.map((one) => evaluated(one));
	await write(other, [...late, ...late]);
	const all = [
		['till: on → off', off.find(({ tMs }) => tMs > on[0]!.tMs)!.tMs],
		['till: off → on', on[0]!.tMs],
		['till: first seen, off', off[0]!.tMs],
	];
	expect(await told()).toEqual(all);
	// Another project has its own.
	await write(other, [evaluated({ ...on[0]!, flag: 'theirs' })], 'theirs');
	expect(await told()).toEqual(all);
	const theirs = await asked(`from=${startMs}&to=${nowMs}&kind=flag&project=theirs`, own);
	expect(theirs.changes.map(({ title }) => title)).toEqual(['theirs: first seen, on']);
});

test('flags and variants beyond what a day has room for are not told, and that is said', async () => {
	const tables = [flagHours({ flags: 3, variants: 2 })];
	await using other = await throwAwayStore({ derive: { intervalMs: 1e9, tables } });
	const own = appOf(other);
	const one = (flag: string, variant: string, times: number): PlainSpan[] =>
		Array.from({ length: times }, (_, n) => evaluated({ service: 'till', environment: 'prod', flag, variant, tMs: hoursAgo(1) + n }, 0)); // prettier-ignore
	const told = async () => {
		const { changes, partial } = await asked(`from=${hoursAgo(2)}&to=${nowMs}&kind=flag`, own);
		return [changes.map(({ flag, revision }) => `${flag!.key} ${revision}`).sort(), partial];
	};
	await write(other, [...one('a', 'on', 2), ...one('b', '1', 3), ...one('b', '2', 3)]);
	expect(await told()).toEqual([['a on', 'b 1', 'b 2'], undefined]);
	// What is there stays, however rare; one more has room.
	await write(other, [...one('c', 'on', 9), ...one('d', 'on', 8), ...one('a', 'off', 1)]);
	const [names, partial] = await told();
	expect(names).toEqual(['a off', 'a on', 'b 1', 'b 2', 'c on']);
	expect(partial).toMatchObject({ seen: 3, of: 4, what: 'feature flags' });
	await write(other, one('b', '3', 50));
	expect(await told()).toMatchObject([['a off', 'a on', 'c on'], { seen: 2, of: 4 }]);
});

test('nothing is asked of inserts without flags', async () => {
	const failing = { ...FLAG_HOURS, store: () => 'SELECT throwIf(1)' };
	await using other = await throwAwayStore({ derive: { intervalMs: 1e9, tables: [failing] } });
	const span = evaluated(scripted[0]!, 0);
	await other.writer.append(spanBlock([{ ...span, attributes: [] }]));
	expect(await other.deriver.settle(10_000)).toBe(true);
	await other.writer.append(spanBlock([span]));
	expect(await other.deriver.settle(600)).toBe(false);
});

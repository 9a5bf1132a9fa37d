import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFacets } from '../../../collector/analysis/facet-plan.ts';
import { createDifferenceReader } from '../../../collector/store/search/difference-reader.ts';
import { createFacetReader } from '../../../collector/store/search/facet-reader.ts';
import { ReadBudget } from '../../../collector/store/read-budget.ts';
import { readKeyList } from '../../../schema/query-edit.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { compiled, openIssueStore } from '../issues/issue-store.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 15);
const window = { fromMs: endMs - 9 * hourMs, toMs: endMs };
const every = 4;

const random = randomNumbers(7);
const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

/** Over ten hours, so that some lie outside of the window: of each trace three spans, one of which failed. */
function tracesOf(service: string, count: number, newId: (ms: number) => string): PlainSpan[] {
	return Array.from({ length: count }).flatMap(() => {
		const ms = endMs - Math.floor(random() * 10 * hourMs);
		const traceId = newId(ms);
		return ['GET /a', 'GET /b', 'GET /c'].map((operation, at) => ({
			traceId,
			spanId: hex(16),
			startUnixNano: BigInt(ms - 10) * 1_000_000n,
			endUnixNano: BigInt(ms) * 1_000_000n,
			timeUnixMs: ms,
			operation,
			error: at === 1,
			resource: { service },
		}));
	});
}

const randomIds = [
	...tracesOf('cart', 600, () => hex(32)),
	...tracesOf('pay', 300, () => hex(32)),
	...tracesOf('rare', 3, () => hex(32)),
];
/** Each of these would be in the sample whole, or not at all. */
const otherIds = {
	'zeros in front': tracesOf('old', 400, () => hex(16).padStart(32, '0')),
	'a time in front': tracesOf('timed', 400, (ms) => Math.floor(ms / 1_000).toString(16) + hex(24)),
};

/** As a whole the service has its share; what failed would be in the sample whole. */
const failedIds = [
	...tracesOf('cart', 600, () => hex(32)).map((span) => ({ ...span, error: false })),
	...tracesOf('cart', 200, () => hex(16).padStart(32, '0')).map((span) => ({ ...span, error: true })),
];

let store: Awaited<ReturnType<typeof openIssueStore>>;
beforeAll(async () => {
	store = await openIssueStore();
	await store.write('random', randomIds);
	await store.write('failed', failedIds);
	for (const [name, spans] of Object.entries(otherIds)) await store.write(name, [...randomIds, ...spans]);
});
afterAll(() => store.close());

const inWindow = (spans: readonly PlainSpan[]) =>
	spans.filter(({ timeUnixMs = 0 }) => timeUnixMs >= window.fromMs && timeUnixMs < window.toMs);
const begin = (spans: readonly PlainSpan[]) =>
	spans.filter(({ traceId }) => parseInt(traceId.slice(0, 8), 16) < Math.floor(2 ** 32 / every));
/** So many that one in `every` is read. */
const mostOf = (spans: readonly PlainSpan[]) => Math.ceil(spans.length / every);
const countOf = (spans: readonly PlainSpan[], service: string) =>
	spans.filter(({ resource }) => resource?.service === service).length;

async function servicesIn(project: string, most: number) {
	const budget = new ReadBudget(store.clickhouse, {});
	const parsed = parseQuery('');
	const plan = parsed.kind === 'query' ? planFacets(parsed.query, readKeyList('service') ?? []) : parsed;
	if (plan.kind !== 'plan') throw new Error(plan.kind);
	const { facets, partial } = await createFacetReader(store.clickhouse, budget, most).facets(
		{ project, window },
		plan.groups,
		10,
		'',
	);
	return { services: new Map(facets[0]?.values.map(({ value, spans }) => [value, spans])), partial };
}

const failedIn = (project: string, most: number) =>
	createDifferenceReader(store.clickhouse, most).compare({ project, window }, compiled(''), {
		query: compiled('error:true', 's'),
	});

test('where trace ids are random, one trace in so many is counted, and said so', async () => {
	const all = inWindow(randomIds);
	const sample = begin(all);
	const { services, partial } = await servicesIn('random', mostOf(all));
	expect(partial).toEqual({
		reason: `Counted from one trace in ${every}, and multiplied.`,
		seen: sample.length,
		of: all.length,
	});
	for (const service of ['cart', 'pay', 'rare'])
		expect(services.get(service) ?? 0).toBe(every * countOf(sample, service));
	const difference = await failedIn('random', mostOf(all));
	expect([difference.selected, difference.rest, difference.matching]).toEqual([
		sample.length / 3,
		(sample.length * 2) / 3,
		all.length,
	]);
	expect(difference.keys.find(({ key }) => key === 'service')?.values).toContainEqual({
		value: 'cart',
		selected: countOf(sample, 'cart') / 3,
		rest: (countOf(sample, 'cart') * 2) / 3,
	});
});

test.each(Object.entries(otherIds))(
	'where those of one service have %s, it has its share all the same',
	async (name, spans) => {
		const all = inWindow([...randomIds, ...spans]);
		const service = spans[0]?.resource?.service ?? '';
		const share = countOf(all, service);
		const { services, partial } = await servicesIn(name, mostOf(all));
		expect(partial?.reason).toBe(`Counted from one span in ${every}, and multiplied.`);
		expect(Math.abs((services.get(service) ?? 0) / share - 1)).toBeLessThan(0.2);
		const difference = await failedIn(name, mostOf(all));
		expect(difference.matching).toBe(all.length);
		const counted = difference.keys.find(({ key }) => key === 'service')?.values.find(({ value }) => value === service);
		expect(Math.abs(((counted?.selected ?? 0) * every * 3) / share - 1)).toBeLessThan(0.2);
		expect(Math.abs(((counted?.rest ?? 0) * every * 1.5) / share - 1)).toBeLessThan(0.2);
	},
);

test('what is selected has its share, too', async () => {
	const all = inWindow(failedIds);
	const failed = all.filter(({ error }) => error).length;
	const { partial } = await servicesIn('failed', mostOf(all));
	expect(partial?.reason).toBe(`Counted from one trace in ${every}, and multiplied.`);
	const { selected, rest } = await failedIn('failed', mostOf(all));
	expect(Math.abs((selected * every) / failed - 1)).toBeLessThan(0.2);
	expect(Math.abs((rest * every) / (all.length - failed) - 1)).toBeLessThan(0.2);
});

test('few spans are counted whole', async () => {
	const all = inWindow(randomIds);
	const { services, partial } = await servicesIn('random', all.length);
	expect(partial).toBeUndefined();
	expect(services.get('cart')).toBe(countOf(all, 'cart'));
	const { selected, rest } = await failedIn('random', all.length);
	expect([selected, rest]).toEqual([all.length / 3, (all.length * 2) / 3]);
});

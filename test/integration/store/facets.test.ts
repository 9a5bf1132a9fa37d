import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFacets } from '../../../collector/analysis/facet-plan.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { readKeyList } from '../../../schema/query-edit.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { serviceOf, within } from './oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 15);
const window = { fromMs: endMs - hourMs, toMs: endMs };
const scope: WindowScope = { project: 'default', window };
const spans = randomSpans({ seed: 51, count: 900, endMs, withinMs: 2 * hourMs });
const inWindow = spans.filter((span) => within(window, span));

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	await store.writer.append(spanBlock(spans));
});
afterAll(() => store[Symbol.asyncDispose]());

async function facets(q: string, keys: string, limit = 200, find = '') {
	const parsed = parseQuery(q);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	const plan = planFacets(parsed.query, readKeyList(keys) ?? []);
	if (plan.kind !== 'plan') throw new Error(plan.kind);
	return (await store.facets.facets(scope, plan.groups, limit, find)).facets;
}

/** Values of spans, most frequent first, then by their bytes. */
function counted(of: readonly PlainSpan[], value: (span: PlainSpan) => string | undefined) {
	const counts = new Map<string, number>();
	for (const span of of) {
		const text = value(span) ?? '';
		if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
	}
	const values = [...counts].map(([value, spans]) => ({ value, spans }));
	return values.sort((a, b) => b.spans - a.spans || Buffer.compare(Buffer.from(a.value), Buffer.from(b.value)));
}

const attribute = (span: PlainSpan, key: string): string | undefined => {
	const value = span.attributes?.find(([name]) => name === key)?.[1];
	return (
		value?.stringValue ?? value?.intValue ?? (value?.boolValue === undefined ? undefined : String(value.boolValue))
	);
};

test('each facet counts the spans that match, by field, by attribute, by resource', async () => {
	const found = await facets('error:true', 'service,env,text,whole,yes,http.response.status_code,resource.host.cpus');
	const failed = inWindow.filter((span) => span.error === true);
	const cpus = (span: PlainSpan) => span.resource?.attributes?.find(([key]) => key === 'host.cpus')?.[1].intValue;
	const status = (span: PlainSpan) => {
		const code = span.promoted?.['http.response.status_code'] ?? 0n;
		return code === 0n ? '' : String(code);
	};
	const expected: [string, (span: PlainSpan) => string | undefined][] = [
		['service', serviceOf],
		['env', (span) => span.resource?.environment],
		['text', (span) => attribute(span, 'text')],
		['whole', (span) => attribute(span, 'whole')],
		['yes', (span) => attribute(span, 'yes')],
		['http.response.status_code', status],
		['resource.host.cpus', cpus],
	];
	expect(found).toEqual(
		expected.map(([key, value]) => {
			const values = counted(failed, value);
			return { key, values, spans: values.reduce((sum, one) => sum + one.spans, 0), distinct: values.length };
		}),
	);
});

test('a facet leaves out the query’s own terms on its key, and only on its own', async () => {
	const [service, kind] = await facets('service:cart kind:server', 'service,kind');
	expect(service?.values).toEqual(
		counted(
			inWindow.filter((span) => span.kind === 2),
			serviceOf,
		),
	);
	const names = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
	const ofCart = inWindow.filter((span) => span.resource?.service === 'cart');
	expect(kind?.values).toEqual(counted(ofCart, (span) => names[span.kind ?? 0]));
});

test('where the query has other terms on the key, they hold', async () => {
	const [service] = await facets('-service:cart', 'service');
	expect(service?.values.some(({ value }) => value.endsWith('cart'))).toBe(false);
});

test('a text is sought in the values, whatever its case, and counts stay those of all values', async () => {
	const [service] = await facets('', 'service', 200, 'CART');
	expect(service?.values).toEqual(counted(inWindow, serviceOf).filter(({ value }) => value.includes('cart')));
	expect(service?.spans).toBe(inWindow.length);
	expect((await facets('', 'service', 200, '%'))[0]?.values).toEqual([]);
	expect((await facets('', 'service', 2))[0]?.values).toHaveLength(2);
});

test('attributes that no span or no resource has are empty beside others', async () => {
	const found = await facets(
		'service:cart',
		'resource.nobody.has.this,kind,nobody.has.this,resource.text,span.host.cpus',
	);
	expect(found.map(({ key, spans: of, distinct }) => [key, of > 0, distinct > 0])).toEqual([
		['resource.nobody.has.this', false, false],
		['kind', true, true],
		['nobody.has.this', false, false],
		['resource.text', false, false],
		['span.host.cpus', false, false],
	]);
	expect(await facets('', 'resource.nobody.has.this')).toMatchObject([{ spans: 0, distinct: 0, values: [] }]);
});

test.each(['trace.duration', 'event.name', 'traceId', 'duration'])('%s has no value to count by', (key) => {
	expect(planFacets({}, readKeyList(key) ?? [])).toEqual({ kind: 'uncountable', key });
});

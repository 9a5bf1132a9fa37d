import { printKey } from '../../schema/query-print.ts';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { differenceAnswer } from '../../schema/api-difference.ts';
import { silentLog } from '../log.ts';
import type { DifferenceReader } from '../store/search/difference-reader.ts';
import type { CompletionReader } from '../store/search/completion-reader.ts';
import type { FacetReader } from '../store/search/facet-reader.ts';
import { attributeRoutes } from './attributes.ts';
import { differenceRoutes } from './difference.ts';
import { problemResponse } from './problem-response.ts';
import { mount } from './route.ts';

const now = 1_700_000_000_000;
const asked: Parameters<DifferenceReader['compare']>[] = [];
const facetsAsked: Parameters<FacetReader['facets']>[] = [];
const value = (key: string, selected: number, rest: number) => ({
	key,
	scope: 'span' as const,
	spans: 1000,
	distinct: 2,
	values: [{ value: 'x', selected, rest }],
});
const difference: DifferenceReader = {
	compare: async (...call) => {
		asked.push(call);
		return {
			selected: 100,
			rest: 900,
			matching: 4000,
			keys: [value('a', 10, 0), value('b', 90, 0), value('error', 100, 0)],
		};
	},
};
const facets: FacetReader = {
	facets: async (...call) => (
		facetsAsked.push(call),
		{ facets: [{ key: 'service', spans: 3, distinct: 1, values: [] }] }
	),
};

const completionAsked: unknown[] = [];
const completion: CompletionReader = {
	keys: async ({ window }, ...call) => (completionAsked.push(call), { window, keys: [], others: 0 }),
	values: async ({ window }, key, ...call) => {
		completionAsked.push([key, ...call]);
		return key.kind === 'trace' ? undefined : { window, values: [], others: 0 };
	},
};

const app = new Hono();
app.onError((error, c) => problemResponse(c, error, silentLog));
mount(app, [...attributeRoutes(facets, completion, () => now), ...differenceRoutes(difference, () => now)], () => {});

const post = (body: unknown) =>
	app.request('/difference', {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});

test('a query, what is selected of it and a window reach the reader; the answer is ranked', async () => {
	const brush = { fromMs: now - 60_000, toMs: now, minNano: 1e9 };
	const answer = await post({
		query: 'service:cart',
		selection: { query: 'error:true', ...brush },
		from: now - 3_600_000,
		to: 'now',
	});
	const body = differenceAnswer.parse(await answer.json());
	const [scope, query, selection] = asked.at(-1)!;
	expect(scope.window).toEqual({ fromMs: now - 3_600_000, toMs: now });
	expect(query.where).toContain('{q0:String}');
	expect(selection).toMatchObject(brush);
	// Bound under other names: both stand in one statement.
	expect(Object.keys({ ...query.parameters, ...selection.query.parameters })).not.toHaveLength(0);
	expect(Object.keys(query.parameters).filter((name) => name in selection.query.parameters)).toEqual([]);
	expect(body.attributes.map(({ key }) => key)).toEqual(['b', 'a']);
	expect(body.leftOut).toEqual([{ key: 'error', reason: 'selection' }]);
	expect(body.partial).toMatchObject({ seen: 1000, of: 4000 });
});

test('against another window, the reader looks in both and selects in the one that was asked about alone', async () => {
	const hour = { fromMs: now - 3_600_000, toMs: now };
	const weekMs = 7 * 86_400_000;
	const against = { fromMs: hour.fromMs - weekMs, toMs: hour.toMs - weekMs };
	const brush = { fromMs: now - 60_000, toMs: now + 60_000 };
	const answer = await post({ query: '', selection: brush, from: hour.fromMs, to: hour.toMs, against });
	expect(differenceAnswer.parse(await answer.json()).window).toEqual(hour);
	const [scope, , selection] = asked.at(-1)!;
	expect(scope.window).toEqual({ fromMs: against.fromMs, toMs: now });
	expect(selection).toMatchObject({ fromMs: now - 60_000, toMs: now, against });
});

test.each([
	[{ selection: {}, from: 1_000, to: 2_000, against: { fromMs: 1_999, toMs: 3_000 } }, 'BAD_WINDOW'],
	[{ selection: {}, from: 1_000, to: 2_000, against: { fromMs: 900, toMs: 900 } }, 'BAD_WINDOW'],
	[{ selection: {}, against: { fromMs: 0, toMs: 1_000 } }, 'BAD_WINDOW'],
	[{ selection: {}, against: { fromMs: -2_000, toMs: -1_000 } }, 'BAD_TIME'],
	[{ selection: {}, against: { fromMs: 1_000 } }, 'BAD_BODY'],
	[{ query: 'duration>500', selection: {} }, 'BAD_QUERY'],
	[{ query: '', selection: { query: '(' } }, 'BAD_QUERY'],
	[{ query: '' }, 'BAD_BODY'],
	[{ query: '', selection: { minNano: -1 } }, 'BAD_BODY'],
	[{ query: '', selection: {}, from: 'yesterday' }, 'BAD_TIME'],
])('%o is refused with %s', async (body, code) => {
	const answer = await post(body);
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ code });
});

test('facets are asked by keys of the search language, parted by commas', async () => {
	const keys = encodeURIComponent('service,"odd, key",resource.host.name');
	const answer = await app.request(`/attributes/facets?q=kind:server&keys=${keys}&limit=5&find=ab`);
	expect(await answer.json()).toMatchObject({ facets: [{ key: 'service' }], window: { toMs: now } });
	const [, groups, limit, find] = facetsAsked.at(-1)!;
	const asked = groups.flatMap(({ columns }) => columns.keys.map(printKey));
	expect(asked).toEqual(['service', '"odd, key"', 'resource.host.name']);
	expect([limit, find]).toEqual([5, 'ab']);
});

test.each([
	['keys=', 'BAD_KEYS'],
	['keys=a%20b', 'BAD_KEYS'],
	['keys=trace.spans', 'BAD_KEYS'],
	[`keys=${Array.from({ length: 25 }, (_, i) => `k${i}`).join(',')}`, 'BAD_KEYS'],
	['keys=a&limit=0', 'BAD_PARAMETER'],
	['keys=a&q=(', 'BAD_QUERY'],
])('facets?%s is refused with %s', async (parameters, code) => {
	const answer = await app.request(`/attributes/facets?${parameters}`);
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ code });
});

test('keys and values are asked by prefix; a key in the path may have anything in it', async () => {
	await app.request('/attributes/keys?prefix=http.&limit=7');
	expect(completionAsked.at(-1)).toEqual(['http.', 7]);
	await app.request(`/attributes/${encodeURIComponent('"a/b c"')}/values?prefix=x`);
	expect(completionAsked.at(-1)).toEqual([{ kind: 'attribute', scope: 'any', key: 'a/b c' }, 'x', 50]);
});

test.each(['/attributes/keys', '/attributes/service/values'])(
	'%s refuses an environment, as it would change nothing',
	async (path) => {
		const answer = await app.request(`${path}?env=production`);
		expect(answer.status).toBe(400);
		expect(await answer.json()).toMatchObject({ code: 'BAD_PARAMETER', detail: expect.stringContaining('env') });
		expect((await app.request(path)).status).toBe(200);
	},
);

test.each(['trace.spans', 'a b', 'a:b'])('%s has no values to choose from', async (key) => {
	const answer = await app.request(`/attributes/${encodeURIComponent(key)}/values`);
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ code: 'BAD_KEY' });
});

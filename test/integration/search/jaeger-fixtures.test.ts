/**
 * Jaeger's own searches over its own traces: each finds exactly the traces that Jaeger expects.
 * Jaeger's tags name no place, so each becomes the span's (or resource's), an event's, a link's or a scope's attribute.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OtlpTracesData } from '../../../schema/otlp-json.ts';
import { withTerm } from '../../../schema/query-edit.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openSearchStore } from './search-store.ts';
import type { SearchStore } from './search-store.ts';

interface JaegerSearch {
	Caption: string;
	Query: {
		ServiceName: string;
		OperationName: string;
		Tags: Record<string, string | number | boolean> | null;
		StartTimeMin: string;
		StartTimeMax: string;
		/** Nanoseconds, 0 for none. */
		DurationMin: number;
		DurationMax: number;
	};
	ExpectedFixtures: string[];
}

const folder = new URL('../../fixtures/jaeger-search/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('queries'));

function spansOf(data: OtlpTracesData): PlainSpan[] {
	return data.resourceSpans.flatMap(({ resource, scopeSpans }) => {
		const attributes = resource.attributes.map(({ key, value }) => [key, value] as const);
		const service = attributes.find(([key]) => key === 'service.name')?.[1].stringValue;
		return scopeSpans.flatMap(({ scope, spans }) =>
			spans.map((span): PlainSpan => ({
				traceId: span.traceId,
				spanId: span.spanId,
				...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
				startUnixNano: BigInt(span.startTimeUnixNano),
				endUnixNano: BigInt(span.endTimeUnixNano),
				name: span.name,
				resource: { ...(service === undefined ? {} : { service }), attributes },
				scope: {
					name: scope.name ?? '',
					version: scope.version ?? '',
					attributes: pairs(scope.attributes),
				},
				attributes: pairs(span.attributes),
				events: (span.events ?? []).map((event) => ({
					timeUnixNano: BigInt(event.timeUnixNano),
					name: event.name ?? '',
					attributes: pairs(event.attributes),
				})),
				links: (span.links ?? []).map((link) => ({
					traceId: link.traceId ?? '',
					spanId: link.spanId ?? '',
					attributes: pairs(link.attributes),
				})),
			})),
		);
	});
}

const pairs = (attributes: { key: string; value: object }[] = []) =>
	attributes.map(({ key, value }) => [key, value] as const);

/** The regular expressions are Elasticsearch's: the whole value, `\*` for a star. */
function toQuery({ Query: query }: JaegerSearch, regex: boolean): string {
	let q = withTerm('', 'service', ':', query.ServiceName);
	if (query.OperationName !== '') q = withTerm(q, 'name', ':', query.OperationName);
	if (query.DurationMin > 0) q = withTerm(q, 'duration', '>=', `${query.DurationMin}ns`);
	if (query.DurationMax > 0) q = withTerm(q, 'duration', '<=', `${query.DurationMax}ns`);
	for (const [key, value] of Object.entries(query.Tags ?? {})) {
		const test = regex ? `~"^(?:${String(value).replaceAll('\\', '\\\\')})$"` : `:${value}`;
		q += ` (${['', 'event.', 'link.', 'scope.'].map((scope) => `${scope}${key}${test}`).join(' OR ')})`;
	}
	return q;
}

let store: SearchStore;
beforeAll(async () => {
	store = await openSearchStore();
	for (const fixture of fixtures) await store.insert(spansOf(read(fixture) as OtlpTracesData));
});
afterAll(() => store.close());

const searches = [
	...(read('queries.json') as JaegerSearch[]).map((search) => ({ search, regex: false })),
	...(read('queries_es.json') as JaegerSearch[]).map((search) => ({ search, regex: true })),
];

test.each(searches.map(({ search, regex }) => [search.Caption, search, regex] as const))(
	'%s',
	async (_, search, regex) => {
		const { StartTimeMin, StartTimeMax } = search.Query;
		const window = { fromMs: Date.parse(StartTimeMin), toMs: Date.parse(StartTimeMax) };
		const expected = search.ExpectedFixtures.flatMap((name) =>
			spansOf(read(`${name}.json`) as OtlpTracesData).map(({ traceId }) => traceId),
		);
		expect(await store.findTraces(toQuery(search, regex), window)).toEqual([...new Set(expected)].sort());
	},
);

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyValue } from '../../../schema/api.ts';
import type { OtlpTracesData } from '../../../schema/otlp-json.ts';
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from '../../../schema/span.ts';
import type { SpanId, TraceId } from '../../../schema/span.ts';
import { SPAN_MARKS } from '../../../schema/span-block.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainAttributes, PlainSpan } from '../../support/span-block.ts';
import { durationOf, serviceOf, shuffled, timeMs, tracesOf } from './oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 9, 0, 0, 250);
const spans = randomSpans({ seed: 31, count: 900, endMs, withinMs: 8 * hourMs, traceSpans: 60 });
const traces = tracesOf(spans);
const scope = { project: 'default' };

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	const mixed = shuffled(spans, randomNumbers(3));
	for (let from = 0; from < mixed.length; from += 200)
		await store.writer.append(spanBlock(mixed.slice(from, from + 200)));
	await store.writer.append(spanBlock(mixed.slice(0, 300)));
});
afterAll(() => store[Symbol.asyncDispose]());

const byKey = (attributes: readonly KeyValue[]): KeyValue[] => attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1));
const keyValues = (attributes: PlainAttributes = []): KeyValue[] =>
	byKey(attributes.map(([key, value]) => ({ key, value })));

/** All attributes as they were sent: those in the maps and the promoted ones that are in no map. */
const sentAttributes = ({ attributes = [], promoted = {} }: PlainSpan): KeyValue[] =>
	byKey([
		...keyValues(attributes),
		...Object.entries(promoted).map(([key, value]) => ({
			key,
			value: typeof value === 'bigint' ? { intValue: String(value) } : { stringValue: value },
		})),
	]);

const unlessDefault = (name: string, value: unknown): object => (value === 0 || value === '' ? {} : { [name]: value });

/** A span as OTLP/JSON, straight from what was sent. */
const sentSpan = (span: PlainSpan): object => ({
	traceId: span.traceId,
	spanId: span.spanId,
	...unlessDefault('parentSpanId', span.parentSpanId ?? ''),
	...unlessDefault('traceState', span.traceState),
	...unlessDefault('flags', span.flags),
	name: span.name,
	kind: span.kind,
	startTimeUnixNano: String(span.startUnixNano),
	endTimeUnixNano: String(span.endUnixNano),
	attributes: sentAttributes(span),
	...unlessDefault('droppedAttributesCount', span.droppedAttributes),
	...(span.events!.length === 0
		? {}
		: {
				events: span.events!.map((event) => ({
					timeUnixNano: String(event.timeUnixNano),
					name: event.name,
					attributes: keyValues(event.attributes),
					...unlessDefault('droppedAttributesCount', event.droppedAttributes),
				})),
			}),
	...unlessDefault('droppedEventsCount', span.droppedEvents),
	...(span.links!.length === 0
		? {}
		: {
				links: span.links!.map((link) => ({
					traceId: link.traceId,
					spanId: link.spanId,
					...unlessDefault('traceState', link.traceState),
					...unlessDefault('flags', link.flags),
					attributes: keyValues(link.attributes),
					...unlessDefault('droppedAttributesCount', link.droppedAttributes),
				})),
			}),
	...unlessDefault('droppedLinksCount', span.droppedLinks),
	status: { ...unlessDefault('code', span.statusCode), ...unlessDefault('message', span.statusMessage) },
});

interface Flat {
	resource: object;
	scope: object;
	span: { spanId: string };
}

/** Each span with its resource and scope; attributes sorted, since their order isn't kept. */
function flatten(data: OtlpTracesData): Flat[] {
	const sorted = <Holder extends { attributes?: KeyValue[] }>(holder: Holder): Holder =>
		holder.attributes === undefined ? holder : { ...holder, attributes: byKey(holder.attributes) };
	return data.resourceSpans.flatMap(({ resource, scopeSpans, schemaUrl }) =>
		scopeSpans.flatMap(({ scope: instrumentation, spans: members }) =>
			members.map((span) => ({
				resource: { ...sorted(resource), schemaUrl },
				scope: sorted(instrumentation),
				span: {
					...sorted(span),
					...(span.events === undefined ? {} : { events: span.events.map(sorted) }),
					...(span.links === undefined ? {} : { links: span.links.map(sorted) }),
				},
			})),
		),
	);
}

const bySpanId = (flat: Flat[]): Flat[] => flat.toSorted((a, b) => (a.span.spanId < b.span.spanId ? -1 : 1));

test('a trace goes out as OTLP exactly as it came in, once, whatever was sent twice', async () => {
	for (const [index, trace] of traces.entries()) {
		const atMs = index % 2 === 0 ? timeMs(trace.spans[0]!) : undefined;
		const data = await store.traces.otlp(scope, trace.traceId as TraceId, atMs);
		const expected = trace.spans.map((span) => ({
			resource: { attributes: keyValues(span.resource!.attributes), schemaUrl: span.resource!.schemaUrl },
			scope: {
				name: span.scope!.name,
				version: '1',
				...(span.scope!.attributes === undefined ? {} : { attributes: keyValues(span.scope!.attributes) }),
			},
			span: sentSpan(span) as { spanId: string },
		}));
		expect(bySpanId(flatten(data!))).toEqual(bySpanId(expected));
	}
});

test('each resource stands once in the OTLP of a trace, and each scope once under it', async () => {
	const largest = traces.toSorted((a, b) => b.spans.length - a.spans.length)[0]!;
	const data = await store.traces.otlp(scope, largest.traceId as TraceId, undefined);
	const resources = new Set(largest.spans.map((span) => JSON.stringify(span.resource)));
	expect(data!.resourceSpans).toHaveLength(resources.size);
	for (const { scopeSpans } of data!.resourceSpans) {
		expect(new Set(scopeSpans.map((group) => JSON.stringify(group.scope))).size).toBe(scopeSpans.length);
	}
});

test('the waterfall of a trace has every span once, with what it draws', async () => {
	for (const trace of traces.slice(0, 20)) {
		const found = await store.traces.spans(scope, trace.traceId as TraceId, timeMs(trace.spans[0]!), 1_000);
		const { spans: columns, total } = found!;
		expect(total).toBe(trace.spans.length);
		expect(columns.count).toBe(trace.spans.length);
		for (const span of trace.spans) {
			const row = columns.spanId.indexOf(BigInt(`0x${span.spanId}`));
			expect({
				parent: columns.parentSpanId[row],
				start: columns.startUnixNano[row],
				duration: columns.durationNano[row],
				kind: columns.kind[row],
				type: columns.type[row],
				status: columns.statusCode[row],
				error: columns.error[row],
				marks: columns.marks[row],
				events: columns.events[row],
				links: columns.links[row],
				service: columns.services[columns.service[row]!],
				name: columns.names[columns.name[row]!],
				operation: columns.names[columns.operation[row]!],
				httpStatus: columns.httpStatus[row],
			}).toEqual({
				parent: BigInt(`0x${span.parentSpanId ?? '0'}`),
				start: span.startUnixNano,
				duration: durationOf(span),
				kind: span.kind,
				type: span.type,
				status: span.statusCode,
				error: Number(span.error),
				marks: span.marks,
				events: span.events!.length,
				links: span.links!.length,
				service: serviceOf(span),
				name: span.name,
				operation: span.operation ?? span.name,
				httpStatus: Math.min(Number(span.promoted?.['http.response.status_code'] ?? 0), 65_535),
			});
		}
	}
});

test('a trace with more spans than asked for says how many there are', async () => {
	const largest = traces.toSorted((a, b) => b.spans.length - a.spans.length)[0]!;
	const found = await store.traces.spans(scope, largest.traceId as TraceId, undefined, 5);
	expect(found?.spans.count).toBe(5);
	expect(found?.total).toBe(largest.spans.length);
	const earliest = largest.spans.map((span) => span.startUnixNano).toSorted((a, b) => (a < b ? -1 : 1));
	expect([...found!.spans.startUnixNano]).toEqual(earliest.slice(0, 5));
});

test('the spans of a trace are counted once each, those that ended in the window alone', async () => {
	const largest = traces.toSorted((a, b) => b.spans.length - a.spans.length)[0]!;
	const traceId = largest.traceId as TraceId;
	const ends = largest.spans.map(timeMs).toSorted((a, b) => a - b);
	const window = { fromMs: ends[0]!, toMs: ends.at(-1)! + 1 };
	expect(await store.traceCounts.spans({ ...scope, window }, traceId)).toBe(largest.spans.length);
	const middle = ends[ends.length >> 1]!;
	const early = { ...window, toMs: middle };
	const expected = ends.filter((end) => end < middle).length;
	expect(await store.traceCounts.spans({ ...scope, window: early }, traceId)).toBe(expected);
	expect(await store.traceCounts.spans({ project: 'other', window }, traceId)).toBe(0);
});

test('a wrong time hides nothing, and another project or id finds nothing', async () => {
	const [trace] = traces;
	const traceId = trace!.traceId as TraceId;
	const far = await store.traces.spans(scope, traceId, timeMs(trace!.spans[0]!) + 30 * 24 * hourMs, 1_000);
	expect(far?.total).toBe(trace!.spans.length);
	expect(await store.traces.spans({ project: 'other' }, traceId, undefined, 10)).toBeUndefined();
	expect(await store.traces.otlp(scope, 'e'.repeat(32) as TraceId, endMs)).toBeUndefined();
	expect(await store.traces.span(scope, traceId, 'e'.repeat(16) as SpanId, undefined)).toBeUndefined();
});

test('a trace of three hours is whole, although only its end is known', async () => {
	const traceId = 'c0ffee'.padEnd(32, '1') as TraceId;
	const nano = (hours: number) => BigInt(endMs - Math.round(hours * hourMs)) * 1_000_000n;
	const steps = [3, 2.5, 2, 1.5, 1, 0.5].map((hours, step) => ({
		traceId,
		spanId: String(step + 2).repeat(16),
		parentSpanId: '1'.repeat(16),
		startUnixNano: nano(hours),
		endUnixNano: nano(hours - 0.4),
	}));
	const root = { traceId, spanId: '1'.repeat(16), startUnixNano: nano(3), endUnixNano: nano(0) };
	await store.writer.append(spanBlock([root, ...steps]));
	expect((await store.traces.spans(scope, traceId, endMs, 100))?.spans.count).toBe(7);
	const otlp = await store.traces.otlp(scope, traceId, endMs);
	expect(otlp?.resourceSpans.flatMap((one) => one.scopeSpans.flatMap((inner) => inner.spans))).toHaveLength(7);
});

test('a trace that lies in several parts has each service and each name once', async () => {
	const traceId = 'd1c7'.padEnd(32, '3') as TraceId;
	const time = BigInt(endMs) * 1_000_000n;
	for (const digit of ['1', '2', '3', '4']) {
		const resource = { service: Number(digit) % 2 === 0 ? 'web' : 'cart' };
		const times = { startUnixNano: time, endUnixNano: time };
		await store.writer.append(
			spanBlock([{ traceId, spanId: digit.repeat(16), name: resource.service, resource, ...times }]),
		);
	}
	const found = await store.traces.spans(scope, traceId, endMs, 10);
	expect(found?.spans.services.toSorted()).toEqual(['cart', 'web']);
	expect(found?.spans.names.toSorted()).toEqual(['cart', 'web']);
});

test('spans of one host share a clock whatever their service, and without a host each service has its own', async () => {
	const traceId = 'c10c4'.padEnd(32, '2') as TraceId;
	const on = (service: string, host?: string) => ({
		service,
		attributes: host === undefined ? [] : [['host.name', { stringValue: host }] as const],
	});
	const resources = [
		on('web', 'node-1'),
		on('cart', 'node-1'),
		on('db', 'node-2'),
		on('mail'),
		on('mail'),
		on('queue'),
	];
	const time = BigInt(endMs) * 1_000_000n;
	const sent = resources.map((resource, i) => ({
		traceId,
		spanId: String(i + 1).repeat(16),
		startUnixNano: time + BigInt(i),
		endUnixNano: time + BigInt(i),
		resource,
	}));
	await store.writer.append(spanBlock(sent));
	const [web, cart, db, mail, mailToo, queue] = (await store.traces.spans(scope, traceId, endMs, 10))!.spans.clock;
	expect(cart).toBe(web);
	expect(mailToo).toBe(mail);
	expect(new Set([web, db, mail, queue]).size).toBe(4);
});

test('the details of a span are all that was sent and derived', async () => {
	for (const span of spans.slice(0, 40)) {
		const detail = await store.traces.span(scope, span.traceId as TraceId, span.spanId as SpanId, timeMs(span));
		expect({ ...detail, attributes: byKey(detail!.attributes) }).toMatchObject({
			traceId: span.traceId,
			spanId: span.spanId,
			parentSpanId: span.parentSpanId ?? '',
			service: span.resource!.service,
			namespace: span.resource!.namespace,
			environment: span.resource!.environment,
			version: span.resource!.version,
			operation: span.operation,
			name: span.name,
			kind: SPAN_KINDS[span.kind!],
			type: SPAN_TYPES[span.type!],
			status: STATUS_CODES[span.statusCode!],
			statusMessage: span.statusMessage,
			error: span.error,
			startUnixNano: String(span.startUnixNano),
			endUnixNano: String(span.endUnixNano),
			durationNano: durationOf(span),
			traceState: span.traceState,
			flags: span.flags,
			weight: span.weight,
			attributes: sentAttributes(span),
			droppedAttributes: span.droppedAttributes,
			droppedEvents: span.droppedEvents,
			droppedLinks: span.droppedLinks,
			scope: { name: span.scope!.name, version: '1' },
			resource: { schemaUrl: span.resource!.schemaUrl },
		});
		const marks = Object.entries(SPAN_MARKS).filter(([, bit]) => (span.marks! & bit) !== 0);
		expect(detail!.marks).toEqual(marks.map(([name]) => name));
	}
});

test('a call of a database names the query that it is grouped by, what a database says of itself does not', async () => {
	const db = SPAN_TYPES.indexOf('db');
	const at = BigInt(endMs) * 1_000_000n;
	const make = (digit: string, more: Partial<PlainSpan>): PlainSpan => ({
		traceId: 'd'.repeat(32),
		spanId: digit.repeat(16),
		startUnixNano: at,
		endUnixNano: at,
		type: db,
		kind: SPAN_KINDS.indexOf('client'),
		...more,
	});
	const query = { text: 'SELECT ?', fingerprint: 0xabcn };
	const sent = [
		make('1', { query }),
		make('2', { query, kind: SPAN_KINDS.indexOf('server') }),
		make('3', { query, type: SPAN_TYPES.indexOf('http') }),
		make('4', { operation: 'GET cart' }),
	];
	await store.writer.append(spanBlock(sent, 'queries'));
	const ofQueries = { project: 'queries' };
	const queries = await Promise.all(
		sent.map(async ({ traceId, spanId }) => {
			const detail = await store.traces.span(ofQueries, traceId as TraceId, spanId as SpanId, endMs);
			return detail?.databaseQuery;
		}),
	);
	expect(queries.slice(0, 3)).toEqual(['0000000000000abc', undefined, undefined]);
	// Without a query it is the operation that the list of queries goes by.
	const listed = await store.queries.list({ ...ofQueries, window: { fromMs: endMs, toMs: endMs + 1 } }, {}, 60_000);
	expect(new Set(listed.queries.map(({ fingerprint }) => fingerprint))).toEqual(new Set([queries[0], queries[3]]));
});

test('a span knows which spans elsewhere link to it, newest first', async () => {
	const target = spans[0]!;
	const at = BigInt(timeMs(target)) * 1_000_000n;
	const linking = (spanId: string, minutes: bigint): PlainSpan => ({
		traceId: 'c'.repeat(32),
		spanId,
		startUnixNano: at + minutes * 60_000_000_000n,
		endUnixNano: at + minutes * 60_000_000_000n + 5n,
		links: [
			{ traceId: 'b'.repeat(32), spanId: target.spanId },
			{ traceId: target.traceId, spanId: target.spanId },
		],
	});
	const notLinking = { ...linking('3'.repeat(16), 3n), links: [{ traceId: target.traceId, spanId: 'f'.repeat(16) }] };
	await store.writer.append(spanBlock([linking('1'.repeat(16), 1n), linking('2'.repeat(16), 200n), notLinking]));
	const detail = await store.traces.span(scope, target.traceId as TraceId, target.spanId as SpanId, undefined);
	expect(detail!.linkedFrom.map((span) => span.spanId)).toEqual(['2'.repeat(16), '1'.repeat(16)]);
	expect(detail!.linkedFromOf).toBe(2);

	// Of many the newest, each once, and how many there are.
	const many = Array.from({ length: 30 }, (_, place) =>
		linking(`${place + 10}`.padStart(16, '0'), BigInt(300 + place)),
	);
	await store.writer.append(spanBlock([...many, ...many.slice(20)]));
	const cut = await store.traces.span(scope, target.traceId as TraceId, target.spanId as SpanId, undefined);
	expect(cut!.linkedFrom.map((span) => span.spanId)).toEqual(
		many
			.slice(10)
			.map((span) => span.spanId)
			.reverse(),
	);
	expect(cut!.linkedFromOf).toBe(32);
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { viewSpans } from '../../test/support/span-block-view.ts';
import { readTraces, TraceReader } from '../receiver/read-traces.ts';

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };
const card = 'AKIAIOSFODNN7EXAMPLE';

interface KeyValue {
	key: string;
	value: Record<string, unknown>;
}
const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });
const integer = (key: string, intValue: number): KeyValue => ({ key, value: { intValue } });

interface Place {
	name?: string;
	traceState?: string;
	status?: { message: string; code?: number };
	attributes?: KeyValue[];
	events?: { name?: string; attributes?: KeyValue[] }[];
	links?: { traceState?: string; attributes?: KeyValue[] }[];
	resource?: { attributes: KeyValue[] };
	scope?: { name?: string; version?: string; attributes?: KeyValue[] };
	schemaUrl?: string;
}
const ids = (span: number) => ({ traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(span) });

function bodyOf({ resource, scope, schemaUrl, ...span }: Place, others: number = 0): Uint8Array {
	const spans = [
		...Array.from({ length: others }, (_, i) => ({ ...ids(100 + i), name: 'other', kind: 3 })),
		{ ...ids(2), name: 'work', kind: 3, ...span, links: span.links?.map((link) => ({ ...ids(9), ...link })) },
	];
	return encodeProto('ExportTraceServiceRequest', {
		resourceSpans: [{ resource, schemaUrl, scopeSpans: [{ scope, schemaUrl, spans }] }],
	});
}
const read = (place: Place, others = 0) => readTraces(bodyOf(place, others), 'protobuf', context);

describe('a secret goes wherever it stands, and its span is marked', () => {
	const key = text('note', card);
	test.each<[string, Place, string]>([
		['an attribute', { attributes: [key] }, 'note'],
		['a list', { attributes: [{ key: 'note', value: { arrayValue: { values: [key.value] } } }] }, 'note'],
		['the name', { name: `call ${card}` }, 'span name'],
		['the status message', { status: { message: card } }, 'status message'],
		['the trace state', { traceState: `vendor=${card}` }, 'trace state'],
		['the name of an event', { events: [{}, { name: card }] }, 'event name'],
		['an attribute of an event', { events: [{}, { attributes: [text('a', 'b'), key] }] }, 'note'],
		['the trace state of a link', { links: [{}, { traceState: card }] }, 'trace state'],
		['an attribute of a link', { links: [{ attributes: [key] }] }, 'note'],
		['the resource', { resource: { attributes: [key] } }, 'note'],
		['the service', { resource: { attributes: [text('service.name', card)] } }, 'service.name'],
		['the scope', { scope: { attributes: [key] } }, 'note'],
		['the name of the scope', { scope: { name: card } }, 'otel.scope.name'],
		['the version of the scope', { scope: { version: card } }, 'otel.scope.version'],
		['a promoted attribute', { attributes: [text('http.route', `/${card}`)] }, 'http.route'],
		['an older name of one', { attributes: [text('db.statement', `SELECT '${card}'`)] }, 'db.statement'],
	])('%s', (_, place, where) => {
		const { block, report } = read(place, 3);
		expect(everythingIn(block)).not.toContain(card);
		expect(everythingIn(block)).toContain('REDACTED');
		const span = viewSpans(block).at(-1)!;
		expect(span.marks).toContain('redacted');
		expect(report.redactions).toEqual([{ key: where, rule: 'aws-access-key', count: 1 }]);
		const isOfSpanAlone = place.resource === undefined && place.scope === undefined;
		expect(report.marked.redacted).toBe(isOfSpanAlone ? 1 : 4);
	});
	test('the schema URL of a resource and of its scope', () => {
		const { block, report } = read({ schemaUrl: `https://a:${card}@b/1.44.0` });
		expect(everythingIn(block)).not.toContain(card);
		expect(report.redactions).toEqual([{ key: 'schema URL', rule: 'url-credentials', count: 2 }]);
	});
});

test('what holds no secret stays as it was, without a mark', () => {
	const attributes = [text('url.full', 'https://a/b@c?d=e'), text('note', 'Bearer of news'), integer('count', 3)];
	const { block, report } = read({ attributes, traceState: 'a=b', events: [{ name: 'token' }] });
	const span = viewSpans(block)[0]!;
	expect(span.attributes).toEqual({ 'url.full': 'shttps://a/b@c?d=e', note: 'sBearer of news', count: 'i3' });
	expect([span.marks.includes('redacted'), report.redactions]).toEqual([false, []]);
});

test('what is derived comes from what is left', () => {
	const [span] = viewSpans(
		read({
			attributes: [
				text('http.request.method', 'GET'),
				text('url.full', 'https://u:p@api.example/a?token=b'),
				text('error.type', card),
			],
			status: { message: '', code: 2 },
		}).block,
	);
	expect(span!.operation).toBe('GET api.example');
	expect(span!.columns).toMatchObject({ 'url.path': '/a', 'error.type': 'REDACTED' });
	expect(span!.attributes['url.full']).toBe('shttps://REDACTED:REDACTED@api.example/a?token=REDACTED');
});

test('a number under the name of a secret becomes text, and other numbers keep their places', () => {
	const double = (key: string, doubleValue: number): KeyValue => ({ key, value: { doubleValue } });
	const attributes = [integer('a', 1), integer('user.password', 271_828), double('b', 1.5), double('secret', 2.5)];
	const { block, report } = read({ attributes, events: [{ attributes: [integer('pwd', 271_828)] }] }, 2);
	const span = viewSpans(block).at(-1)!;
	expect(span.attributes).toEqual({ a: 'i1', b: 'd1.5', secret: 'sREDACTED', 'user.password': 'sREDACTED' });
	expect(span.events[0]?.attributes).toEqual({ pwd: 'sREDACTED' });
	expect(report.redactions.map(({ key }) => key).sort()).toEqual(['pwd', 'secret', 'user.password']);
	expect(report.marked.redacted).toBe(1);
});

test('a secret resource counts with every request, and has an id of its own content', () => {
	const reader = new TraceReader();
	const body = bodyOf({ resource: { attributes: [text('api.token', 'abc'), text('service.name', 'shop')] } });
	const first = reader.read(body, 'protobuf', context);
	const again = reader.read(body, 'protobuf', context);
	const clean = read({ resource: { attributes: [text('api.token', 'REDACTED'), text('service.name', 'shop')] } });
	expect(again).toEqual(first);
	expect(first.block.resources).toEqual(clean.block.resources);
	expect(clean.report.redactions).toEqual([]);
});

const place = fc.constantFrom<(secret: KeyValue) => Place>(
	(secret) => ({ attributes: [secret] }),
	(secret) => ({ attributes: [text('before', 'x'.repeat(200)), secret, text('behind', 'é')] }),
	(secret) => ({ attributes: [{ key: 'list', value: { arrayValue: { values: [secret.value, secret.value] } } }] }),
	(secret) => ({ attributes: [{ key: 'map', value: { kvlistValue: { values: [secret] } } }] }),
	(secret) => ({ events: [{ attributes: [secret] }, {}] }),
	(secret) => ({ links: [{}, { attributes: [secret] }] }),
	(secret) => ({ resource: { attributes: [secret] } }),
	(secret) => ({ scope: { attributes: [secret] } }),
	(secret) => ({ name: secret.value['stringValue'] as string }),
	(secret) => ({ status: { message: secret.value['stringValue'] as string } }),
);
const characters = (alphabet: string, length: number) =>
	fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength: length, maxLength: length });
const capitals = characters('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', 16);
/** The secret, and how it looks where it is told by its form. */
const secret = fc.oneof(
	capitals.map((it) => [it, `key AKIA${it},`]),
	capitals.map((it) => [it, `postgres://user:${it}@db:5432/shop`]),
	capitals.map((it) => [it, `Authorization: Bearer ${it}`]),
	capitals.map((it) => [it, `Server=a;Password=${it};Database=b`]),
	capitals.map((it) => [it, `got eyJhbGci.${it}.${it} for it`]),
	capitals.map((it) => [it, `token ghp_${it}${it}`]),
) as fc.Arbitrary<[secret: string, value: string]>;

test('no column of the block holds a secret, whatever its form, its place and its attribute', () => {
	const key = fc.constantFrom('note', 'url.full', 'http.url', 'db.query.text', 'db.statement', 'error.type', 'a.b');
	fc.assert(
		fc.property(secret, key, place, fc.nat(3), ([secret, value], key, place, others) => {
			const { block, report } = read(place(text(key, value)), others);
			expect(everythingIn(block)).not.toContain(secret);
			expect(JSON.stringify(report)).not.toContain(secret);
			expect(report.redactions.length).toBeGreaterThan(0);
		}),
		{ numRuns: 500 },
	);
});

test('no column holds the value of an attribute whose name tells that it is secret', () => {
	const key = fc.constantFrom('password', 'http.request.header.authorization', 'app.clientSecret', 'Set-Cookie');
	const value = fc.oneof(
		capitals.map((it) => [it, { stringValue: it }]),
		capitals.map((it) => [it, { arrayValue: { values: [{ stringValue: it }] } }]),
		fc.integer({ min: 10 ** 9, max: 10 ** 12 }).map((it) => [String(it), { intValue: it }]),
	) as fc.Arbitrary<[secret: string, value: Record<string, unknown>]>;
	const place = fc.constantFrom<(secret: KeyValue) => Place>(
		(secret) => ({ attributes: [integer('n', 1), secret, text('a', 'b')] }),
		(secret) => ({ attributes: [{ key: 'request', value: { kvlistValue: { values: [secret] } } }] }),
		(secret) => ({ events: [{ attributes: [secret] }] }),
		(secret) => ({ links: [{ attributes: [secret] }] }),
		(secret) => ({ resource: { attributes: [secret] } }),
		(secret) => ({ scope: { attributes: [secret] } }),
	);
	fc.assert(
		fc.property(key, value, place, (key, [secret, value], place) => {
			const { block } = read(place({ key, value }));
			expect(everythingIn(block)).not.toContain(secret);
			expect(viewSpans(block).at(-1)?.marks).toContain('redacted');
		}),
		{ numRuns: 300 },
	);
});

/** Every text and number of a block as one text: bytes as Latin-1, which leaves ASCII as it is. */
function everythingIn(value: unknown): string {
	if (value instanceof Uint8Array) return `${Buffer.from(value).toString('latin1')}\n`;
	if (value instanceof BigInt64Array || value instanceof Float64Array) return `${value.join('\n')}\n`;
	if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
		return Object.values(value).map(everythingIn).join('');
	return `${String(value)}\n`;
}

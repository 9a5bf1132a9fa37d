import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { viewSpans } from '../../test/support/span-block-view.ts';
import { readTraces, TraceReader } from '../receiver/read-traces.ts';
import { batchSummary, sanitiseQuery } from './sanitise-query.ts';

const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };
type Attributes = Record<string, string | number>;

function bodyOf(spans: readonly Attributes[], kind = 3): Uint8Array {
	return encodeProto('ExportTraceServiceRequest', {
		resourceSpans: [
			{
				scopeSpans: [
					{
						spans: spans.map((attributes, i) => ({
							traceId: new Uint8Array(16).fill(1),
							spanId: new Uint8Array(8).fill(i + 1),
							name: 'query',
							kind,
							attributes: Object.entries(attributes).map(([key, value]) => ({
								key,
								value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
							})),
						})),
					},
				],
			},
		],
	});
}
const derive = (...spans: Attributes[]) => viewSpans(readTraces(bodyOf(spans), 'protobuf', context).block);
const select = "SELECT * FROM orders o JOIN customers c ON c.id = o.customer WHERE c.name = 'Ann'";

describe('a query without a summary', () => {
	test.each<[string, Attributes]>([
		['new names', { 'db.system.name': 'postgresql', 'db.query.text': select }],
		['old names', { 'db.system': 'postgresql', 'db.statement': select }],
		['no system', { 'db.query.text': select }],
		['an operation alone', { 'db.system': 'postgresql', 'db.operation': 'SELECT', 'db.statement': select }],
	])('gets one, and is named by it: %s', (_, attributes) => {
		const [span] = derive(attributes);
		expect(span!.columns['db.query.summary']).toBe('SELECT orders customers');
		expect(span!.operation).toBe('SELECT orders customers');
	});
	test('is kept as it was sent, and its summary is not among what was sent', () => {
		const attributes = { 'db.system.name': 'postgresql', 'db.query.text': select };
		const [span] = derive(attributes);
		expect(span!.attributes).toEqual({ 'db.system.name': 'spostgresql', 'db.query.text': `s${select}` });
		expect(span!.columns['db.query.text']).toBe(select);
		expect(span!.own).not.toContain('db.query.summary');
	});
	test('is read in the language of its system', () => {
		const query = 'GET user:1';
		const systems = derive(
			{ 'db.system': 'redis', 'db.statement': query },
			{ 'db.system': 'elasticsearch', 'db.statement': query },
			{ 'db.system': 'redis', 'db.statement': query },
		);
		expect(systems.map((span) => span.operation)).toEqual(
			['redis', 'elasticsearch', 'redis'].map((system) => sanitiseQuery(system, query).summary),
		);
	});
	test('keeps the name of its system when it names nothing', () => {
		const [span] = derive({ 'db.system': 'redis', 'db.statement': '"secret"' });
		expect([span!.columns['db.query.summary'] ?? '', span!.operation]).toEqual(['', '(redis)']);
	});
	test('says when it ran many times at once', () => {
		const insert = { 'db.system': 'mysql', 'db.statement': 'INSERT INTO t VALUES (?)' };
		const spans = derive(
			{ ...insert, 'db.operation.batch.size': 3 },
			insert,
			{ ...insert, 'db.operation.batch.size': '4' },
			{ ...insert, 'db.operation.batch.size': 'many' },
			{ ...insert, 'db.operation.batch.size': 1 },
		);
		const expected = ['BATCH INSERT t', 'INSERT t', 'BATCH INSERT t', 'INSERT t', 'INSERT t'];
		expect(spans.map((span) => span.operation)).toEqual(expected);
	});
	test('gets one in spans of any kind', () => {
		const { block } = readTraces(bodyOf([{ 'db.query.text': 'SELECT 1 FROM t' }], 2), 'protobuf', context);
		expect(viewSpans(block)[0]).toMatchObject({ type: 'custom', columns: { 'db.query.summary': 'SELECT t' } });
	});
});

test('a summary that was sent stands', () => {
	const [span] = derive({ 'db.system': 'mysql', 'db.query.summary': 'find orders', 'db.statement': select });
	expect([span!.columns['db.query.summary'], span!.operation]).toEqual(['find orders', 'find orders']);
	expect(span!.own).toContain('db.query.summary');
});

test('its values are left out of what is derived, and the same query with other values has the same fingerprint', () => {
	const query = (name: string) => ({
		'db.system': 'postgresql',
		'db.query.summary': 'find orders',
		'db.statement': select.replace('Ann', name),
	});
	const [ann, bob, other] = derive(query('Ann'), query('Bob'), { 'db.statement': 'SELECT 1 FROM t' });
	expect(ann!.query.text).toBe('SELECT * FROM orders o JOIN customers c ON c.id = o.customer WHERE c.name = ?');
	expect(bob!.query).toEqual(ann!.query);
	expect(other!.query.fingerprint).not.toBe(ann!.query.fingerprint);
	expect(ann!.attributes['db.statement']).toBe(`s${select}`);
});

test('a span without a query has neither sanitised text nor fingerprint', () => {
	const [span, number] = derive({ 'db.system': 'mysql' }, { 'db.statement': 17 });
	expect(span!.query).toEqual({ text: '', fingerprint: '0'.repeat(16) });
	expect(number!.query).toEqual(span!.query);
});

test('what holds no text has no summary', () => {
	const [span] = derive({ 'db.system': 'mysql', 'db.statement': 17 }, { 'db.system': 'mysql' });
	expect([span!.columns['db.query.summary'] ?? '', span!.operation]).toEqual(['', '(mysql)']);
});

test('one reader gives every query of every block what it has by itself', () => {
	const reader = new TraceReader();
	const query = fc.constantFrom('SELECT a FROM b', 'GET a:1', 'DELETE FROM c', '{"find":"d"}', '?', 'INSERT INTO e');
	const span = fc.record({
		'db.system': fc.constantFrom('mysql', 'redis', 'mongodb', ''),
		'db.statement': query,
		'db.operation.batch.size': fc.nat(3),
	});
	fc.assert(
		fc.property(fc.array(span, { minLength: 1, maxLength: 8 }), (spans) => {
			const views = viewSpans(reader.read(bodyOf(spans), 'protobuf', context).block);
			expect(views.map(({ columns }) => columns['db.query.summary'] ?? '')).toEqual(
				spans.map((sent) =>
					batchSummary(sanitiseQuery(sent['db.system'], sent['db.statement']), sent['db.operation.batch.size']),
				),
			);
			expect(views.map(({ query }) => query)).toEqual(
				spans.map((sent) => {
					const { text, fingerprint } = sanitiseQuery(sent['db.system'], sent['db.statement']);
					return { text, fingerprint };
				}),
			);
		}),
		{ numRuns: 200 },
	);
});

import { expect, test } from 'vitest';
import { attributeColumn, attributeKeys } from './attribute-column.ts';
import type { ColumnScope } from './attribute-column.ts';
import { documentEvents } from './document-events.ts';
import { documentSpans } from './document-spans.ts';
import { readTraceFile } from './read-trace-file.ts';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const span = (id: string, attributes: object[], more: object = {}) => ({
	traceId: '1'.repeat(32),
	spanId: id.repeat(16),
	startTimeUnixNano: '10',
	endTimeUnixNano: '20',
	attributes,
	...more,
});
const { data, traces } = readTraceFile(
	JSON.stringify({
		resourceSpans: [
			{
				resource: { attributes: [text('service.name', 'web'), text('region', 'eu')] },
				scopeSpans: [
					{
						scope: { name: 'http' },
						spans: [
							span('1', [text('region', 'us'), { key: 'n', value: { intValue: '5' } }]),
							span(
								'2',
								[{ key: 'tags', value: { arrayValue: { values: [{ stringValue: 'a' }, { boolValue: true }] } } }],
								{
									events: [
										{ timeUnixNano: '15', name: 'late', attributes: [text('k', 'v')] },
										{
											timeUnixNano: '12',
											name: 'exception',
											attributes: [text('exception.type', 'Boom'), text('exception.message', 'it broke')],
										},
									],
								},
							),
							span('3', [text('http.method', 'GET')], { status: { code: 2, message: 'bad' } }),
						],
					},
				],
			},
		],
	}),
);
const spans = documentSpans(data, traces[0]!.traceId);
const rows = Int32Array.of(2, 0, 1, -1);
const column = (scope: ColumnScope, key: string) => {
	const { values, from, ids } = attributeColumn(spans, rows, { scope, key });
	return Array.from({ length: rows.length }, (_, row) =>
		[...ids.subarray(from[row], from[row + 1])].map((id) => values[id]!.text),
	);
};

test.each([
	['any', 'region', [['eu'], ['us'], ['eu'], []]],
	['span', 'region', [[], ['us'], [], []]],
	['resource', 'region', [['eu'], ['eu'], ['eu'], []]],
	['any', 'tags', [[], [], ['a', 'true'], []]],
	['any', 'http.request.method', [['GET'], [], [], []]],
	['any', '__proto__', [[], [], [], []]],
	['event', 'k', [[], [], ['v'], []]],
	['field', 'statusMessage', [['bad'], [], [], []]],
	['field', 'scope', [['http'], ['http'], ['http'], []]],
] as const)('%s %s of each row', (scope, key, expected) => {
	expect(column(scope, key)).toEqual(expected);
});

test('the keys of a trace, by how many spans have them', () => {
	expect(attributeKeys(spans).filter(({ scope }) => scope === 'resource')).toEqual([
		{ key: 'region', scope: 'resource', spans: 3 },
		{ key: 'service.name', scope: 'resource', spans: 3 },
	]);
	expect(attributeKeys(spans).find(({ key }) => key === 'n')).toEqual({ key: 'n', scope: 'span', spans: 1 });
});

test('events come by time, exceptions by what was thrown', () => {
	expect(documentEvents(spans, rows)).toEqual({
		total: 2,
		events: [
			{ row: 2, timeUnixNano: '12', name: 'Boom', text: 'it broke', isException: true },
			{ row: 2, timeUnixNano: '15', name: 'late', text: 'k=v', isException: false },
		],
	});
});

test.each([
	[2, { 'net.peer.port': 5432 }, 'client.port', ['5432']],
	[2, { 'net.peer.port': 5432 }, 'server.port', []],
	[3, { 'net.peer.port': 5432 }, 'server.port', ['5432']],
	[3, { 'server.port': 5432 }, 'net.peer.port', ['5432']],
	[3, { 'server.port': 5432, 'net.peer.port': 1 }, 'server.port', ['5432']],
	[2, { 'http.target': '/a?b=1#c' }, 'url.query', ['b=1']],
	[2, { 'http.target': '/a#c?d' }, 'url.query', []],
	[2, { 'url.path': '/a', 'url.query': 'b=1' }, 'http.target', ['/a?b=1']],
	[1, { 'code.namespace': 'com.Cart', 'code.function': 'add' }, 'code.function.name', ['com.Cart.add']],
	[1, { 'code.namespace': 'com.Cart' }, 'code.function.name', []],
	[1, { 'code.function.name': 'com.shop.Cart.add' }, 'code.namespace', ['com.shop.Cart']],
	[1, { 'code.function.name': 'com.shop.Cart.add' }, 'code.function', ['add']],
	[1, { 'code.function.name': 'add' }, 'code.namespace', []],
])('a span of kind %d with %o has %s: %j', (kind, sent, key, expected) => {
	const attributes = Object.entries(sent).map(([name, value]) =>
		typeof value === 'string' ? text(name, value) : { key: name, value: { intValue: String(value) } },
	);
	const file = readTraceFile(
		JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span('1', attributes, { kind })] }] }] }),
	);
	const found = documentSpans(file.data, file.traces[0]!.traceId);
	const { values } = attributeColumn(found, Int32Array.of(0), { scope: 'any', key });
	expect(values.map((value) => value.text)).toEqual(expected);
});

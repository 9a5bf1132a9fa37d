import { expect, test } from 'vitest';
import { viewSpans, type SpanView } from '../../test/support/span-block-view.ts';
import { DecodeError } from './decode-error.ts';
import { readTraces, TraceReader } from './read-traces.ts';

const receivedMs = 1_795_000_000_000;
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };
const traceId = '5B8EFFF798038103D269B633813FC60C';
const spanId = 'EEE19B7EC3C1B174';
const readText = (text: string) => readTraces(Buffer.from(text), 'json', context);
const bodyOf = (span: string): string =>
	`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${traceId}","spanId":"${spanId}"${span === '' ? '' : `,${span}`}}]}]}]}`;
const readOne = (span: string): SpanView => viewSpans(readText(bodyOf(span)).block)[0]!;
const valueOf = (value: string): string => readOne(`"attributes":[{"key":"k","value":${value}}]`).attributes['k']!;

test('ids are hexadecimal in any case and stored in lower case', () => {
	expect(readOne('"parentSpanId":""')).toMatchObject({
		traceId: traceId.toLowerCase(),
		spanId: spanId.toLowerCase(),
		parentSpanId: '0'.repeat(16),
	});
});

test('ids in base64, as generic proto encoders write them, are taken with a mark', () => {
	const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
	const { block, report } = readText(
		JSON.stringify({
			resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: base64(traceId), spanId: base64(spanId) }] }] }],
		}),
	);
	expect(viewSpans(block)[0]).toMatchObject({
		traceId: traceId.toLowerCase(),
		spanId: spanId.toLowerCase(),
		marks: ['clockAdjusted', 'neverEnded', 'base64Id'],
	});
	expect(report.marked.base64Id).toBe(1);
});

test('ids of a link may be arrays of bytes', () => {
	const bytes = (hex: string) => JSON.stringify([...Buffer.from(hex, 'hex')]);
	expect(readOne(`"links":[{"traceId":${bytes(traceId)},"spanId":${bytes(spanId)}}]`).links).toMatchObject([
		{ traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase() },
	]);
});

test.each(['"xyz"', '"00000000000000000000000000000000"', '"zz8EFFF798038103D269B633813FC60C"', '17', '{}', 'null'])(
	'a trace id of %s costs its span and no other',
	(id) => {
		const other = `{"traceId":"${traceId}","spanId":"${spanId}"}`;
		const { report } = readText(
			`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":${id},"spanId":"${spanId}"},${other}]}]}]}`,
		);
		expect(report).toMatchObject({ accepted: 1, rejected: { invalid_trace_id: 1 } });
	},
);

test.each([
	['"1795000000000000001"', 1_795_000_000_000_000_001n],
	['1795000000000000001', 1_795_000_000_000_000_001n],
	['{"low":-1,"high":1}', 0x1_ffff_ffffn],
	['1.795e18', 1_795_000_000_000_000_000n],
	['null', 0n],
])('a time of %s is exact', (json, nanos) => {
	expect(readOne(`"startTimeUnixNano":${json}`).startUnixNano).toBe(nanos);
});

test.each([
	['{"intValue":"9007199254740993"}', 'i9007199254740993'],
	['{"intValue":9007199254740993}', 'i9007199254740993'],
	['{"intValue":-9223372036854775808}', 'i-9223372036854775808'],
	['{"intValue":12}', 'i12'],
	['{"intValue":9223372036854775807}', 'i9223372036854775807'],
	['{"intValue":9223372036854775808}', 'd9223372036854776000'],
	['{"intValue":-9223372036854775809}', 'd-9223372036854776000'],
	['{"intValue":-10000000000000000000}', 'd-10000000000000000000'],
	['{"intValue":100000000000000000000}', 'd100000000000000000000'],
	['{"intValue":1e+21}', 'd1e+21'],
	['{"int_value":"7"}', 'i7'],
	['{"doubleValue":"NaN"}', 'dNaN'],
	['{"doubleValue":"-Infinity"}', 'd-Infinity'],
	['{"doubleValue":"1.5"}', 'd1.5'],
	['{"doubleValue":9007199254740993}', 'd9007199254740992'],
	['{"doubleValue":null}', 'j{}'],
	['{"boolValue":true}', 'btrue'],
	['{"bytesValue":"_-8"}', 'j{"bytesValue":"/+8="}'],
	['{"stringValue":"a","intValue":1}', 'i1'],
	['{"stringValue":"\\ud800"}', 's\uFFFD'],
	[
		'{"arrayValue":{"values":[{"intValue":"9007199254740993"},{},null]}}',
		'j{"arrayValue":{"values":[{"intValue":"9007199254740993"},{},{}]}}',
	],
	[
		'{"kvlistValue":{"values":[{"key":"__proto__","value":{"boolValue":false}}]}}',
		'j{"kvlistValue":{"values":[{"key":"__proto__","value":{"boolValue":false}}]}}',
	],
	['{}', 'j{}'],
	['null', 'j{}'],
])('a value of %s is stored as %s', (json, stored) => {
	expect(valueOf(json)).toBe(stored);
});

test('enums come as numbers, texts or names', () => {
	expect(readOne('"kind":2').kind).toBe(2);
	expect(readOne('"kind":"3"').kind).toBe(3);
	expect(readOne('"kind":"SPAN_KIND_CONSUMER","status":{"code":"STATUS_CODE_ERROR"}')).toMatchObject({
		kind: 5,
		statusCode: 2,
	});
	expect(readOne('"kind":77').kind).toBe(0);
});

test('old spellings and the sections of old clients are read', () => {
	const { block } = readText(
		JSON.stringify({
			resource_spans: [
				{
					resource: {
						attributes: [{ key: 'service.name', value: { string_value: 'old' } }],
						dropped_attributes_count: '3',
					},
					instrumentationLibrarySpans: [
						{
							instrumentationLibrary: { name: 'lib', version: '0.1' },
							spans: [
								{
									trace_id: traceId,
									span_id: spanId,
									trace_state: 'a=b',
									start_time_unix_nano: '5',
									dropped_events_count: 2,
								},
							],
						},
					],
				},
			],
		}),
	);
	expect(viewSpans(block)[0]).toMatchObject({
		service: 'old',
		scope: 'lib@0.1',
		traceState: 'a=b',
		startUnixNano: 5n,
		dropped: [0, 2, 0],
	});
	expect(block.resources[0]!.droppedAttributes).toBe(3);
});

test('null lists and unknown fields are nothing', () => {
	const span =
		'"attributes":null,"events":null,"links":null,"status":null,"later":{"a":[1,{"b":null}]},"__proto__":{"name":"x"}';
	expect(readOne(span)).toMatchObject({ name: '', attributes: {}, events: [], links: [], statusCode: 0 });
	expect(readText('{"resourceSpans":null}').report.accepted).toBe(0);
	expect(readText('{}').report.accepted).toBe(0);
});

test('200,000 arrays within each other do not break the reader', () => {
	const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
	expect(readOne(`"unknown":${deep}`).name).toBe('');
	expect(() => readText(bodyOf(`"unknown":${deep},"startTimeUnixNano":1795000000000000001`))).toThrow(DecodeError);
	const value = `${'{"arrayValue":{"values":['.repeat(50_000)}${']}}'.repeat(50_000)}`;
	expect(readOne(`"attributes":[{"key":"k","value":${value}}]`).marks).toContain('cut');
});

test.each([
	['', /not JSON/],
	['{"resourceSpans":[', /not JSON/],
	['1234', /not an object/],
	['[]', /not an object/],
	['null', /not an object/],
	['{"resourceSpans":{}}', /^resourceSpans: an array expected, an object found$/],
	[bodyOf('"name":5'), /^resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.name: a string expected, number "5" found$/],
	[bodyOf('"kind":"SPAN_KIND_OTHER"'), /spans\[0\]\.kind: one of SPAN_KIND_UNSPECIFIED/],
	[bodyOf('"startTimeUnixNano":"soon"'), /startTimeUnixNano: nanoseconds as decimal text expected/],
	[bodyOf('"startTimeUnixNano":"-1"'), /startTimeUnixNano/],
	[bodyOf('"attributes":[5]'), /spans\[0\]\.attributes: an object expected/],
	[bodyOf('"attributes":[{"key":"k","value":{"intValue":"1.5"}}]'), /a whole number of 64 bits/],
	[bodyOf('"attributes":[{"key":"k","value":{"intValue":"9223372036854775808"}}]'), /a whole number of 64 bits/],
	[
		bodyOf('"events":[{},{"attributes":[{"key":7}]}]'),
		/^resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.events\[1\]\.attributes\.key: a string expected, number "7" found$/,
	],
	[
		bodyOf('"links":[5]'),
		/^resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.links\[0\]: an object expected, number "5" found$/,
	],
	[bodyOf('"status":{"code":"BAD"}'), /spans\[0\]\.status\.code: one of STATUS_CODE_UNSET/],
	[
		bodyOf('').replace('"scopeSpans"', '"resource":{"attributes":5},"scopeSpans"'),
		/^resourceSpans\[0\]\.resource\.attributes: an array expected/,
	],
	[
		bodyOf('').replace('"spans"', '"scope":5,"spans"'),
		/^resourceSpans\[0\]\.scopeSpans\[0\]\.scope: an object expected/,
	],
])('%s is damage, with its place', (text, message) => {
	expect(() => readText(text)).toThrow(DecodeError);
	expect(() => readText(text)).toThrow(message);
});

test('a damaged body says the field in full, and what its reader reads next is as if there had been none', () => {
	const reader = new TraceReader();
	const read = (text: string) => viewSpans(reader.read(Buffer.from(text), 'json', context).block);
	const bodies = [
		bodyOf(
			'"name":"first","attributes":[{"key":"a","value":{"stringValue":"1"}},{"key":"b","value":{"intValue":"2"}}]',
		),
		bodyOf('"name":"second","attributes":[{"key":"b","value":{"stringValue":"Ünï"}}],"events":[{"name":"e"}]'),
		bodyOf(''),
	];
	for (const body of bodies) {
		expect(read(body)).toEqual(viewSpans(readText(body).block));
		const damaged = bodyOf(
			'"name":"third","attributes":[{"key":"c","value":{"boolValue":true}}],"events":[{"name":5}]',
		);
		expect(() => read(damaged)).toThrow('spans[0].events[0].name: a string expected');
	}
});

import { expect, test } from 'vitest';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import { spanBlock } from '../../../test/support/span-block.ts';
import type { PlainSpan } from '../../../test/support/span-block.ts';
import { readNative } from '../native/native-reader.ts';
import { columnsOf, encodeSpans, SPAN_COLUMNS } from './span-native.ts';

const plain: PlainSpan = {
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: '00f067aa0ba902b7',
	startUnixNano: 1n,
	endUnixNano: 2n,
	name: 'GET /',
};
const link = { traceId: '11'.repeat(16), spanId: '22'.repeat(8) };
const left = (...spans: PlainSpan[]): string[] => {
	const sent = new Set(columnsOf(spans.map((span) => spanBlock([span]))).map(({ name }) => name));
	return SPAN_COLUMNS.map(({ name }) => name).filter((name) => !sent.has(name));
};

test('columns in which no span has anything are left out of an insert, but for maps, which are dear to fill in', () => {
	expect(left(plain, plain)).toEqual([
		'marks',
		'dropped_attributes',
		'dropped_events',
		'dropped_links',
		'status_message',
		'trace_state',
		...PROMOTED_ATTRIBUTES.filter(({ storage }) => storage !== 'int64').map(({ column }) => column),
		'event_time_nano',
		'event_name',
		'event_dropped_attributes',
		'event_attributes',
		'link_trace_id',
		'link_span_id',
		'link_trace_state',
		'link_flags',
		'link_dropped_attributes',
		'link_attributes',
	]);
});

test.each<[string, PlainSpan]>([
	['link_', { ...plain, links: [link] }],
	['event_', { ...plain, events: [{ timeUnixNano: 1n, name: 'e' }] }],
	['trace_state', { ...plain, traceState: 'a=b' }],
	['status_message', { ...plain, statusMessage: 'm' }],
	['marks', { ...plain, marks: 1 }],
	['attr_db_system_name', { ...plain, promoted: { 'db.system.name': 'redis' } }],
	['attr_url_path', { ...plain, promoted: { 'url.path': '/' } }],
])('%s: one span of one block that has something brings the columns for all', (prefix, filled) => {
	expect(left(plain, filled, plain).filter((name) => name.startsWith(prefix))).toEqual([]);
	const blocks = [plain, filled, plain].map((span) => spanBlock([span]));
	expect(readNative(Buffer.concat([...encodeSpans(blocks, columnsOf(blocks))])).rows).toBe(3);
});

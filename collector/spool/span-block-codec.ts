import { z } from 'zod';
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { PromotedAttribute } from '../../schema/promoted-attributes.ts';
import type {
	AttributeColumns,
	DictionaryColumn,
	EventColumns,
	LinkColumns,
	MapColumn,
	QueryColumns,
	SpanBlock,
	StringColumn,
} from '../../schema/span-block.ts';
import { blockSources, count, numbered, text } from './block-head.ts';
import { ColumnReader } from './column-frame.ts';
import { partsOf } from './column-names.ts';
import { RecordError } from './record-error.ts';
import type { BlockCodec } from './spool-block.ts';
import { checkSpanBlock } from './span-block-check.ts';

/** What of a block is no column. Unknown fields of a later version are left out. */
const blockHead = z.object({
	version: z.literal(1),
	project: text,
	rows: count,
	...blockSources,
});

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The columns share the memory of the frame. Throws RecordError for whatever could harm those who read the block: lengths,
 * ends, indexes, framing.
 */
export function decodeSpanBlock(frame: Uint8Array<ArrayBuffer>): SpanBlock {
	const columns = new ColumnReader(frame);
	const block = readBlock(columns, checkHead(readHead(columns)));
	checkSpanBlock(block);
	return block;
}

/** The same for a frame that never left this process: nothing is looked at. */
export function openSpanBlock(frame: Uint8Array<ArrayBuffer>): SpanBlock {
	const columns = new ColumnReader(frame);
	const head = readHead(columns) as z.input<typeof blockHead>;
	return readBlock(columns, {
		...head,
		resources: head.resources.map(numbered),
		scopes: head.scopes.map(numbered),
	});
}

function readBlock(columns: ColumnReader, head: z.output<typeof blockHead>): SpanBlock {
	const { rows } = head;
	return {
		...head,
		traceId: columns.u8('trace_id', rows * 16),
		spanId: columns.u8('span_id', rows * 8),
		parentSpanId: columns.u8('parent_span_id', rows * 8),
		startUnixNano: columns.u64('start', rows),
		endUnixNano: columns.u64('end', rows),
		durationNano: columns.u64('duration', rows),
		timeUnixMs: columns.i64('time', rows),
		kind: columns.u8('kind', rows),
		statusCode: columns.u8('status', rows),
		flags: columns.u32('flags', rows),
		marks: columns.u32('marks', rows),
		droppedAttributes: columns.u32('dropped_attributes', rows),
		droppedEvents: columns.u32('dropped_events', rows),
		droppedLinks: columns.u32('dropped_links', rows),
		resource: columns.u32('resource', rows),
		scope: columns.u32('scope', rows),
		type: columns.u8('type', rows),
		error: columns.u8('error', rows),
		entry: columns.u8('entry', rows),
		weight: columns.f64('weight', rows),
		promotedOwn: columns.u32('promoted_own', rows),
		name: readDictionary(columns, 'name', rows),
		operation: readDictionary(columns, 'operation', rows),
		query: readQuery(columns, rows),
		traceState: readStrings(columns, 'trace_state', rows),
		statusMessage: readStrings(columns, 'status_message', rows),
		attributeKeys: readStrings(columns, 'keys'),
		attributes: readAttributes(columns, rows),
		events: readEvents(columns, rows),
		links: readLinks(columns, rows),
		promoted: PROMOTED_ATTRIBUTES.map((promoted) => readPromoted(columns, promoted, rows)),
	};
}

function readHead(columns: ColumnReader): unknown {
	try {
		return JSON.parse(decoder.decode(columns.u8('head')));
	} catch (error) {
		if (error instanceof RecordError) throw error;
		throw new RecordError('the head of the block is no JSON');
	}
}

function checkHead(json: unknown): z.output<typeof blockHead> {
	const head = blockHead.safeParse(json);
	if (!head.success) throw new RecordError(`the head of the block: ${z.prettifyError(head.error)}`);
	return head.data;
}

function readStrings(columns: ColumnReader, name: string, rows?: number): StringColumn {
	const { bytes, ends } = partsOf(name);
	return { bytes: columns.u8(bytes), ends: columns.u32(ends, rows) };
}

const readDictionary = (columns: ColumnReader, name: string, rows: number): DictionaryColumn => ({
	ids: columns.u32(`${name}.ids`, rows),
	dictionary: readStrings(columns, name),
});

function readMap<Values>(
	columns: ColumnReader,
	name: string,
	rows: number,
	values: (name: string, entries: number) => Values,
): MapColumn<Values> {
	const ends = columns.u32(`${name}.entries`, rows);
	const entries = ends.at(-1) ?? 0;
	return { ends, keys: columns.u32(`${name}.keys`, entries), values: values(name, entries) };
}

const readStringMap = (columns: ColumnReader, name: string, rows: number): MapColumn<StringColumn> =>
	readMap(columns, name, rows, (name, entries) => readStrings(columns, name, entries));

const readAttributes = (columns: ColumnReader, rows: number): AttributeColumns => ({
	string: readStringMap(columns, 'string', rows),
	int64: readMap(columns, 'int64', rows, (name, entries) => columns.i64(`${name}.values`, entries)),
	double: readMap(columns, 'double', rows, (name, entries) => columns.f64(`${name}.values`, entries)),
	bool: readMap(columns, 'bool', rows, (name, entries) => columns.u8(`${name}.values`, entries)),
	other: readStringMap(columns, 'other', rows),
});

function readEvents(columns: ColumnReader, rows: number): EventColumns {
	const ends = columns.u32('events', rows);
	const events = ends.at(-1) ?? 0;
	return {
		ends,
		timeUnixNano: columns.u64('event.time', events),
		name: readDictionary(columns, 'event.name', events),
		droppedAttributes: columns.u32('event.dropped', events),
		attributes: readStringMap(columns, 'event.attributes', events),
	};
}

function readLinks(columns: ColumnReader, rows: number): LinkColumns {
	const ends = columns.u32('links', rows);
	const links = ends.at(-1) ?? 0;
	return {
		ends,
		traceId: columns.u8('link.trace_id', links * 16),
		spanId: columns.u8('link.span_id', links * 8),
		traceState: readStrings(columns, 'link.trace_state', links),
		flags: columns.u32('link.flags', links),
		droppedAttributes: columns.u32('link.dropped', links),
		attributes: readStringMap(columns, 'link.attributes', links),
	};
}

/** Empty where the writer of the record knew no such columns. */
function readQuery(columns: ColumnReader, rows: number): QueryColumns {
	if (!columns.has('query.fingerprint')) {
		return { text: noTexts(rows), fingerprint: new BigUint64Array(rows) };
	}
	return { text: readDictionary(columns, 'query.text', rows), fingerprint: columns.u64('query.fingerprint', rows) };
}

/** One that the writer of the record didn't know has no value in any row. */
function readPromoted(
	columns: ColumnReader,
	{ attribute, storage }: PromotedAttribute,
	rows: number,
): SpanBlock['promoted'][number] {
	const name = `=${attribute}`;
	if (storage === 'int64') return columns.has(name) ? columns.i64(name, rows) : new BigInt64Array(rows);
	const known = columns.has(`${name}.bytes`);
	if (storage === 'string') return known ? readStrings(columns, name, rows) : emptyTexts(rows);
	return known ? readDictionary(columns, name, rows) : noTexts(rows);
}

const noTexts = (rows: number): DictionaryColumn => ({ ids: new Uint32Array(rows), dictionary: emptyTexts(1) });

const emptyTexts = (rows: number): StringColumn => ({
	bytes: new Uint8Array(rows),
	ends: Uint32Array.from({ length: rows }, (_, row) => row + 1),
});

export const spanBlockCodec: BlockCodec<SpanBlock> = { decode: decodeSpanBlock, open: openSpanBlock };

import { z } from 'zod';
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { PromotedAttribute } from '../../schema/promoted-attributes.ts';
import type {
	AttributeColumns,
	BlockResource,
	BlockScope,
	DictionaryColumn,
	EventColumns,
	LinkColumns,
	MapColumn,
	QueryColumns,
	SpanBlock,
	StringColumn,
} from '../../schema/span-block.ts';
import { blockSources, count, numbered, text } from './block-head.ts';
import { ColumnReader, encodeColumns } from './column-frame.ts';
import type { Column } from './column-frame.ts';
import { partsOf } from './column-names.ts';
import { RecordError } from './record-error.ts';
import type { BlockCodec } from './spool-block.ts';
import { checkSpanBlock } from './span-block-check.ts';

type Columns = (readonly [name: string, values: Column])[];

const PROMOTED_NAMES = PROMOTED_ATTRIBUTES.map(({ attribute }) => `=${attribute}`);

/** What of a block is no column. Unknown fields of a later version are left out. */
const blockHead = z.object({
	version: z.literal(1),
	project: text,
	rows: count,
	...blockSources,
});

/** A block as self-describing columns. What it was decoded from is not needed to read it back. */
export function encodeSpanBlock(block: SpanBlock): Buffer<ArrayBuffer> {
	const columns: Columns = [
		['head', encoder.encode(headOf(block))],
		['trace_id', block.traceId],
		['span_id', block.spanId],
		['parent_span_id', block.parentSpanId],
		['start', block.startUnixNano],
		['end', block.endUnixNano],
		['duration', block.durationNano],
		['time', block.timeUnixMs],
		['kind', block.kind],
		['status', block.statusCode],
		['flags', block.flags],
		['marks', block.marks],
		['dropped_attributes', block.droppedAttributes],
		['dropped_events', block.droppedEvents],
		['dropped_links', block.droppedLinks],
		['resource', block.resource],
		['scope', block.scope],
		['type', block.type],
		['error', block.error],
		['entry', block.entry],
		['weight', block.weight],
		['promoted_own', block.promotedOwn],
		...dictionaryColumns('name', block.name),
		...dictionaryColumns('operation', block.operation),
		...dictionaryColumns('query.text', block.query.text),
		['query.fingerprint', block.query.fingerprint],
		...stringColumns('trace_state', block.traceState),
		...stringColumns('status_message', block.statusMessage),
		...stringColumns('keys', block.attributeKeys),
		...attributeColumns(block.attributes),
		...eventColumns(block.events),
		...linkColumns(block.links),
		...PROMOTED_NAMES.flatMap((name, index) => promotedColumns(name, block.promoted[index])),
	];
	return encodeColumns(columns);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** The same few come with every request, as the same objects. */
const knownSources = new WeakMap<BlockResource | BlockScope, string>();

function headOf({ version, project, rows, resources, scopes }: SpanBlock): string {
	const head = JSON.stringify({ version, project, rows });
	const list = (sources: readonly (BlockResource | BlockScope)[]) => sources.map(sourceText).join(',');
	return `${head.slice(0, -1)},"resources":[${list(resources)}],"scopes":[${list(scopes)}]}`;
}

function sourceText(source: BlockResource | BlockScope): string {
	let text = knownSources.get(source);
	if (text === undefined) {
		text = JSON.stringify({ ...source, id: String(source.id) });
		knownSources.set(source, text);
	}
	return text;
}

const stringColumns = (name: string, column: StringColumn): Columns => [
	[partsOf(name).bytes, column.bytes],
	[partsOf(name).ends, column.ends],
];

const dictionaryColumns = (name: string, column: DictionaryColumn): Columns => [
	[partsOf(name).ids, column.ids],
	...stringColumns(name, column.dictionary),
];

const mapColumns = <Values>(name: string, map: MapColumn<Values>, values: Columns): Columns => [
	[partsOf(name).entries, map.ends],
	[partsOf(name).keys, map.keys],
	...values,
];

const stringMapColumns = (name: string, map: MapColumn<StringColumn>): Columns =>
	mapColumns(name, map, stringColumns(name, map.values));

const attributeColumns = ({ string, int64, double, bool, other }: AttributeColumns): Columns => [
	...stringMapColumns('string', string),
	...mapColumns('int64', int64, [['int64.values', int64.values]]),
	...mapColumns('double', double, [['double.values', double.values]]),
	...mapColumns('bool', bool, [['bool.values', bool.values]]),
	...stringMapColumns('other', other),
];

const eventColumns = (events: EventColumns): Columns => [
	['events', events.ends],
	['event.time', events.timeUnixNano],
	...dictionaryColumns('event.name', events.name),
	['event.dropped', events.droppedAttributes],
	...stringMapColumns('event.attributes', events.attributes),
];

const linkColumns = (links: LinkColumns): Columns => [
	['links', links.ends],
	['link.trace_id', links.traceId],
	['link.span_id', links.spanId],
	...stringColumns('link.trace_state', links.traceState),
	['link.flags', links.flags],
	['link.dropped', links.droppedAttributes],
	...stringMapColumns('link.attributes', links.attributes),
];

/** By name, not by place: a record may be replayed by a program that knows more promoted attributes. */
function promotedColumns(name: string, column: SpanBlock['promoted'][number] | undefined): Columns {
	if (column === undefined) throw new RecordError(`the block has no column ${name}`);
	if (column instanceof BigInt64Array) return [[name, column]];
	return 'ids' in column ? dictionaryColumns(name, column) : stringColumns(name, column);
}

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

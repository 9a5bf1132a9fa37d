import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import type {
	BlockResource,
	BlockScope,
	DictionaryColumn,
	MapColumn,
	SpanBlock,
	StringColumn,
} from '../../../schema/span-block.ts';
import { idsOf, mergeSources } from './insert-sources.ts';
import type { InsertSources } from './insert-sources.ts';
import { frameStrings, NativeBuilder } from '../native/native-builder.ts';
import { PieceMemory } from '../native/piece-memory.ts';
import { promotedColumnType } from '../engine/schema-template.ts';

type Blocks = readonly SpanBlock[];

/** A column of `spans`: how it is made of the blocks of an insert. */
export interface SpanColumn {
	name: string;
	type: string;
	write(out: NativeBuilder, blocks: Blocks, sources: Sources): void;
	/** Whether no row has anything but what ClickHouse puts into a column that an insert leaves out: zero, or nothing. */
	isEmpty?(blocks: Blocks): boolean;
}

/** Where the spans of an insert come from. */
interface Sources {
	resources: InsertSources<BlockResource>;
	scopes: InsertSources<BlockScope>;
}

function raw(name: string, type: string, of: (block: SpanBlock) => ArrayBufferView): SpanColumn {
	return { name, type, write: (out, blocks) => blocks.forEach((block) => out.raw(of(block))) };
}

function dictionary(name: string, of: (block: SpanBlock) => DictionaryColumn): SpanColumn {
	const write = (out: NativeBuilder, blocks: Blocks) => {
		out.dictionaryPrefix();
		out.dictionary(blocks.map(of));
	};
	return { name, type: 'LowCardinality(String)', write };
}

/** A dictionary of its sources, in which a text stands for each of them. */
function ofSource<Source>(
	name: string,
	pick: (sources: Sources) => InsertSources<Source>,
	of: (source: Source) => string,
): SpanColumn {
	const write: SpanColumn['write'] = (out, _, all) => {
		const { rows, sources } = pick(all);
		out.dictionaryPrefix();
		out.dictionary([{ ids: rows, dictionary: frameStrings(sources.map(of)) }]);
	};
	return { name, type: 'LowCardinality(String)', write };
}

const ofResource = (name: string, of: (resource: BlockResource) => string): SpanColumn =>
	ofSource(name, ({ resources }) => resources, of);

function map(
	name: string,
	type: string,
	of: (block: SpanBlock) => MapColumn<ArrayBufferView | StringColumn>,
): SpanColumn {
	const write = (out: NativeBuilder, blocks: Blocks) => {
		const maps = blocks.map(of);
		out.dictionaryPrefix();
		out.mapKeys(
			maps,
			blocks.map((block) => block.attributeKeys),
		);
		for (const { values } of maps) out.raw('bytes' in values ? values.bytes : values);
	};
	// Never left out: to fill it in takes ClickHouse a tenth to a fifth of the whole insert.
	return { name, type: `Map(LowCardinality(String), ${type})`, write };
}

/** An array per row. */
function array(
	name: string,
	type: string,
	of: (block: SpanBlock) => { ends: Uint32Array; items: ArrayBufferView },
): SpanColumn {
	const write = (out: NativeBuilder, blocks: Blocks) => {
		const pieces = blocks.map(of);
		out.ends(pieces.map((piece) => piece.ends));
		for (const { items } of pieces) out.raw(items);
	};
	return { name, type: `Array(${type})`, write };
}

/** A map per event, or per link, of every row. */
function arrayOfMaps(
	name: string,
	of: (block: SpanBlock) => { ends: Uint32Array; attributes: MapColumn<StringColumn> },
): SpanColumn {
	const write = (out: NativeBuilder, blocks: Blocks) => {
		const pieces = blocks.map(of);
		out.dictionaryPrefix();
		out.ends(pieces.map((piece) => piece.ends));
		out.mapKeys(
			pieces.map((piece) => piece.attributes),
			blocks.map((block) => block.attributeKeys),
		);
		for (const { attributes } of pieces) out.raw(attributes.values.bytes);
	};
	return { name, type: 'Array(Map(LowCardinality(String), String))', write };
}

const hasNone = (ends: Uint32Array): boolean => (ends.at(-1) ?? 0) === 0;
const allZero = (values: Uint32Array): boolean => values.every((value) => value === 0);
/** A text without bytes is the one byte of its length. */
const allBlank = ({ bytes, ends }: StringColumn): boolean => bytes.length === ends.length;

/** A column that need not be sent when it is so in every block. */
const unless = (isEmptyIn: (block: SpanBlock) => boolean, column: SpanColumn): SpanColumn => ({
	...column,
	isEmpty: (blocks) => blocks.every(isEmptyIn),
});

const counts = (name: string, of: (block: SpanBlock) => Uint32Array): SpanColumn =>
	unless((block) => allZero(of(block)), raw(name, 'UInt32', of));

const texts = (name: string, of: (block: SpanBlock) => StringColumn): SpanColumn =>
	unless(
		(block) => allBlank(of(block)),
		raw(name, 'String', (block) => of(block).bytes),
	);

const ofEvents = (column: SpanColumn): SpanColumn => unless(({ events }) => hasNone(events.ends), column);
const ofLinks = (column: SpanColumn): SpanColumn => unless(({ links }) => hasNone(links.ends), column);

const eventNames: SpanColumn = {
	name: 'event_name',
	type: 'Array(LowCardinality(String))',
	write: (out, blocks) => {
		out.dictionaryPrefix();
		out.ends(blocks.map((block) => block.events.ends));
		out.dictionary(blocks.map((block) => block.events.name));
	},
};

const promotedColumns = PROMOTED_ATTRIBUTES.map((attribute, index): SpanColumn => {
	const { column, storage } = attribute;
	const values = (block: SpanBlock) => {
		const found = block.promoted[index];
		if (found === undefined) throw new Error(`the block has no column for ${attribute.attribute}`);
		return found;
	};
	if (storage === 'dictionary') {
		const of = (block: SpanBlock) => values(block) as DictionaryColumn;
		return unless((block) => allBlank(of(block).dictionary), dictionary(column, of));
	}
	if (storage === 'string') return texts(column, (block) => values(block) as StringColumn);
	return raw(column, promotedColumnType(attribute), (block) => values(block) as BigInt64Array);
});

/** Same names and types as in schema/clickhouse, in any order. */
export const SPAN_COLUMNS: readonly SpanColumn[] = [
	dictionary('project', (block) => ({ ids: new Uint32Array(block.rows), dictionary: frameStrings([block.project]) })),
	raw('time', "DateTime64(3, 'UTC')", (block) => block.timeUnixMs),
	raw('trace_id', 'FixedString(16)', (block) => block.traceId),
	raw('span_id', 'FixedString(8)', (block) => block.spanId),
	raw('parent_span_id', 'FixedString(8)', (block) => block.parentSpanId),
	raw('start_nano', 'UInt64', (block) => block.startUnixNano),
	raw('duration_nano', 'UInt64', (block) => block.durationNano),
	raw('end_correction_nano', 'UInt64', endCorrections),
	raw('kind', 'UInt8', (block) => block.kind),
	raw('type', 'UInt8', (block) => block.type),
	raw('status', 'UInt8', (block) => block.statusCode),
	raw('error', 'UInt8', (block) => block.error),
	raw('entry', 'UInt8', (block) => block.entry),
	raw('weight', 'Float64', (block) => block.weight),
	raw('flags', 'UInt32', (block) => block.flags),
	counts('marks', (block) => block.marks),
	counts('dropped_attributes', (block) => block.droppedAttributes),
	counts('dropped_events', (block) => block.droppedEvents),
	counts('dropped_links', (block) => block.droppedLinks),
	ofResource('service_namespace', (resource) => resource.namespace),
	ofResource('service', (resource) => resource.service),
	ofResource('environment', (resource) => resource.environment),
	ofResource('version', (resource) => resource.version),
	ofResource('instance', (resource) => resource.instance),
	dictionary('operation', (block) => block.operation),
	dictionary('name', (block) => block.name),
	ofSource(
		'scope_name',
		({ scopes }) => scopes,
		(scope) => scope.name,
	),
	texts('status_message', (block) => block.statusMessage),
	texts('trace_state', (block) => block.traceState),
	{ name: 'resource_id', type: 'UInt64', write: (out, _, { resources }) => out.raw(idsOf(resources)) },
	{ name: 'scope_id', type: 'UInt64', write: (out, _, { scopes }) => out.raw(idsOf(scopes)) },
	dictionary('db_query_text', ({ query }) => query.text),
	raw('db_query_fingerprint', 'UInt64', ({ query }) => query.fingerprint),
	...promotedColumns,
	raw('promoted_own', 'UInt32', (block) => block.promotedOwn),
	map('attributes_string', 'String', (block) => block.attributes.string),
	map('attributes_int64', 'Int64', (block) => block.attributes.int64),
	map('attributes_double', 'Float64', (block) => block.attributes.double),
	map('attributes_bool', 'Bool', (block) => block.attributes.bool),
	map('attributes_other', 'String', (block) => block.attributes.other),
	ofEvents(array('event_time_nano', 'UInt64', ({ events }) => ({ ends: events.ends, items: events.timeUnixNano }))),
	ofEvents(eventNames),
	ofEvents(
		array('event_dropped_attributes', 'UInt32', ({ events }) => ({
			ends: events.ends,
			items: events.droppedAttributes,
		})),
	),
	ofEvents(arrayOfMaps('event_attributes', ({ events }) => events)),
	ofLinks(array('link_trace_id', 'FixedString(16)', ({ links }) => ({ ends: links.ends, items: links.traceId }))),
	ofLinks(array('link_span_id', 'FixedString(8)', ({ links }) => ({ ends: links.ends, items: links.spanId }))),
	ofLinks(array('link_trace_state', 'String', ({ links }) => ({ ends: links.ends, items: links.traceState.bytes }))),
	ofLinks(array('link_flags', 'UInt32', ({ links }) => ({ ends: links.ends, items: links.flags }))),
	ofLinks(
		array('link_dropped_attributes', 'UInt32', ({ links }) => ({ ends: links.ends, items: links.droppedAttributes })),
	),
	ofLinks(arrayOfMaps('link_attributes', ({ links }) => links)),
];

/** What of them an insert of these blocks has to bring. */
export const columnsOf = (blocks: Blocks): SpanColumn[] =>
	SPAN_COLUMNS.filter((column) => column.isEmpty?.(blocks) !== true);

export const namesOf = (columns: readonly SpanColumn[]): string => columns.map(({ name }) => name).join(', ');

/**
 * All rows of all blocks as one Native block of these columns. There is at least one row. Each column is made when it is
 * asked for, so that an insert of any size neither holds up others nor stands in memory whole.
 */
export function* encodeSpans(
	blocks: Blocks,
	columns: readonly SpanColumn[] = SPAN_COLUMNS,
	memory: PieceMemory = new PieceMemory(),
): Generator<Buffer, void, undefined> {
	const rows = blocks.reduce((total, block) => total + block.rows, 0);
	const sources: Sources = {
		resources: mergeSources(blocks, (block) => ({ rows: block.resource, sources: block.resources })),
		scopes: mergeSources(blocks, (block) => ({ rows: block.scope, sources: block.scopes })),
	};
	const out = new NativeBuilder(columns.length, rows, memory);
	for (const column of columns) {
		out.header(column.name, column.type);
		column.write(out, blocks, sources);
		yield* out.takePieces();
	}
	yield out.finish();
}

/** Sent end minus (start + duration), wrapping. In halves of 32 bits, because 64-bit arithmetic allocates. */
function endCorrections({ rows, startUnixNano, endUnixNano, durationNano }: SpanBlock): BigUint64Array {
	const corrections = new BigUint64Array(rows);
	const [start, end, duration] = [halves(startUnixNano), halves(endUnixNano), halves(durationNano)];
	for (let row = 0, low = 0; row < rows; row += 1, low += 2) {
		const lowSum = (start[low] ?? 0) + (duration[low] ?? 0);
		const carry = lowSum > 0xffff_ffff ? 1 : 0;
		const highSum = ((start[low + 1] ?? 0) + (duration[low + 1] ?? 0) + carry) >>> 0;
		if (lowSum >>> 0 === end[low] && highSum === end[low + 1]) continue;
		corrections[row] = (endUnixNano[row] ?? 0n) - (startUnixNano[row] ?? 0n) - (durationNano[row] ?? 0n);
	}
	return corrections;
}

const halves = (values: BigUint64Array): Uint32Array =>
	new Uint32Array(values.buffer, values.byteOffset, values.length * 2);

import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type {
	AttributeColumns,
	BlockResource,
	BlockScope,
	DictionaryColumn,
	EventColumns,
	LinkColumns,
	MapColumn,
	SpanBlock,
	StringColumn,
} from '../../schema/span-block.ts';
import { encodeColumns } from './column-frame.ts';
import type { Column } from './column-frame.ts';
import { partsOf } from './column-names.ts';
import { RecordError } from './record-error.ts';

type Columns = (readonly [name: string, values: Column])[];

const PROMOTED_NAMES = PROMOTED_ATTRIBUTES.map(({ attribute }) => `=${attribute}`);

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

import { contentStart, dictionaryTextAt, textAt } from '../../collector/pipeline/string-column.ts';
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { MapColumn, SpanBlock, StringColumn, TaggedValue } from '../../schema/span-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import { SPAN_TYPES } from '../../schema/span.ts';

/** One row of a block as a person would write it down, for tests to compare. */
export interface SpanView {
	traceId: string;
	spanId: string;
	parentSpanId: string;
	name: string;
	kind: number;
	traceState: string;
	flags: number;
	startUnixNano: bigint;
	endUnixNano: bigint;
	durationNano: bigint;
	timeUnixMs: bigint;
	statusCode: number;
	statusMessage: string;
	dropped: [attributes: number, events: number, links: number];
	marks: string[];
	/** All attributes as they came, whether they stand in a map or in a column of their own. */
	attributes: Record<string, TaggedValue>;
	events: { timeUnixNano: bigint; name: string; dropped: number; attributes: Record<string, TaggedValue> }[];
	links: {
		traceId: string;
		spanId: string;
		traceState: string;
		flags: number;
		dropped: number;
		attributes: Record<string, TaggedValue>;
	}[];
	service: string;
	resource: Record<string, TaggedValue>;
	scope: string;
	type: string;
	operation: string;
	/** Derived from the query: sanitised, and what it is grouped by in 16 hexadecimal digits. */
	query: { text: string; fingerprint: string };
	error: boolean;
	entry: boolean;
	weight: number;
	/** Promoted columns that are filled. */
	columns: Record<string, string>;
	/** Promoted attributes that live in their column alone. */
	own: string[];
}

const hex = (bytes: Uint8Array, start: number, length: number): string =>
	Buffer.from(bytes.subarray(start, start + length)).toString('hex');

/** Without a prototype, for keys may have any name. */
function record(entries: Iterable<readonly [string, TaggedValue]>): Record<string, TaggedValue> {
	const result = Object.create(null) as Record<string, TaggedValue>;
	for (const [key, value] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
		if (key in result) throw new Error(`${key} stands twice`);
		result[key] = value;
	}
	return result;
}

const doubleText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

function* entries<Values>(
	block: SpanBlock,
	map: MapColumn<Values>,
	row: number,
	text: (values: Values, entry: number) => TaggedValue,
): Generator<[string, TaggedValue]> {
	for (let entry = row === 0 ? 0 : map.ends[row - 1]!; entry < map.ends[row]!; entry++) {
		yield [textAt(block.attributeKeys, map.keys[entry]!), text(map.values, entry)];
	}
}

function columnText(block: SpanBlock, column: number, row: number): string {
	const values = block.promoted[column]!;
	if (values instanceof BigInt64Array) return values[row] === 0n ? '' : String(values[row]);
	return 'ids' in values ? dictionaryTextAt(values, row) : textAt(values, row);
}

function* ownAttributes(block: SpanBlock, row: number): Generator<[string, TaggedValue]> {
	for (const [i, { attribute, storage }] of PROMOTED_ATTRIBUTES.entries()) {
		if (((block.promotedOwn[row]! >>> i) & 1) === 0) continue;
		const values = block.promoted[i]!;
		yield [attribute, storage === 'int64' ? `i${(values as BigInt64Array)[row]}` : `s${columnText(block, i, row)}`];
	}
}

function spanAttributes(block: SpanBlock, row: number): Record<string, TaggedValue> {
	const { string, int64, double, bool, other } = block.attributes;
	return record([
		...entries(block, string, row, (values, entry) => `s${textAt(values, entry)}`),
		...entries(block, int64, row, (values, entry) => `i${values[entry]}`),
		...entries(block, double, row, (values, entry) => `d${doubleText(values[entry]!)}`),
		...entries(block, bool, row, (values, entry) => (values[entry] === 1 ? 'btrue' : 'bfalse')),
		...entries(block, other, row, (values, entry) => `j${textAt(values, entry)}`),
		...ownAttributes(block, row),
	]);
}

const taggedAttributes = (block: SpanBlock, map: MapColumn<StringColumn>, row: number): Record<string, TaggedValue> =>
	record(entries(block, map, row, textAt));

const range = (ends: Uint32Array, row: number): number[] => {
	const start = row === 0 ? 0 : ends[row - 1]!;
	return Array.from({ length: ends[row]! - start }, (_, i) => start + i);
};

export function viewSpan(block: SpanBlock, row: number): SpanView {
	const { events, links } = block;
	const resource = block.resources[block.resource[row]!]!;
	const scope = block.scopes[block.scope[row]!]!;
	const columns = PROMOTED_ATTRIBUTES.map(({ attribute }, i) => [attribute, columnText(block, i, row)] as const);
	return {
		traceId: hex(block.traceId, row * 16, 16),
		spanId: hex(block.spanId, row * 8, 8),
		parentSpanId: hex(block.parentSpanId, row * 8, 8),
		name: dictionaryTextAt(block.name, row),
		kind: block.kind[row]!,
		traceState: textAt(block.traceState, row),
		flags: block.flags[row]!,
		startUnixNano: block.startUnixNano[row]!,
		endUnixNano: block.endUnixNano[row]!,
		durationNano: block.durationNano[row]!,
		timeUnixMs: block.timeUnixMs[row]!,
		statusCode: block.statusCode[row]!,
		statusMessage: textAt(block.statusMessage, row),
		dropped: [block.droppedAttributes[row]!, block.droppedEvents[row]!, block.droppedLinks[row]!],
		marks: Object.entries(SPAN_MARKS).flatMap(([name, bit]) => ((block.marks[row]! & bit) === 0 ? [] : [name])),
		attributes: spanAttributes(block, row),
		events: range(events.ends, row).map((event) => ({
			timeUnixNano: events.timeUnixNano[event]!,
			name: dictionaryTextAt(events.name, event),
			dropped: events.droppedAttributes[event]!,
			attributes: taggedAttributes(block, events.attributes, event),
		})),
		links: range(links.ends, row).map((link) => ({
			traceId: hex(links.traceId, link * 16, 16),
			spanId: hex(links.spanId, link * 8, 8),
			traceState: textAt(links.traceState, link),
			flags: links.flags[link]!,
			dropped: links.droppedAttributes[link]!,
			attributes: taggedAttributes(block, links.attributes, link),
		})),
		service: resource.service,
		resource: record(resource.attributes),
		scope: `${scope.name}@${scope.version}`,
		type: SPAN_TYPES[block.type[row]!]!,
		operation: dictionaryTextAt(block.operation, row),
		query: {
			text: dictionaryTextAt(block.query.text, row),
			fingerprint: block.query.fingerprint[row]!.toString(16).padStart(16, '0'),
		},
		error: block.error[row] === 1,
		entry: block.entry[row] === 1,
		weight: block.weight[row]!,
		columns: Object.fromEntries(columns.filter(([, text]) => text !== '')),
		own: PROMOTED_ATTRIBUTES.flatMap(({ attribute }, i) =>
			((block.promotedOwn[row]! >>> i) & 1) === 0 ? [] : [attribute],
		),
	};
}

export const viewSpans = (block: SpanBlock): SpanView[] =>
	Array.from({ length: block.rows }, (_, row) => viewSpan(block, row));

/** Throws unless all columns of the block fit each other and every text is framed right. */
export function checkBlock(block: SpanBlock): void {
	const views = viewSpans(block);
	for (const column of [block.traceState, block.statusMessage, block.attributes.string.values]) {
		for (let row = 0; row < column.ends.length; row++) {
			if (contentStart(column, row) > column.ends[row]!) throw new Error(`row ${row} has no frame`);
		}
	}
	if (views.length !== block.rows) throw new Error('rows are missing');
}

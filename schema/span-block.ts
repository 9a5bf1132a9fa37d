/**
 * Spans as columns, from the decoder to the store: one array per field, never one object per span or attribute.
 * Arrays may share one buffer, and may lie in memory that serves the next block: who keeps a block packs it (packed-block.ts).
 */

/** Texts or byte strings, one a row, each framed as varint length + bytes: the framing of both protobuf and ClickHouse Native. */
export interface StringColumn {
	bytes: Uint8Array;
	/** For each row, where its frame ends in `bytes`; it begins where the row before ends. */
	ends: Uint32Array;
}

/** Repeated texts: `ids[row]` is a row of `dictionary`. Row 0 of every dictionary is the empty text. */
export interface DictionaryColumn {
	ids: Uint32Array;
	dictionary: StringColumn;
}

/** A map per row, flattened: the entries of row r are `ends[r - 1]` (or 0) to `ends[r]`. Keys are rows of `SpanBlock.attributeKeys`. */
export interface MapColumn<Values> {
	ends: Uint32Array;
	keys: Uint32Array;
	values: Values;
}

/**
 * Attributes by the type they came with. `other` holds bytes, arrays, maps and empty values as OTLP/JSON `AnyValue` text,
 * for instance `{"arrayValue":{"values":[{"intValue":"1"}]}}`, exact for int64, NaN and bytes.
 */
export interface AttributeColumns {
	string: MapColumn<StringColumn>;
	int64: MapColumn<BigInt64Array>;
	double: MapColumn<Float64Array>;
	bool: MapColumn<Uint8Array>;
	other: MapColumn<StringColumn>;
}

/**
 * A value with its type in front: `s` text, `i` int64 in decimal, `d` double as JavaScript prints it, `b` true or false,
 * `j` anything else as OTLP/JSON AnyValue. Used where attributes are few: resources, scopes, events, links.
 */
export type TaggedValue = string;

/** Events of all rows, flattened like a map: those of row r are `ends[r - 1]` to `ends[r]`. */
export interface EventColumns {
	ends: Uint32Array;
	timeUnixNano: BigUint64Array;
	name: DictionaryColumn;
	droppedAttributes: Uint32Array;
	/** Values are `TaggedValue`s. */
	attributes: MapColumn<StringColumn>;
}

/** Links of all rows, flattened like events. */
export interface LinkColumns {
	ends: Uint32Array;
	/** 16 bytes each. */
	traceId: Uint8Array;
	/** 8 bytes each. */
	spanId: Uint8Array;
	traceState: StringColumn;
	flags: Uint32Array;
	droppedAttributes: Uint32Array;
	attributes: MapColumn<StringColumn>;
}

/** What was worked out of the spans' database queries (`db.query.text`); the queries themselves stay attributes. */
export interface QueryColumns {
	/** With `?` for every value, empty without a query. */
	text: DictionaryColumn;
	/** The same for queries of one system that differ in values and blanks alone; 0 without a query. */
	fingerprint: BigUint64Array;
}

/** One per ResourceSpans, so a plain object. `id` is a hash of all the other fields: the same resource has the same id everywhere. */
export interface BlockResource {
	id: bigint;
	service: string;
	namespace: string;
	version: string;
	instance: string;
	environment: string;
	attributes: [key: string, value: TaggedValue][];
	droppedAttributes: number;
	schemaUrl: string;
}

/** One per ScopeSpans. `id` is a hash of all the other fields. */
export interface BlockScope {
	id: bigint;
	name: string;
	version: string;
	attributes: [key: string, value: TaggedValue][];
	droppedAttributes: number;
	schemaUrl: string;
}

/** What the receiver changed or doubted, as bits of `SpanBlock.marks`. */
export const SPAN_MARKS = {
	/** The end was outside the accepted range: `time` is the receive time. */
	clockAdjusted: 1,
	/** The end was 0 (never ended). */
	neverEnded: 2,
	/** The end was before the start: the duration is 0. */
	endBeforeStart: 4,
	/** Attributes, events, links or a value were cut at a limit. */
	cut: 8,
	/** A secret was redacted. */
	redacted: 16,
	/** The parent id was malformed and was dropped. */
	parentDropped: 32,
	/** An id came in base64 instead of hexadecimal. */
	base64Id: 64,
} as const;

export interface SpanBlock {
	version: 1;
	project: string;
	rows: number;
	/** 16 bytes a row. */
	traceId: Uint8Array;
	/** 8 bytes a row. */
	spanId: Uint8Array;
	/** 8 bytes a row; zeros for a root. */
	parentSpanId: Uint8Array;
	/** As sent. */
	startUnixNano: BigUint64Array;
	/** As sent. */
	endUnixNano: BigUint64Array;
	/** End minus start, 0 when that is negative. */
	durationNano: BigUint64Array;
	/** Where windows and partitions place the span: its end, or the receive time when the end is out of range. */
	timeUnixMs: BigInt64Array;
	/** OTLP's number, 0 to 5. */
	kind: Uint8Array;
	/** OTLP's number: 0 unset, 1 ok, 2 error. */
	statusCode: Uint8Array;
	flags: Uint32Array;
	marks: Uint32Array;
	droppedAttributes: Uint32Array;
	droppedEvents: Uint32Array;
	droppedLinks: Uint32Array;
	name: DictionaryColumn;
	traceState: StringColumn;
	statusMessage: StringColumn;
	/** Row of `resources`, and of `scopes`. */
	resource: Uint32Array;
	scope: Uint32Array;
	resources: BlockResource[];
	scopes: BlockScope[];
	attributeKeys: StringColumn;
	attributes: AttributeColumns;
	events: EventColumns;
	links: LinkColumns;

	/** Derived by the pipeline. Index into SPAN_TYPES. */
	type: Uint8Array;
	/** 1 when the span counts as a failure (`error:true`). */
	error: Uint8Array;
	/** 1 for kind SERVER or CONSUMER, or without a parent. */
	entry: Uint8Array;
	/** How many spans this one stands for, 1 unless tracestate's `ot=th` says otherwise. */
	weight: Float64Array;
	operation: DictionaryColumn;
	query: QueryColumns;
	/** One per entry of PROMOTED_ATTRIBUTES, same order. */
	promoted: (DictionaryColumn | StringColumn | BigInt64Array)[];
	/**
	 * Bit i set: promoted attribute i came under its canonical name and type, and lives in its column alone.
	 * Not set: the column, if filled, is a copy of an attribute that still stands in the maps.
	 */
	promotedOwn: Uint32Array;
}

/** Makes a SpanBlock from plain objects, as the receiver and the pipeline would from a request. */
import { createHash } from 'node:crypto';
import type { AnyValue } from '../../schema/api.ts';
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type {
	AttributeColumns,
	BlockResource,
	BlockScope,
	DictionaryColumn,
	MapColumn,
	SpanBlock,
	StringColumn,
} from '../../schema/span-block.ts';

export type PlainAttributes = readonly (readonly [key: string, value: AnyValue])[];

export interface PlainResource {
	service?: string;
	namespace?: string;
	version?: string;
	instance?: string;
	environment?: string;
	attributes?: PlainAttributes;
	droppedAttributes?: number;
	schemaUrl?: string;
}

interface PlainScope {
	name?: string;
	version?: string;
	attributes?: PlainAttributes;
	droppedAttributes?: number;
	schemaUrl?: string;
}

interface PlainEvent {
	timeUnixNano: bigint;
	name: string;
	attributes?: PlainAttributes;
	droppedAttributes?: number;
}

interface PlainLink {
	traceId: string;
	spanId: string;
	traceState?: string;
	flags?: number;
	attributes?: PlainAttributes;
	droppedAttributes?: number;
}

/** Ids in hexadecimal. What is left out is zero or empty; `entry` follows from kind and parent, `time` from the end. */
export interface PlainSpan {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	startUnixNano: bigint;
	endUnixNano: bigint;
	timeUnixMs?: number;
	name?: string;
	operation?: string;
	/** OTLP's number. */
	kind?: number;
	/** OTLP's number. */
	statusCode?: number;
	statusMessage?: string;
	traceState?: string;
	flags?: number;
	marks?: number;
	droppedAttributes?: number;
	droppedEvents?: number;
	droppedLinks?: number;
	/** Index into SPAN_TYPES. */
	type?: number;
	error?: boolean;
	entry?: boolean;
	weight?: number;
	resource?: PlainResource;
	scope?: PlainScope;
	/** What stands in the maps. */
	attributes?: PlainAttributes;
	/** What is derived from the query: sanitised, and 64 bits that stand for it. */
	query?: { text: string; fingerprint: bigint };
	/** Promoted attributes that came under their canonical name and type: they stand in their columns alone. */
	promoted?: Readonly<Record<string, string | bigint>>;
	/** Promoted attributes whose columns are copies of something in the maps. */
	copied?: Readonly<Record<string, string | bigint>>;
	events?: readonly PlainEvent[];
	links?: readonly PlainLink[];
}

/** A dictionary under construction; row 0 is the empty text. */
class Texts {
	readonly #rows = new Map<string, number>([['', 0]]);

	row(text: string): number {
		const found = this.#rows.get(text);
		if (found !== undefined) return found;
		this.#rows.set(text, this.#rows.size);
		return this.#rows.size - 1;
	}

	strings(): StringColumn {
		return stringColumn([...this.#rows.keys()]);
	}
}

export function spanBlock(spans: readonly PlainSpan[], project = 'default'): SpanBlock {
	const keys = new Texts();
	const resources = distinct(spans.map((span) => blockResource(span.resource ?? {})));
	const scopes = distinct(spans.map((span) => blockScope(span.scope ?? {})));
	const events = spans.flatMap((span) => span.events ?? []);
	const links = spans.flatMap((span) => span.links ?? []);
	const duration = (span: PlainSpan) =>
		span.endUnixNano > span.startUnixNano ? span.endUnixNano - span.startUnixNano : 0n;
	const u32 = (of: (span: PlainSpan) => number | undefined) => Uint32Array.from(spans, (span) => of(span) ?? 0);
	const u8 = (of: (span: PlainSpan) => number | undefined) => Uint8Array.from(spans, (span) => of(span) ?? 0);
	const block: Omit<SpanBlock, 'attributeKeys'> = {
		version: 1,
		project,
		rows: spans.length,
		traceId: hexColumn(
			spans.map((span) => span.traceId),
			16,
		),
		spanId: hexColumn(
			spans.map((span) => span.spanId),
			8,
		),
		parentSpanId: hexColumn(
			spans.map((span) => span.parentSpanId ?? ''),
			8,
		),
		startUnixNano: BigUint64Array.from(spans, (span) => span.startUnixNano),
		endUnixNano: BigUint64Array.from(spans, (span) => span.endUnixNano),
		durationNano: BigUint64Array.from(spans, duration),
		timeUnixMs: BigInt64Array.from(spans, timeOf),
		kind: u8((span) => span.kind),
		statusCode: u8((span) => span.statusCode),
		flags: u32((span) => span.flags),
		marks: u32((span) => span.marks),
		droppedAttributes: u32((span) => span.droppedAttributes),
		droppedEvents: u32((span) => span.droppedEvents),
		droppedLinks: u32((span) => span.droppedLinks),
		name: dictionaryColumn(spans.map((span) => span.name ?? '')),
		traceState: stringColumn(spans.map((span) => span.traceState ?? '')),
		statusMessage: stringColumn(spans.map((span) => span.statusMessage ?? '')),
		resource: Uint32Array.from(spans, (span) => resources.rowOf(blockResource(span.resource ?? {}))),
		scope: Uint32Array.from(spans, (span) => scopes.rowOf(blockScope(span.scope ?? {}))),
		resources: resources.all,
		scopes: scopes.all,
		attributes: attributeColumns(
			spans.map((span) => span.attributes ?? []),
			keys,
		),
		events: {
			ends: endsOf(spans.map((span) => span.events ?? [])),
			timeUnixNano: BigUint64Array.from(events, (event) => event.timeUnixNano),
			name: dictionaryColumn(events.map((event) => event.name)),
			droppedAttributes: Uint32Array.from(events, (event) => event.droppedAttributes ?? 0),
			attributes: taggedMaps(
				events.map((event) => event.attributes ?? []),
				keys,
			),
		},
		links: {
			ends: endsOf(spans.map((span) => span.links ?? [])),
			traceId: hexColumn(
				links.map((link) => link.traceId),
				16,
			),
			spanId: hexColumn(
				links.map((link) => link.spanId),
				8,
			),
			traceState: stringColumn(links.map((link) => link.traceState ?? '')),
			flags: Uint32Array.from(links, (link) => link.flags ?? 0),
			droppedAttributes: Uint32Array.from(links, (link) => link.droppedAttributes ?? 0),
			attributes: taggedMaps(
				links.map((link) => link.attributes ?? []),
				keys,
			),
		},
		type: u8((span) => span.type),
		error: u8((span) => Number(span.error ?? false)),
		entry: u8((span) => Number(span.entry ?? isEntry(span))),
		weight: Float64Array.from(spans, (span) => span.weight ?? 1),
		operation: dictionaryColumn(spans.map((span) => span.operation ?? span.name ?? '')),
		query: {
			text: dictionaryColumn(spans.map((span) => span.query?.text ?? '')),
			fingerprint: BigUint64Array.from(spans, (span) => span.query?.fingerprint ?? 0n),
		},
		promoted: PROMOTED_ATTRIBUTES.map(({ attribute, storage }) => {
			const values = spans.map((span) => span.promoted?.[attribute] ?? span.copied?.[attribute]);
			if (storage === 'int64') return BigInt64Array.from(values, (value) => BigInt(value ?? 0n));
			const texts = values.map((value) => String(value ?? ''));
			return storage === 'dictionary' ? dictionaryColumn(texts) : stringColumn(texts);
		}),
		promotedOwn: u32(({ promoted = {} }) =>
			PROMOTED_ATTRIBUTES.reduce((bits, { attribute }, bit) => (attribute in promoted ? bits | (1 << bit) : bits), 0),
		),
	};
	return { ...block, attributeKeys: keys.strings() };
}

/** When the span counts: see SpanBlock.timeUnixMs. */
export const timeOf = (span: PlainSpan): bigint =>
	span.timeUnixMs === undefined
		? (span.endUnixNano === 0n ? span.startUnixNano : span.endUnixNano) / 1_000_000n
		: BigInt(span.timeUnixMs);

export const isEntry = (span: PlainSpan): boolean =>
	span.kind === 2 || span.kind === 5 || !/[^0]/.test(span.parentSpanId ?? '');

/** `TaggedValue` of schema/span-block.ts. */
export function taggedValue(value: AnyValue): string {
	if (value.stringValue !== undefined) return `s${value.stringValue}`;
	if (value.intValue !== undefined) return `i${value.intValue}`;
	if (value.doubleValue !== undefined) return `d${value.doubleValue}`;
	if (value.boolValue !== undefined) return `b${value.boolValue}`;
	return `j${JSON.stringify(value)}`;
}

const taggedAttributes = (attributes: PlainAttributes = []): [string, string][] =>
	attributes.map(([key, value]) => [key, taggedValue(value)]);

function blockResource(resource: PlainResource): BlockResource {
	const fields = {
		service: resource.service ?? 'unknown_service',
		namespace: resource.namespace ?? '',
		version: resource.version ?? '',
		instance: resource.instance ?? '',
		environment: resource.environment ?? '',
		attributes: taggedAttributes(resource.attributes),
		droppedAttributes: resource.droppedAttributes ?? 0,
		schemaUrl: resource.schemaUrl ?? '',
	};
	return { id: hashOf(fields), ...fields };
}

function blockScope(scope: PlainScope): BlockScope {
	const fields = {
		name: scope.name ?? '',
		version: scope.version ?? '',
		attributes: taggedAttributes(scope.attributes),
		droppedAttributes: scope.droppedAttributes ?? 0,
		schemaUrl: scope.schemaUrl ?? '',
	};
	return { id: hashOf(fields), ...fields };
}

const hashOf = (fields: object): bigint =>
	createHash('sha256').update(JSON.stringify(fields)).digest().readBigUInt64BE();

function distinct<Source extends { id: bigint }>(sources: Source[]): { all: Source[]; rowOf(source: Source): number } {
	const rows = new Map<bigint, number>();
	const all: Source[] = [];
	for (const source of sources) {
		if (rows.has(source.id)) continue;
		rows.set(source.id, all.length);
		all.push(source);
	}
	return { all, rowOf: (source) => rows.get(source.id) ?? 0 };
}

function stringColumn(texts: readonly string[]): StringColumn {
	const bytes: number[] = [];
	const ends = texts.map((text) => {
		const encoded = Buffer.from(text);
		let length = encoded.length;
		for (; length > 127; length >>>= 7) bytes.push((length & 127) | 128);
		bytes.push(length);
		for (const byte of encoded) bytes.push(byte);
		return bytes.length;
	});
	return { bytes: Uint8Array.from(bytes), ends: Uint32Array.from(ends) };
}

function dictionaryColumn(texts: readonly string[]): DictionaryColumn {
	const rows = new Texts();
	const ids = Uint32Array.from(texts, (text) => rows.row(text));
	return { ids, dictionary: rows.strings() };
}

function hexColumn(ids: readonly string[], size: number): Uint8Array {
	const bytes = new Uint8Array(ids.length * size);
	ids.forEach((id, row) => bytes.set(Buffer.from(id, 'hex'), row * size));
	return bytes;
}

function endsOf(lists: readonly (readonly unknown[])[]): Uint32Array {
	let end = 0;
	return Uint32Array.from(lists, (list) => (end += list.length));
}

function mapColumn<Values>(
	rows: readonly PlainAttributes[],
	keys: Texts,
	values: (flat: AnyValue[]) => Values,
): MapColumn<Values> {
	const flat = rows.flat();
	return {
		ends: endsOf(rows),
		keys: Uint32Array.from(flat, ([key]) => keys.row(key)),
		values: values(flat.map(([, value]) => value)),
	};
}

const taggedMaps = (rows: readonly PlainAttributes[], keys: Texts): MapColumn<StringColumn> =>
	mapColumn(rows, keys, (flat) => stringColumn(flat.map(taggedValue)));

function attributeColumns(rows: readonly PlainAttributes[], keys: Texts): AttributeColumns {
	const only = (...kinds: (keyof AnyValue)[]) =>
		rows.map((row) => row.filter(([, value]) => kinds.some((kind) => value[kind] !== undefined)));
	const simple: (keyof AnyValue)[] = ['stringValue', 'intValue', 'doubleValue', 'boolValue'];
	const others = rows.map((row) => row.filter(([, value]) => simple.every((kind) => value[kind] === undefined)));
	return {
		string: mapColumn(only('stringValue'), keys, (flat) => stringColumn(flat.map((value) => value.stringValue ?? ''))),
		int64: mapColumn(only('intValue'), keys, (flat) =>
			BigInt64Array.from(flat, (value) => BigInt(value.intValue ?? 0)),
		),
		double: mapColumn(only('doubleValue'), keys, (flat) =>
			Float64Array.from(flat, (value) => Number(value.doubleValue)),
		),
		bool: mapColumn(only('boolValue'), keys, (flat) => Uint8Array.from(flat, (value) => Number(value.boolValue))),
		other: mapColumn(others, keys, (flat) => stringColumn(flat.map((value) => JSON.stringify(value)))),
	};
}

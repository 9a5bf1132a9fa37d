import type { AnyValue, KeyValue } from '../../../schema/api.ts';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import { doubleValue, otherValue, untagValue } from './any-value.ts';
import type { NativeTable } from '../native/native-reader.ts';

/** Everything of a span but what it shares with others: resource and scope are found by their ids. */
export interface StoredSpan {
	traceId: string;
	spanId: string;
	/** Empty for a root. */
	parentSpanId: string;
	startUnixNano: bigint;
	durationNano: bigint;
	/** As sent. */
	endUnixNano: bigint;
	timeMs: number;
	kind: number;
	type: number;
	status: number;
	error: boolean;
	weight: number;
	flags: number;
	marks: number;
	droppedAttributes: number;
	droppedEvents: number;
	droppedLinks: number;
	namespace: string;
	service: string;
	environment: string;
	version: string;
	operation: string;
	name: string;
	statusMessage: string;
	traceState: string;
	resourceId: bigint;
	scopeId: bigint;
	attributes: KeyValue[];
	events: StoredEvent[];
	links: StoredLink[];
}

export interface StoredEvent {
	timeUnixNano: bigint;
	name: string;
	attributes: KeyValue[];
	droppedAttributes: number;
}

export interface StoredLink {
	traceId: string;
	spanId: string;
	traceState: string;
	flags: number;
	attributes: KeyValue[];
	droppedAttributes: number;
}

const promotedColumns = PROMOTED_ATTRIBUTES.map((attribute) => attribute.column).join(', ');

/** What `storedSpans` needs. */
export const STORED_SPAN_COLUMNS = `
	trace_id, span_id, parent_span_id, start_nano, duration_nano, end_correction_nano, time, kind, type, status, error, weight,
	flags, marks, dropped_attributes, dropped_events, dropped_links, service_namespace, service, environment, version,
	operation, name, status_message, trace_state, resource_id, scope_id, ${promotedColumns}, promoted_own,
	attributes_string, attributes_int64, attributes_double, attributes_bool, attributes_other,
	event_time_nano, event_name, event_dropped_attributes, event_attributes,
	link_trace_id, link_span_id, link_trace_state, link_flags, link_dropped_attributes, link_attributes`;

/** Reads one row's share of something. */
type OfRow<Value> = (row: number) => Value;

export function storedSpans(table: NativeTable): StoredSpan[] {
	const traceId = hexOf(table, 'trace_id', 16);
	const spanId = hexOf(table, 'span_id', 8);
	const parentSpanId = hexOf(table, 'parent_span_id', 8);
	const start = table.numbers('start_nano', 'uint64');
	const duration = table.numbers('duration_nano', 'uint64');
	const correction = table.numbers('end_correction_nano', 'uint64');
	const time = table.numbers('time', 'int64');
	const resourceId = table.numbers('resource_id', 'uint64');
	const scopeId = table.numbers('scope_id', 'uint64');
	const weight = table.numbers('weight', 'float64');
	const small = smallNumbers(table);
	const text = textsOf(table);
	const attributes = attributesOf(table);
	const events = eventsOf(table);
	const links = linksOf(table);
	return Array.from({ length: table.rows }, (_, row) => ({
		traceId: traceId(row),
		spanId: spanId(row),
		parentSpanId: /[^0]/.test(parentSpanId(row)) ? parentSpanId(row) : '',
		startUnixNano: start[row] ?? 0n,
		durationNano: duration[row] ?? 0n,
		endUnixNano: BigInt.asUintN(64, (start[row] ?? 0n) + (duration[row] ?? 0n) + (correction[row] ?? 0n)),
		timeMs: Number(time[row] ?? 0n),
		weight: weight[row] ?? 1,
		resourceId: resourceId[row] ?? 0n,
		scopeId: scopeId[row] ?? 0n,
		...small(row),
		...text(row),
		attributes: attributes(row),
		events: events(row),
		links: links(row),
	}));
}

function smallNumbers(table: NativeTable) {
	const bytes = (name: string) => table.numbers(name, 'uint8');
	const words = (name: string) => table.numbers(name, 'uint32');
	const [kind, type, status, error] = [bytes('kind'), bytes('type'), bytes('status'), bytes('error')];
	const [flags, marks] = [words('flags'), words('marks')];
	const droppedAttributes = words('dropped_attributes');
	const droppedEvents = words('dropped_events');
	const droppedLinks = words('dropped_links');
	return (row: number) => ({
		kind: kind[row] ?? 0,
		type: type[row] ?? 0,
		status: status[row] ?? 0,
		error: error[row] === 1,
		flags: flags[row] ?? 0,
		marks: marks[row] ?? 0,
		droppedAttributes: droppedAttributes[row] ?? 0,
		droppedEvents: droppedEvents[row] ?? 0,
		droppedLinks: droppedLinks[row] ?? 0,
	});
}

function textsOf(table: NativeTable) {
	const namespace = dictionaryOf(table, 'service_namespace');
	const service = dictionaryOf(table, 'service');
	const environment = dictionaryOf(table, 'environment');
	const version = dictionaryOf(table, 'version');
	const operation = dictionaryOf(table, 'operation');
	const name = dictionaryOf(table, 'name');
	const statusMessage = table.strings('status_message');
	const traceState = table.strings('trace_state');
	return (row: number) => ({
		namespace: namespace(row),
		service: service(row),
		environment: environment(row),
		version: version(row),
		operation: operation(row),
		name: name(row),
		statusMessage: statusMessage[row] ?? '',
		traceState: traceState[row] ?? '',
	});
}

function hexOf(table: NativeTable, name: string, size: number): OfRow<string> {
	const bytes = Buffer.from(table.fixed(name).buffer);
	return (row) => bytes.toString('hex', row * size, (row + 1) * size);
}

function dictionaryOf(table: NativeTable, name: string): OfRow<string> {
	const { ids, dictionary } = table.dictionary(name);
	return (row) => dictionary[ids[row] ?? 0] ?? '';
}

/** The elements of one row of an array or map, each by `element` from its place among all elements. */
function elementsOf<Element>(ends: readonly number[], element: OfRow<Element>): OfRow<Element[]> {
	return (row) => {
		const elements: Element[] = [];
		for (let at = row === 0 ? 0 : (ends[row - 1] ?? 0); at < (ends[row] ?? 0); at += 1) elements.push(element(at));
		return elements;
	};
}

function mapOf(table: NativeTable, name: string, valueOf: (items: NativeTable) => OfRow<AnyValue>): OfRow<KeyValue[]> {
	const { ends, table: entries } = table.nested(name);
	const key = dictionaryOf(entries, 'keys');
	const value = valueOf(entries);
	return elementsOf(ends, (at) => ({ key: key(at), value: value(at) }));
}

/** Values as text, in whichever column `items` is. */
function textValue(items: NativeTable, of: (text: string) => AnyValue): OfRow<AnyValue> {
	const texts = items.strings('items');
	return (at) => of(texts[at] ?? '');
}

/** From the maps, and from the columns of those promoted attributes that are in no map. */
function attributesOf(table: NativeTable): OfRow<KeyValue[]> {
	const own = table.numbers('promoted_own', 'uint32');
	const promoted = PROMOTED_ATTRIBUTES.map((attribute) => promotedValue(table, attribute));
	const maps = [
		mapOf(table, 'attributes_string', (items) => textValue(items, (stringValue) => ({ stringValue }))),
		mapOf(table, 'attributes_int64', (items) => {
			const values = items.numbers('items', 'int64');
			return (at) => ({ intValue: String(values[at] ?? 0n) });
		}),
		mapOf(table, 'attributes_double', (items) => {
			const values = items.numbers('items', 'float64');
			return (at) => doubleValue(values[at] ?? 0);
		}),
		mapOf(table, 'attributes_bool', (items) => {
			const values = items.numbers('items', 'uint8');
			return (at) => ({ boolValue: values[at] === 1 });
		}),
		mapOf(table, 'attributes_other', (items) => textValue(items, otherValue)),
	];
	return (row) => {
		const bits = own[row] ?? 0;
		const fromColumns = PROMOTED_ATTRIBUTES.flatMap(({ attribute }, index) => {
			const value = (bits >>> index) & 1 ? promoted[index]?.(row) : undefined;
			return value === undefined ? [] : [{ key: attribute, value }];
		});
		return fromColumns.concat(...maps.map((map) => map(row)));
	};
}

function promotedValue(table: NativeTable, attribute: (typeof PROMOTED_ATTRIBUTES)[number]): OfRow<AnyValue> {
	if (attribute.storage === 'int64') {
		const values = table.numbers(attribute.column, 'int64');
		return (row) => ({ intValue: String(values[row] ?? 0n) });
	}
	if (attribute.storage === 'string') {
		const values = table.strings(attribute.column);
		return (row) => ({ stringValue: values[row] ?? '' });
	}
	const text = dictionaryOf(table, attribute.column);
	return (row) => ({ stringValue: text(row) });
}

/** The tagged maps of events or links: for each element over all rows, its attributes. */
function elementAttributes(table: NativeTable, name: string): OfRow<KeyValue[]> {
	return mapOf(table.nested(name).table, 'items', (items) => textValue(items, untagValue));
}

function eventsOf(table: NativeTable): OfRow<StoredEvent[]> {
	const { ends, table: times } = table.nested('event_time_nano');
	const time = times.numbers('items', 'uint64');
	const name = dictionaryOf(table.nested('event_name').table, 'items');
	const dropped = table.nested('event_dropped_attributes').table.numbers('items', 'uint32');
	const attributes = elementAttributes(table, 'event_attributes');
	return elementsOf(ends, (at) => ({
		timeUnixNano: time[at] ?? 0n,
		name: name(at),
		attributes: attributes(at),
		droppedAttributes: dropped[at] ?? 0,
	}));
}

function linksOf(table: NativeTable): OfRow<StoredLink[]> {
	const { ends, table: traces } = table.nested('link_trace_id');
	const traceId = hexOf(traces, 'items', 16);
	const spanId = hexOf(table.nested('link_span_id').table, 'items', 8);
	const traceState = table.nested('link_trace_state').table.strings('items');
	const flags = table.nested('link_flags').table.numbers('items', 'uint32');
	const dropped = table.nested('link_dropped_attributes').table.numbers('items', 'uint32');
	const attributes = elementAttributes(table, 'link_attributes');
	return elementsOf(ends, (at) => ({
		traceId: traceId(at),
		spanId: spanId(at),
		traceState: traceState[at] ?? '',
		flags: flags[at] ?? 0,
		attributes: attributes(at),
		droppedAttributes: dropped[at] ?? 0,
	}));
}

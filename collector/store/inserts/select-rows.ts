import type {
	AttributeColumns,
	DictionaryColumn,
	EventColumns,
	LinkColumns,
	MapColumn,
	SpanBlock,
	StringColumn,
} from '../../../schema/span-block.ts';

/** The elements of some rows, flattened again: which they were, and where each row's now end. */
interface Elements {
	ends: Uint32Array;
	indexes: Uint32Array;
}

type Numbers = Uint8Array | Uint32Array | BigUint64Array | BigInt64Array | Float64Array;

/** Some rows of a block as a block of their own, in the given order. Dictionaries, resources and scopes are shared, not copied. */
export function selectRows(block: SpanBlock, rows: Uint32Array): SpanBlock {
	// Named one by one: a column that is forgotten here is an error of types, rather than one of an insert.
	const { version, project, resources, scopes, attributeKeys } = block;
	return {
		version,
		project,
		resources,
		scopes,
		attributeKeys,
		rows: rows.length,
		traceId: pickChunks(block.traceId, rows, 16),
		spanId: pickChunks(block.spanId, rows, 8),
		parentSpanId: pickChunks(block.parentSpanId, rows, 8),
		startUnixNano: pick(block.startUnixNano, rows),
		endUnixNano: pick(block.endUnixNano, rows),
		durationNano: pick(block.durationNano, rows),
		timeUnixMs: pick(block.timeUnixMs, rows),
		kind: pick(block.kind, rows),
		statusCode: pick(block.statusCode, rows),
		flags: pick(block.flags, rows),
		marks: pick(block.marks, rows),
		droppedAttributes: pick(block.droppedAttributes, rows),
		droppedEvents: pick(block.droppedEvents, rows),
		droppedLinks: pick(block.droppedLinks, rows),
		name: pickTexts(block.name, rows),
		traceState: pickStrings(block.traceState, rows),
		statusMessage: pickStrings(block.statusMessage, rows),
		resource: pick(block.resource, rows),
		scope: pick(block.scope, rows),
		attributes: pickAttributes(block.attributes, rows),
		events: pickEvents(block.events, rows),
		links: pickLinks(block.links, rows),
		type: pick(block.type, rows),
		error: pick(block.error, rows),
		entry: pick(block.entry, rows),
		weight: pick(block.weight, rows),
		operation: pickTexts(block.operation, rows),
		query: { text: pickTexts(block.query.text, rows), fingerprint: pick(block.query.fingerprint, rows) },
		promoted: block.promoted.map((column) => pickPromoted(column, rows)),
		promotedOwn: pick(block.promotedOwn, rows),
	};
}

function pick<Values extends Numbers>(values: Values, rows: Uint32Array): Values {
	const picked = new (values.constructor as new (length: number) => Values)(rows.length);
	for (let index = 0; index < rows.length; index += 1) picked[index] = values[rows[index] ?? 0] ?? 0;
	return picked;
}

function pickChunks(bytes: Uint8Array, rows: Uint32Array, size: number): Uint8Array {
	const picked = new Uint8Array(rows.length * size);
	rows.forEach((row, index) => picked.set(bytes.subarray(row * size, (row + 1) * size), index * size));
	return picked;
}

function pickStrings({ bytes, ends }: StringColumn, rows: Uint32Array): StringColumn {
	const from = (row: number) => (row === 0 ? 0 : (ends[row - 1] ?? 0));
	const pickedEnds = new Uint32Array(rows.length);
	let length = 0;
	rows.forEach((row, index) => (pickedEnds[index] = length += (ends[row] ?? 0) - from(row)));
	const picked = new Uint8Array(length);
	rows.forEach((row, index) =>
		picked.set(bytes.subarray(from(row), ends[row]), index === 0 ? 0 : pickedEnds[index - 1]),
	);
	return { bytes: picked, ends: pickedEnds };
}

const pickTexts = ({ ids, dictionary }: DictionaryColumn, rows: Uint32Array): DictionaryColumn => ({
	ids: pick(ids, rows),
	dictionary,
});

function pickPromoted(column: SpanBlock['promoted'][number], rows: Uint32Array): SpanBlock['promoted'][number] {
	if (column instanceof BigInt64Array) return pick(column, rows);
	return 'ids' in column ? pickTexts(column, rows) : pickStrings(column, rows);
}

function elementsOf(ends: Uint32Array, rows: Uint32Array): Elements {
	const pickedEnds = new Uint32Array(rows.length);
	const indexes: number[] = [];
	rows.forEach((row, index) => {
		for (let element = row === 0 ? 0 : (ends[row - 1] ?? 0); element < (ends[row] ?? 0); element += 1)
			indexes.push(element);
		pickedEnds[index] = indexes.length;
	});
	return { ends: pickedEnds, indexes: Uint32Array.from(indexes) };
}

function pickMap<Values>(
	map: MapColumn<Values>,
	rows: Uint32Array,
	values: (values: Values, indexes: Uint32Array) => Values,
): MapColumn<Values> {
	const { ends, indexes } = elementsOf(map.ends, rows);
	return { ends, keys: pick(map.keys, indexes), values: values(map.values, indexes) };
}

const pickAttributes = (attributes: AttributeColumns, rows: Uint32Array): AttributeColumns => ({
	string: pickMap(attributes.string, rows, pickStrings),
	int64: pickMap(attributes.int64, rows, pick),
	double: pickMap(attributes.double, rows, pick),
	bool: pickMap(attributes.bool, rows, pick),
	other: pickMap(attributes.other, rows, pickStrings),
});

function pickEvents(events: EventColumns, rows: Uint32Array): EventColumns {
	const { ends, indexes } = elementsOf(events.ends, rows);
	return {
		ends,
		timeUnixNano: pick(events.timeUnixNano, indexes),
		name: pickTexts(events.name, indexes),
		droppedAttributes: pick(events.droppedAttributes, indexes),
		attributes: pickMap(events.attributes, indexes, pickStrings),
	};
}

function pickLinks(links: LinkColumns, rows: Uint32Array): LinkColumns {
	const { ends, indexes } = elementsOf(links.ends, rows);
	return {
		ends,
		traceId: pickChunks(links.traceId, indexes, 16),
		spanId: pickChunks(links.spanId, indexes, 8),
		traceState: pickStrings(links.traceState, indexes),
		flags: pick(links.flags, indexes),
		droppedAttributes: pick(links.droppedAttributes, indexes),
		attributes: pickMap(links.attributes, indexes, pickStrings),
	};
}

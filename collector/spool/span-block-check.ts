import type {
	DictionaryColumn,
	EventColumns,
	LinkColumns,
	MapColumn,
	SpanBlock,
	StringColumn,
} from '../../schema/span-block.ts';
import { RecordError } from './record-error.ts';

/** Throws when the parts of a block don't fit together. Lengths have been checked by who read them. */
export function checkSpanBlock(block: SpanBlock): void {
	checkBelow('kind', block.kind, 6);
	checkBelow('status', block.statusCode, 3);
	checkBelow('error', block.error, 2);
	checkBelow('entry', block.entry, 2);
	checkBelow('resource', block.resource, block.resources.length);
	checkBelow('scope', block.scope, block.scopes.length);
	checkDictionary('name', block.name);
	checkDictionary('operation', block.operation);
	checkDictionary('query text', block.query.text);
	for (const [index, column] of block.promoted.entries()) {
		if ('ids' in column) checkDictionary(`promoted ${index}`, column);
		else if ('bytes' in column) checkStrings(`promoted ${index}`, column);
	}
	checkStrings('trace_state', block.traceState);
	checkStrings('status_message', block.statusMessage);
	checkStrings('keys', block.attributeKeys);
	const keys = block.attributeKeys.ends.length;
	const { string, int64, double, bool, other } = block.attributes;
	for (const [name, map] of Object.entries({ string, int64, double, bool, other })) checkMap(name, map, keys);
	checkBelow('bool values', bool.values, 2);
	checkStrings('string values', string.values);
	checkStrings('other values', other.values);
	checkElements('events', block.events, keys);
	checkDictionary('event name', block.events.name);
	checkElements('links', block.links, keys);
	checkStrings('link.trace_state', block.links.traceState);
}

function checkElements(name: string, elements: EventColumns | LinkColumns, keys: number): void {
	checkEnds(name, elements.ends);
	checkMap(`${name} attributes`, elements.attributes, keys);
	checkStrings(`${name} attributes`, elements.attributes.values);
}

function checkMap(name: string, map: MapColumn<unknown>, keys: number): void {
	checkEnds(name, map.ends);
	checkBelow(`${name} keys`, map.keys, keys);
}

function checkDictionary(name: string, { ids, dictionary }: DictionaryColumn): void {
	checkStrings(name, dictionary);
	if (dictionary.ends[0] !== 1) throw new RecordError(`row 0 of the dictionary of ${name} is not the empty text`);
	checkBelow(name, ids, dictionary.ends.length);
}

function checkBelow(name: string, values: Uint8Array | Uint32Array, bound: number): void {
	for (let row = 0; row < values.length; row += 1) {
		const value = values[row] ?? bound;
		if (value >= bound) throw new RecordError(`${name} at ${row} is ${value}; expected less than ${bound}`);
	}
}

function checkEnds(name: string, ends: Uint32Array): void {
	let before = 0;
	for (let row = 0; row < ends.length; row += 1) {
		const end = ends[row] ?? 0;
		if (end < before) throw new RecordError(`${name} of row ${row} end at ${end}, before they begin at ${before}`);
		before = end;
	}
}

/** Every frame is a varint and exactly as many bytes as it says, one frame a row and nothing behind the last. */
function checkStrings(name: string, { bytes, ends }: StringColumn): void {
	let start = 0;
	for (let row = 0; row < ends.length; row += 1) {
		const end = ends[row] ?? 0;
		const isFramed = end > start && end <= bytes.length && frameEnd(bytes, start, end) === end;
		if (!isFramed) throw new RecordError(`text ${row} of ${name} at byte ${start} does not end at ${end}`);
		start = end;
	}
	if (start !== bytes.length) {
		throw new RecordError(`the texts of ${name} end at ${start} of ${bytes.length} bytes`);
	}
}

/** Where the frame at `at` ends by its own length, or -1 when that length has no end before `limit`. */
function frameEnd(bytes: Uint8Array, at: number, limit: number): number {
	const first = bytes[at] ?? 0;
	if (first < 0x80) return at + 1 + first;
	let length = first & 0x7f;
	for (let shift = 7, next = at + 1; shift <= 28 && next < limit; shift += 7, next += 1) {
		const byte = bytes[next] ?? 0;
		length += (byte & 0x7f) * 2 ** shift;
		if (byte < 0x80) return next + 1 + length;
	}
	return -1;
}

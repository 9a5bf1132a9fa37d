/**
 * A trace as the screen needs it: typed arrays in depth-first order, and the binary form in which
 * `GET /api/v1/traces/{traceId}` sends them to whoever accepts `application/x-spanhouse-trace`.
 *
 *     "TRC1" | header length u32 | header, JSON in UTF-8, padded with spaces | arrays, each at a multiple of 8 bytes
 *
 * Little-endian. The header names the arrays and where they lie (`columns`), so a reader takes them as views.
 */
export const TRACE_MEDIA_TYPE = 'application/x-spanhouse-trace';

/** Bits of `TraceColumns.flags`: append only. */
export const SPAN_FLAGS = {
	/** Counts as a failure. */
	error: 1,
	/** Part of the critical path. */
	critical: 2,
	/** Its parent isn't among the spans. */
	orphan: 4,
	/** Its start was moved so that it fits inside its parent. */
	skewAdjusted: 8,
	/** It was its own ancestor: shown as a root. */
	loopCut: 16,
	/** Client and server end of one call came with one id, as Zipkin sends them. */
	sharedId: 32,
	/** The status that was sent is "error". */
	statusError: 64,
	/** The receiver changed or doubted something: the span's details say what. */
	marked: 128,
} as const;

interface TraceWarnings {
	missingParents: number;
	loopsCut: number;
	skewAdjusted: number;
	duplicatesRemoved: number;
}

/** One entry a span, a parent before its children, siblings by start. Times are nanoseconds after `baseUnixNano`. */
export interface TraceColumns {
	count: number;
	baseUnixNano: bigint;
	services: string[];
	names: string[];
	warnings: TraceWarnings;
	/** The 8 bytes as a big-endian number. */
	id: BigUint64Array;
	start: Float64Array;
	duration: Float64Array;
	/** Time in which none of its children ran. */
	self: Float64Array;
	/** Row of the parent, -1 for roots. */
	parent: Int32Array;
	/** One past the last row of its subtree. */
	end: Uint32Array;
	depth: Uint32Array;
	/** Index into `services`. */
	service: Uint32Array;
	/** Index into `names`. */
	name: Uint32Array;
	/** Index into `names`: what the span does, by its attributes. */
	operation: Uint32Array;
	/** `http.response.status_code`, 0 where absent. */
	httpStatus: Uint16Array;
	/** Bits of SPAN_FLAGS. */
	flags: Uint16Array;
	/** How many events and links it has. */
	events: Uint16Array;
	links: Uint16Array;
	/** Index into SPAN_KINDS. */
	kind: Uint8Array;
	/** Index into SPAN_TYPES. */
	type: Uint8Array;
	/** The critical path from its end backwards: this row, from here, to there. As long as the path. */
	pathRow: Uint32Array;
	pathFrom: Float64Array;
	pathTo: Float64Array;
}

export interface Trace extends TraceColumns {
	/** How many spans the store has; more than `count` plus duplicates when the answer was cut. */
	total: number;
	truncated: boolean;
}

export class TraceFormatError extends Error {
	override readonly name = 'TraceFormatError';
	readonly code = 'TRACE_FORMAT';
}

const BYTES_OF = { u8: 1, u16: 2, u32: 4, i32: 4, f64: 8, u64: 8 } as const;
type ArrayType = keyof typeof BYTES_OF;

const COLUMNS = [
	['id', 'u64'],
	['start', 'f64'],
	['duration', 'f64'],
	['self', 'f64'],
	['parent', 'i32'],
	['end', 'u32'],
	['depth', 'u32'],
	['service', 'u32'],
	['name', 'u32'],
	['operation', 'u32'],
	['httpStatus', 'u16'],
	['flags', 'u16'],
	['events', 'u16'],
	['links', 'u16'],
	['kind', 'u8'],
	['type', 'u8'],
	['pathRow', 'u32'],
	['pathFrom', 'f64'],
	['pathTo', 'f64'],
] as const satisfies [keyof TraceColumns, ArrayType][];
type ColumnName = (typeof COLUMNS)[number][0];

const MAGIC = 0x31435254; // "TRC1", little-endian
const PREFIX_BYTES = 8;
const alignUp = (bytes: number): number => (bytes + 7) & ~7;

interface Header {
	n: number;
	total: number;
	truncated: boolean;
	base_ns: string;
	services: string[];
	names: string[];
	warnings: TraceWarnings;
	/** Name, type, offset after the header, length in elements. */
	columns: [name: string, type: string, offset: number, length: number][];
}

/** `total` is how many spans the store has, `truncated` whether the read was cut. */
export function encodeTrace(trace: TraceColumns, meta: { total: number; truncated: boolean }): ArrayBuffer {
	const columns: Header['columns'] = [];
	let bodyBytes = 0;
	for (const [name, type] of COLUMNS) {
		columns.push([name, type, bodyBytes, trace[name].length]);
		bodyBytes = alignUp(bodyBytes + trace[name].byteLength);
	}
	const { count: n, services, names, warnings } = trace;
	const header: Header = { n, ...meta, base_ns: String(trace.baseUnixNano), services, names, warnings, columns };
	const headerBytes = new TextEncoder().encode(JSON.stringify(header));
	const bodyAt = alignUp(PREFIX_BYTES + headerBytes.length);

	const buffer = new ArrayBuffer(bodyAt + bodyBytes);
	const view = new DataView(buffer);
	view.setUint32(0, MAGIC, true);
	view.setUint32(4, bodyAt - PREFIX_BYTES, true);
	const bytes = new Uint8Array(buffer);
	bytes.fill(0x20, PREFIX_BYTES, bodyAt);
	bytes.set(headerBytes, PREFIX_BYTES);
	COLUMNS.forEach(([name], index) => {
		const { buffer: from, byteOffset, byteLength } = trace[name];
		bytes.set(new Uint8Array(from, byteOffset, byteLength), bodyAt + (columns[index]?.[2] ?? 0));
	});
	return buffer;
}

/** The arrays are views of `buffer`, nothing is copied. Throws `TraceFormatError` for anything `encodeTrace` did not write. */
export function decodeTrace(buffer: ArrayBuffer): Trace {
	const { header, bodyAt } = readHeader(buffer);
	const columns = readColumns(buffer, bodyAt, header);
	const trace: Trace = {
		count: header.n,
		total: header.total,
		truncated: header.truncated,
		baseUnixNano: BigInt(header.base_ns),
		services: header.services,
		names: header.names,
		warnings: header.warnings,
		...columns,
	};
	checkRows(trace);
	return trace;
}

function readHeader(buffer: ArrayBuffer): { header: Header; bodyAt: number } {
	if (buffer.byteLength < PREFIX_BYTES)
		throw new TraceFormatError(`A trace of ${buffer.byteLength} bytes is too short`);
	const view = new DataView(buffer);
	const magic = view.getUint32(0, true);
	if (magic !== MAGIC) throw new TraceFormatError(`A trace begins with TRC1, this begins with 0x${magic.toString(16)}`);
	const length = view.getUint32(4, true);
	const bodyAt = PREFIX_BYTES + length;
	if (bodyAt > buffer.byteLength) {
		throw new TraceFormatError(`The header says ${length} bytes, ${buffer.byteLength - PREFIX_BYTES} are there`);
	}
	let header: unknown;
	try {
		header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(buffer, PREFIX_BYTES, length)));
	} catch (error) {
		throw new TraceFormatError(`The header is not JSON: ${String(error)}`);
	}
	if (!isHeader(header))
		throw new TraceFormatError('The header lacks n, total, base_ns, services, names, warnings or columns');
	return { header, bodyAt };
}

const isCount = (value: unknown): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isTexts = (value: unknown): value is string[] =>
	Array.isArray(value) && value.every((text) => typeof text === 'string');

function isHeader(value: unknown): value is Header {
	if (!isRecord(value)) return false;
	const counted = isCount(value.n) && isCount(value.total) && typeof value.truncated === 'boolean';
	const based = typeof value.base_ns === 'string' && /^\d{1,20}$/.test(value.base_ns);
	return (
		counted &&
		based &&
		isTexts(value.services) &&
		isTexts(value.names) &&
		areWarnings(value.warnings) &&
		areColumns(value.columns)
	);
}

const areWarnings = (value: unknown): value is TraceWarnings =>
	isRecord(value) &&
	[value.missingParents, value.loopsCut, value.skewAdjusted, value.duplicatesRemoved].every((number) =>
		isCount(number),
	);

const areColumns = (value: unknown): value is Header['columns'] =>
	Array.isArray(value) &&
	value.every(
		(column: unknown) =>
			Array.isArray(column) && typeof column[0] === 'string' && isCount(column[2]) && isCount(column[3]),
	);

function readColumns(buffer: ArrayBuffer, bodyAt: number, header: Header): Pick<TraceColumns, ColumnName> {
	const placed = new Map(header.columns.map((column) => [column[0], column]));
	const pathLength = placed.get('pathRow')?.[3] ?? 0;
	const place = (name: ColumnName, expected: ArrayType): [ArrayBuffer, number, number] => {
		const [, type, offset, length] = placed.get(name) ?? [name, 'missing', 0, 0];
		if (type !== expected) throw new TraceFormatError(`Column ${name} should be ${expected}, it is ${type}`);
		const rows = name.startsWith('path') ? pathLength : header.n;
		if (length !== rows) throw new TraceFormatError(`Column ${name} should have ${rows} entries, it has ${length}`);
		const from = bodyAt + offset;
		if (from % BYTES_OF[type] !== 0 || from + length * BYTES_OF[type] > buffer.byteLength) {
			throw new TraceFormatError(
				`Column ${name} at byte ${from} with ${length} entries does not fit into ${buffer.byteLength} bytes`,
			);
		}
		return [buffer, from, length];
	};
	return {
		id: new BigUint64Array(...place('id', 'u64')),
		start: new Float64Array(...place('start', 'f64')),
		duration: new Float64Array(...place('duration', 'f64')),
		self: new Float64Array(...place('self', 'f64')),
		parent: new Int32Array(...place('parent', 'i32')),
		end: new Uint32Array(...place('end', 'u32')),
		depth: new Uint32Array(...place('depth', 'u32')),
		service: new Uint32Array(...place('service', 'u32')),
		name: new Uint32Array(...place('name', 'u32')),
		operation: new Uint32Array(...place('operation', 'u32')),
		httpStatus: new Uint16Array(...place('httpStatus', 'u16')),
		flags: new Uint16Array(...place('flags', 'u16')),
		events: new Uint16Array(...place('events', 'u16')),
		links: new Uint16Array(...place('links', 'u16')),
		kind: new Uint8Array(...place('kind', 'u8')),
		type: new Uint8Array(...place('type', 'u8')),
		pathRow: new Uint32Array(...place('pathRow', 'u32')),
		pathFrom: new Float64Array(...place('pathFrom', 'f64')),
		pathTo: new Float64Array(...place('pathTo', 'f64')),
	};
}

/** What the screen relies on when it walks the rows: anything else could loop for ever or read past the end. */
function checkRows(trace: Trace): void {
	for (let row = 0; row < trace.count; row++) {
		if (!isInPlace(trace, row)) throw new TraceFormatError(`Row ${row} is not where its parent and subtree say`);
		if (!isNamed(trace, row))
			throw new TraceFormatError(`Row ${row} has a service or a name that is not in the header`);
		const duration = trace.duration[row] ?? -1;
		if (!Number.isFinite(trace.start[row]) || !Number.isFinite(duration) || duration < 0) {
			throw new TraceFormatError(`Row ${row} has no proper time`);
		}
	}
	if (trace.pathRow.some((row) => row >= trace.count)) {
		throw new TraceFormatError('The critical path names a row that is not there');
	}
}

const isNamed = (trace: Trace, row: number): boolean =>
	(trace.service[row] ?? 0) < trace.services.length &&
	(trace.name[row] ?? 0) < trace.names.length &&
	(trace.operation[row] ?? 0) < trace.names.length;

function isInPlace({ count, parent: parents, end: ends, depth: depths }: Trace, row: number): boolean {
	const parent = parents[row] ?? -1;
	const end = ends[row] ?? 0;
	const isRoot = parent === -1;
	const room = isRoot ? count : (ends[parent] ?? 0);
	const depth = isRoot ? 0 : (depths[parent] ?? 0) + 1;
	return parent < row && parent >= -1 && end > row && end <= room && depths[row] === depth;
}

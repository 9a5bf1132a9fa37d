import type { LogBlock, LogRecord } from '../../../schema/log-block.ts';
import type { BlockResource, BlockScope } from '../../../schema/span-block.ts';
import { RowBinaryWriter } from '../native/row-binary.ts';

/** A record with all that its row says. */
interface LogRow {
	project: string;
	timeUnixMs: number;
	record: LogRecord;
	resource: BlockResource;
	scope: BlockScope;
	src: string;
	batch: bigint;
}

interface LogColumn {
	name: string;
	type: string;
	write(out: RowBinaryWriter, row: LogRow): void;
}

const dictionary = (name: string, of: (row: LogRow) => string): LogColumn => ({
	name,
	type: 'LowCardinality(String)',
	write: (out, row) => out.text(of(row)),
});

const string = (name: string, of: (row: LogRow) => string): LogColumn => ({
	name,
	type: 'String',
	write: (out, row) => out.text(of(row)),
});

const uint32 = (name: string, of: (row: LogRow) => number): LogColumn => ({
	name,
	type: 'UInt32',
	write: (out, row) => out.u32(of(row)),
});

const uint64 = (name: string, of: (row: LogRow) => bigint): LogColumn => ({
	name,
	type: 'UInt64',
	write: (out, row) => out.u64(of(row)),
});

/** Same names and types as in schema/clickhouse, in any order. */
export const LOG_COLUMNS: readonly LogColumn[] = [
	dictionary('project', ({ project }) => project),
	{
		name: 'time',
		type: "DateTime64(3, 'UTC')",
		write: (out, { timeUnixMs }) => out.i64(BigInt(timeUnixMs)),
	},
	{ name: 'trace_id', type: 'FixedString(16)', write: (out, { record }) => out.hex(record.traceId, 16) },
	{ name: 'span_id', type: 'FixedString(8)', write: (out, { record }) => out.hex(record.spanId, 8) },
	uint64('time_nano', ({ record }) => BigInt.asUintN(64, BigInt(record.timeUnixNano))),
	uint64('observed_nano', ({ record }) => BigInt.asUintN(64, BigInt(record.observedUnixNano))),
	dictionary('service_namespace', ({ resource }) => resource.namespace),
	dictionary('service', ({ resource }) => resource.service),
	dictionary('environment', ({ resource }) => resource.environment),
	dictionary('version', ({ resource }) => resource.version),
	dictionary('instance', ({ resource }) => resource.instance),
	dictionary('scope_name', ({ scope }) => scope.name),
	{ name: 'severity', type: 'UInt8', write: (out, { record }) => out.u8(record.severity) },
	dictionary('severity_text', ({ record }) => record.severityText),
	dictionary('event_name', ({ record }) => record.eventName),
	string('body', ({ record }) => record.body),
	dictionary('exception_type', ({ record }) => record.exceptionType),
	string('exception_message', ({ record }) => record.exceptionMessage),
	string('exception_stacktrace', ({ record }) => record.exceptionStacktrace),
	{
		name: 'attributes',
		type: 'Map(LowCardinality(String), String)',
		write: (out, { record: { attributes } }) => {
			out.varint(attributes.length);
			for (const [key, value] of attributes) {
				out.text(key);
				out.text(value);
			}
		},
	},
	uint32('dropped_attributes', ({ record }) => record.droppedAttributes),
	uint32('flags', ({ record }) => record.flags),
	uint32('marks', ({ record }) => record.marks),
	uint64('resource_id', ({ resource }) => resource.id),
	uint64('scope_id', ({ scope }) => scope.id),
	{ name: '_src', type: 'UUID', write: (out, { src }) => out.uuid(src) },
	uint64('_batch', ({ batch }) => batch),
];

export const LOG_COLUMN_NAMES: string = LOG_COLUMNS.map((column) => column.name).join(', ');

/** The chosen records of the blocks as RowBinary, and how many they are. */
export function encodeLogs(
	blocks: readonly LogBlock[],
	isChosen: (block: LogBlock, row: number) => boolean,
	{ src, batch }: { src: string; batch: number },
): { rows: number; bytes: Buffer } {
	const out = new RowBinaryWriter();
	let rows = 0;
	for (const block of blocks) {
		const { project, timeUnixMs: times, records, resources, scopes } = block;
		for (const [index, record] of records.entries()) {
			const timeUnixMs = times[index] ?? 0;
			const resource = resources[record.resource];
			const scope = scopes[record.scope];
			if (resource === undefined || scope === undefined) throw new Error(`record ${index} has no resource or scope`);
			if (!isChosen(block, index)) continue;
			const row = { project, timeUnixMs, record, resource, scope, src, batch: BigInt(batch) };
			for (const column of LOG_COLUMNS) column.write(out, row);
			rows += 1;
		}
	}
	return { rows, bytes: out.finish() };
}

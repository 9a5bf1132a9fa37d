import type { SpanRow } from '../../schema/api.ts';
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from '../../schema/span.ts';
import { SERVICE_NAME } from './read-scope.ts';

/** What `toSpanRow` needs of a span. */
export const SPAN_ROW_COLUMNS = `
	lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, lower(hex(parent_span_id)) AS parentId,
	${SERVICE_NAME} AS serviceName, operation AS operationName, name AS spanName, kind AS kindNumber, type AS typeNumber,
	toString(start_nano) AS startUnixNano, duration_nano AS durationNano, status AS statusNumber, error AS errorNumber`;

/** Copies of one span, as retries leave them: decided by id, kind, service and start. */
export const ONCE = 'LIMIT 1 BY trace_id, span_id, kind, service, start_nano';

export interface SpanRowRecord {
	traceId: string;
	spanId: string;
	parentId: string;
	serviceName: string;
	operationName: string;
	spanName: string;
	kindNumber: number;
	typeNumber: number;
	startUnixNano: string;
	durationNano: number;
	statusNumber: number;
	errorNumber: number;
	chosen?: string[];
}

const noParent = '0'.repeat(16);

export const toSpanRow = (record: SpanRowRecord): SpanRow => ({
	traceId: record.traceId,
	spanId: record.spanId,
	parentSpanId: record.parentId === noParent ? '' : record.parentId,
	service: record.serviceName,
	operation: record.operationName,
	name: record.spanName,
	kind: SPAN_KINDS[record.kindNumber] ?? 'unspecified',
	type: SPAN_TYPES[record.typeNumber] ?? 'custom',
	startUnixNano: record.startUnixNano,
	durationNano: record.durationNano,
	status: STATUS_CODES[record.statusNumber] ?? 'unset',
	error: record.errorNumber === 1,
	...(record.chosen === undefined ? {} : { columns: record.chosen }),
});

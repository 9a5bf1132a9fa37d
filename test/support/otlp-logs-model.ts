import { expectedAttributes, isId, keyValues, saturated, stored, unnamed, anyValue } from './otlp-model.ts';
import type { PairModel, ValueModel } from './otlp-model.ts';

export interface LogModel {
	traceId: Uint8Array;
	spanId: Uint8Array;
	time: bigint;
	observed: bigint;
	severity: number;
	severityText: string;
	eventName: string;
	body: ValueModel | undefined;
	attributes: PairModel[];
	dropped: number;
	flags: number;
}

export type LogsModel = { resource: PairModel[]; scope: { name: string; version: string }; records: LogModel[] }[];

/** What of a kept record must be stored. */
export interface ExpectedLog {
	traceId: string;
	spanId: string;
	timeUnixNano: string;
	observedUnixNano: string;
	severity: number;
	severityText: string;
	eventName: string;
	body: string;
	attributes: Record<string, string>;
	droppedAttributes: number;
	flags: number;
}

/** ExportLogsServiceRequest, in OTLP/JSON or as protobufjs encodes it. */
export function wireLogs(sent: LogsModel, isJson: boolean): Record<string, unknown> {
	const id = (bytes: Uint8Array) => (isJson ? hex(bytes) : bytes);
	const recordOf = (record: LogModel) => ({
		traceId: id(record.traceId),
		spanId: id(record.spanId),
		timeUnixNano: String(record.time),
		observedTimeUnixNano: String(record.observed),
		severityNumber: record.severity,
		severityText: record.severityText,
		eventName: record.eventName,
		...(record.body === undefined ? {} : { body: anyValue(record.body, isJson) }),
		attributes: keyValues(record.attributes, isJson),
		droppedAttributesCount: record.dropped,
		flags: record.flags,
	});
	return {
		resourceLogs: sent.map(({ resource, scope, records }) => ({
			resource: { attributes: keyValues(resource, isJson) },
			scopeLogs: [{ scope, logRecords: records.map(recordOf) }],
		})),
	};
}

/** Those that belong to a trace or carry an exception, in order. Holds for what is below every limit. */
export const expectedLogs = (sent: LogsModel): ExpectedLog[] =>
	sent.flatMap(({ records }) =>
		records
			.filter(
				({ traceId, attributes }) =>
					isId(traceId, 16) || attributes.some(([key]) => key === 'exception.type' || key === 'exception.message'),
			)
			.map((record) => ({
				traceId: isId(record.traceId, 16) ? hex(record.traceId) : '',
				spanId: isId(record.spanId, 8) ? hex(record.spanId) : '',
				timeUnixNano: String(record.time),
				observedUnixNano: String(record.observed),
				severity: record.severity > 24 ? 0 : record.severity,
				severityText: record.severityText.toWellFormed(),
				eventName: record.eventName.toWellFormed(),
				body: record.body === undefined ? '' : stored(record.body),
				attributes: expectedAttributes(record.attributes),
				droppedAttributes: saturated(record.dropped + unnamed(record.attributes)),
				flags: record.flags,
			})),
	);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

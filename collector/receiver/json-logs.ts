import { SPAN_MARKS } from '../../schema/span-block.ts';
import { TextTable } from '../pipeline/text-table.ts';
import { AttributeList } from './attribute-list.ts';
import type { SourceRow } from './block-sources.ts';
import { DecodeError } from './decode-error.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { emitJsonValue } from './json-any-value.ts';
import { JsonAttributes } from './json-attributes.ts';
import { enumOf, idOf, listOf, member, objectOf, textOf, uint32Of, type JsonObject } from './json-fields.ts';
import { nanosOf } from './json-integers.ts';
import { JsonSources } from './json-sources.ts';
import { parseJson } from './json-text.ts';
import { LogCollector } from './log-collector.ts';
import type { LogContext } from './log-collector.ts';
import { saturated } from './saturated.ts';
import { TextScratch } from './text-scratch.ts';

/** SeverityNumber: four grades of each. */
const SEVERITIES = [
	'SEVERITY_NUMBER_UNSPECIFIED',
	...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
		['', '2', '3', '4'].map((grade) => `SEVERITY_NUMBER_${name}${grade}`),
	),
];

/** An ExportLogsServiceRequest in OTLP/JSON. Throws a DecodeError on structural damage. */
export function decodeJsonLogs(body: Uint8Array, context: LogContext): LogCollector {
	const root = parseJson(body);
	if (typeof root !== 'object' || root === null || Array.isArray(root)) {
		throw new DecodeError('the body is JSON but not an object; ExportLogsServiceRequest expected', { offset: 0 });
	}
	const collector = new LogCollector(context);
	new JsonLogs(collector).read(root as JsonObject);
	return collector;
}

class JsonLogs {
	readonly #collector: LogCollector;
	readonly #sources: JsonSources;
	readonly #keys = new TextTable();
	readonly #scratch = new TextScratch();
	readonly #attributes: JsonAttributes;

	constructor(collector: LogCollector) {
		this.#collector = collector;
		this.#sources = new JsonSources(collector);
		this.#attributes = new JsonAttributes(this.#keys, collector.marks, this.#scratch);
	}

	read(root: JsonObject): void {
		eachObject(root, ['resourceLogs', 'resource_logs'], 'resourceLogs', (resourceLogs, field) => {
			const resource = this.#sources.resource(resourceLogs, field);
			eachObject(resourceLogs, ['scopeLogs', 'scope_logs'], `${field}.scopeLogs`, (scopeLogs, scopeField) => {
				const scope = this.#sources.scope(scopeLogs, scopeField);
				eachObject(scopeLogs, ['logRecords', 'log_records'], `${scopeField}.logRecords`, (record, recordField) =>
					this.#record(record, recordField, resource, scope),
				);
			});
		});
	}

	#record(json: JsonObject, field: string, resourceOf: () => SourceRow, scopeOf: () => SourceRow): void {
		const traceId = hexId(member(json, 'traceId', 'trace_id'), 16);
		const pairs = listOf(member(json, 'attributes'), `${field}.attributes`);
		if (!this.#collector.wants(traceId.hex !== '', pairs.some(isException))) return;
		const { marks } = this.#collector;
		const resource = resourceOf();
		const scope = scopeOf();
		const spanId = hexId(member(json, 'spanId', 'span_id'), 8);
		marks.bits = resource.marks | scope.marks | (traceId.isBase64 || spanId.isBase64 ? SPAN_MARKS.base64Id : 0);
		const attributes = new AttributeList(this.#keys, marks);
		this.#scratch.reset();
		const lost = this.#attributes.emit(pairs, attributes, `${field}.attributes`);
		this.#collector.droppedAttributes += lost;
		const droppedField = `${field}.droppedAttributesCount`;
		const dropped = uint32Of(member(json, 'droppedAttributesCount', 'dropped_attributes_count'), droppedField);
		const severity = enumOf(member(json, 'severityNumber', 'severity_number'), SEVERITIES, `${field}.severityNumber`);
		const record = {
			traceId: traceId.hex,
			spanId: spanId.hex,
			timeUnixNano: String(nanosOf(member(json, 'timeUnixNano', 'time_unix_nano'), `${field}.timeUnixNano`)),
			observedUnixNano: String(
				nanosOf(member(json, 'observedTimeUnixNano', 'observed_time_unix_nano'), `${field}.observedTimeUnixNano`),
			),
			severity: severity > 24 ? 0 : severity,
			severityText: this.#text(member(json, 'severityText', 'severity_text'), `${field}.severityText`),
			eventName: this.#text(member(json, 'eventName', 'event_name'), `${field}.eventName`),
			body: this.#body(member(json, 'body'), `${field}.body`),
			attributes: attributes.sorted(),
			droppedAttributes: saturated(dropped + lost),
			flags: uint32Of(member(json, 'flags'), `${field}.flags`),
			resource: resource.row,
			scope: scope.row,
		};
		this.#collector.add({ ...record, marks: marks.bits });
	}

	#body(value: unknown, field: string): string {
		if (value === undefined) return '';
		const { marks } = this.#collector;
		const body = new AttributeList(this.#keys, marks);
		this.#scratch.reset();
		emitJsonValue(value, 0, body, marks, this.#scratch, field);
		return body.sorted()[0]?.[1] ?? '';
	}

	#text(value: unknown, field: string): string {
		this.#scratch.reset();
		this.#scratch.text(textOf(value, field).slice(0, DECODE_LIMITS.valueBytes + 1));
		const { bytes, start, end } = this.#scratch;
		return decoder.decode(bytes.subarray(start, this.#collector.marks.cut(bytes, start, end)));
	}
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Calls back for each object of the list, whichever spelling it came under. */
function eachObject(
	json: JsonObject,
	[name, alias]: readonly [string, string],
	field: string,
	visit: (object: JsonObject, field: string) => void,
): void {
	listOf(member(json, name, alias), field).forEach((each, i) =>
		visit(objectOf(each, `${field}[${i}]`), `${field}[${i}]`),
	);
}

function isException(pair: unknown): boolean {
	if (typeof pair !== 'object' || pair === null || Array.isArray(pair)) return false;
	const key = member(pair as JsonObject, 'key');
	return key === 'exception.type' || key === 'exception.message';
}

/** Empty for none, for one of another length, and for zeros. */
function hexId(value: unknown, length: number): { hex: string; isBase64: boolean } {
	const { bytes, isBase64 } = idOf(value, length);
	const hex = bytes.length === length ? Buffer.from(bytes).toString('hex') : '';
	return { hex: /[^0]/.test(hex) ? hex : '', isBase64 };
}

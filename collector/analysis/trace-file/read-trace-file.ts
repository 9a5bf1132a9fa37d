import type { OtlpSpan, OtlpTracesData } from '../../../schema/otlp-json.ts';
import { fail, isObject, TraceFileError } from './json-shape.ts';
import { looksLikeJaeger, readJaeger } from './read-jaeger.ts';
import { readOtlp } from './read-otlp.ts';
import { looksLikeZipkin, readZipkin } from './read-zipkin.ts';

export type TraceFileFormat = 'OTLP' | 'Jaeger' | 'Zipkin';

export interface TraceFile {
	format: TraceFileFormat;
	/** At least one span. */
	data: OtlpTracesData;
	/** The traces in it, the one with the most spans first. */
	traces: { traceId: string; spans: number }[];
}

/** Reads OTLP/JSON (whole or a line each), Jaeger's and Zipkin's JSON. Throws a `TraceFileError` that says what is wrong. */
export function readTraceFile(text: string): TraceFile {
	if (text.trim() === '') throw new TraceFileError('The file is empty.');
	const { format, data } = readDocument(text);
	const counts = new Map<string, number>();
	for (const { traceId } of spansOf(data)) counts.set(traceId, (counts.get(traceId) ?? 0) + 1);
	if (counts.size === 0) throw new TraceFileError(`The file is ${format} JSON, but has no span.`);
	const traces = [...counts].map(([traceId, spans]) => ({ traceId, spans })).sort((a, b) => b.spans - a.spans);
	return { format, data, traces };
}

function* spansOf(data: OtlpTracesData): Generator<OtlpSpan> {
	for (const { scopeSpans } of data.resourceSpans) for (const { spans } of scopeSpans) yield* spans;
}

function readDocument(text: string): Pick<TraceFile, 'format' | 'data'> {
	const whole = parse(text);
	if (whole.kind === 'value') return readValue(whole.value);
	// The Collector's file exporter writes a document a line.
	const lines = text.split('\n').filter((line) => line.trim() !== '');
	if (lines.length < 2) throw notJson(whole.message);
	const resourceSpans = lines.flatMap((line, index) => {
		const parsed = parse(line);
		if (parsed.kind === 'problem' || !isObject(parsed.value)) throw notJson(whole.message);
		return readOtlp(parsed.value, `line ${index + 1}: `).resourceSpans;
	});
	return { format: 'OTLP', data: { resourceSpans } };
}

const notJson = (reason: string): TraceFileError =>
	new TraceFileError(`The file is not JSON (${reason}). OTLP, Jaeger and Zipkin JSON can be shown.`);

function parse(text: string): { kind: 'value'; value: unknown } | { kind: 'problem'; message: string } {
	try {
		return { kind: 'value', value: JSON.parse(text) };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return { kind: 'problem', message: message.length > 160 ? `${message.slice(0, 160)}…` : message };
	}
}

function readValue(value: unknown): Pick<TraceFile, 'format' | 'data'> {
	if (Array.isArray(value)) return readList(value);
	if (!isObject(value)) return fail('The file', 'OTLP, Jaeger or Zipkin JSON', value);
	if (value.resourceSpans !== undefined || value.batches !== undefined)
		return { format: 'OTLP', data: readOtlp(value) };
	if (looksLikeJaeger(value)) return { format: 'Jaeger', data: readJaeger(value) };
	return fail(
		'The file',
		'`resourceSpans` (OTLP), `data` or `spans` and `processes` (Jaeger), or a list (Zipkin)',
		value,
	);
}

/** Zipkin's list of spans, or of traces; or a list of one of the other documents. */
function readList(list: readonly unknown[]): Pick<TraceFile, 'format' | 'data'> {
	const flat = list.flat();
	if (looksLikeZipkin(flat[0])) return { format: 'Zipkin', data: readZipkin(flat) };
	if (flat.length === 0) throw new TraceFileError('The file is an empty list.');
	const read = flat.map(readValue);
	return {
		format: read[0]?.format ?? 'OTLP',
		data: { resourceSpans: read.flatMap(({ data }) => data.resourceSpans) },
	};
}

/** Jaeger's own JSON, as its screen saves and its API answers: `{data: [trace]}` or one trace. Times are microseconds. */
import type { AnyValue, KeyValue } from '../../../schema/api.ts';
import type { OtlpLink, OtlpResourceSpans, OtlpSpan, OtlpTracesData } from '../../../schema/otlp-json.ts';
import { SPAN_KINDS, STATUS_CODES } from '../../../schema/span.ts';
import { plainAnyValue } from './any-value.ts';
import { fail, hexId, isObject, listAt, nanoAt, objectAt, textOf } from './json-shape.ts';
import type { JsonObject } from './json-shape.ts';

const MICRO = 1000n;
/** Tags that Jaeger made of OTLP's own fields. */
const OWN_TAGS: ReadonlySet<string> = new Set([
	'span.kind',
	'otel.status_code',
	'otel.status_description',
	'otel.scope.name',
	'otel.scope.version',
	'otel.library.name',
	'otel.library.version',
]);

export const looksLikeJaeger = (document: JsonObject): boolean =>
	Array.isArray(document.data) ||
	(isObject(document.data) && looksLikeJaeger(document.data)) ||
	(Array.isArray(document.spans) && isObject(document.processes));

export function readJaeger(document: JsonObject, where = ''): OtlpTracesData {
	if (isObject(document.data)) return readJaeger(document.data, `${where}data.`);
	const traces = Array.isArray(document.data) ? document.data : [document];
	return {
		resourceSpans: traces.flatMap((trace: unknown, index) => {
			const path = Array.isArray(document.data) ? `${where}data[${index}].` : where;
			return readTrace(objectAt(trace, path), path);
		}),
	};
}

function readTrace(trace: JsonObject, where: string): OtlpResourceSpans[] {
	const processes = objectAt(trace.processes ?? {}, `${where}processes`);
	const spans = listAt(trace.spans, `${where}spans`).map((span, index) => {
		const path = `${where}spans[${index}]`;
		return { span: objectAt(span, path), path };
	});
	// A span may bring its process along instead of naming one.
	const byProcess = Map.groupBy(spans, ({ span }) => textOf(span.processID) || JSON.stringify(span.process ?? {}));
	return [...byProcess.values()].map((members) => {
		const own = members[0]?.span;
		const process = objectAt(own?.process ?? processes[textOf(own?.processID)] ?? {}, `${where}processes`);
		const name = textOf(process.serviceName);
		return {
			resource: {
				attributes: [
					...(name === '' ? [] : [{ key: 'service.name', value: { stringValue: name } }]),
					...readTags(process.tags, `${where}processes.tags`).filter(({ key }) => key !== 'service.name'),
				],
			},
			scopeSpans: [...Map.groupBy(members, ({ span }) => scopeOf(span)).values()].map((group) => ({
				scope: readScope(group[0]?.span ?? {}),
				spans: group.map(({ span, path }) => readSpan(span, path)),
			})),
		};
	});
}

const tagText = (span: JsonObject, ...keys: readonly string[]): string => {
	const tags = Array.isArray(span.tags) ? span.tags.filter(isObject) : [];
	const tag = keys.map((key) => tags.find((entry) => entry.key === key)).find((entry) => entry !== undefined);
	return tag === undefined ? '' : String(tag.value);
};
const readScope = (span: JsonObject): { name: string; version: string } => ({
	name: tagText(span, 'otel.scope.name', 'otel.library.name'),
	version: tagText(span, 'otel.scope.version', 'otel.library.version'),
});
const scopeOf = (span: JsonObject): string => Object.values(readScope(span)).join('\n');

function readSpan(span: JsonObject, where: string): OtlpSpan {
	const traceId = hexId(span.traceID, 32) || fail(`${where}.traceID`, 'an id', span.traceID);
	const spanId = hexId(span.spanID, 16) || fail(`${where}.spanID`, 'an id', span.spanID);
	const start = nanoAt(span.startTime, `${where}.startTime`, MICRO);
	const { parent, links } = readReferences(span, traceId, where);
	return {
		traceId,
		spanId,
		parentSpanId: parent,
		name: textOf(span.operationName),
		kind: Math.max(
			0,
			SPAN_KINDS.findIndex((kind) => kind === tagText(span, 'span.kind').toLowerCase()),
		),
		startTimeUnixNano: String(start),
		endTimeUnixNano: String(start + nanoAt(span.duration ?? 0, `${where}.duration`, MICRO)),
		attributes: readTags(span.tags, `${where}.tags`).filter(({ key }) => !OWN_TAGS.has(key)),
		events: listAt(span.logs, `${where}.logs`).map((log, index) =>
			readLog(objectAt(log, `${where}.logs[${index}]`), `${where}.logs[${index}]`),
		),
		links,
		status: readStatus(span),
	};
}

function readStatus(span: JsonObject): OtlpSpan['status'] {
	const told = STATUS_CODES.findIndex((code) => code === tagText(span, 'otel.status_code').toLowerCase());
	const code = told > 0 ? told : tagText(span, 'error') === 'true' ? 2 : 0;
	return { code, message: tagText(span, 'otel.status_description') };
}

/** The first reference within the trace is the parent, the others are links. */
function readReferences(span: JsonObject, traceId: string, where: string): { parent: string; links: OtlpLink[] } {
	let parent = hexId(span.parentSpanID, 16);
	const links: OtlpLink[] = [];
	const references = listAt(span.references, `${where}.references`).map((entry, index) => {
		const reference = objectAt(entry, `${where}.references[${index}]`);
		return {
			isChild: reference.refType === 'CHILD_OF',
			traceId: hexId(reference.traceID, 32),
			spanId: hexId(reference.spanID, 16),
		};
	});
	for (const { isChild, ...reference } of references.sort((a, b) => Number(b.isChild) - Number(a.isChild))) {
		if (parent === '' && reference.traceId === traceId) parent = reference.spanId;
		else if (!isChild || reference.spanId !== parent) links.push({ ...reference, attributes: [] });
	}
	return { parent, links };
}

function readLog(log: JsonObject, where: string): NonNullable<OtlpSpan['events']>[number] {
	const fields = readTags(log.fields, `${where}.fields`);
	const named = fields.find(({ key }) => key === 'event') ?? fields.find(({ key }) => key === 'message');
	return {
		timeUnixNano: String(nanoAt(log.timestamp, `${where}.timestamp`, MICRO)),
		name: named?.value.stringValue ?? 'log',
		attributes: fields.filter((field) => field !== named),
	};
}

const readTags = (tags: unknown, where: string): KeyValue[] =>
	listAt(tags, where).map((entry, index) => {
		const tag = objectAt(entry, `${where}[${index}]`);
		return { key: textOf(tag.key), value: tagValue(tag) };
	});

function tagValue({ type, value }: JsonObject): AnyValue {
	if (type === 'int64' && /^-?\d{1,19}$/.test(String(value))) return { intValue: String(value) };
	if (type === 'float64' && Number.isFinite(Number(value))) return { doubleValue: Number(value) };
	if (type === 'bool' && typeof value === 'string') return { boolValue: value === 'true' };
	return type === 'binary' ? { bytesValue: textOf(value) } : plainAnyValue(value);
}

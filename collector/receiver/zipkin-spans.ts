import type { AnyValue, KeyValue } from '../../schema/api.ts';
import { DecodeError } from './decode-error.ts';
import { damaged, listOf, member, objectOf, textOf, type JsonObject } from './json-fields.ts';
import { integerOf } from './json-integers.ts';

/** OTLP's numbers. A span without a kind is local. */
const KINDS: ReadonlyMap<string, number> = new Map([
	['CLIENT', 3],
	['SERVER', 2],
	['PRODUCER', 4],
	['CONSUMER', 5],
]);
const INTERNAL = 1;
const OK = 1;
const ERROR = 2;

const string = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });

/**
 * A Zipkin v2 list of spans as an OTLP/JSON request: local endpoints become resources, remote ones attributes, annotations
 * events; tags are attributes under their own names. Throws a DecodeError where the form is another.
 * Source: openzipkin/zipkin-api, zipkin2-api.yaml; tags of OpenTelemetry: specification, "Mapping to non-OTLP formats".
 */
export function otlpOfZipkin(root: unknown): JsonObject {
	if (!Array.isArray(root)) throw new DecodeError('the body is no JSON array; Zipkin v2 sends a list of spans');
	const byService = new Map<string, object[]>();
	for (const [index, each] of root.entries()) {
		const field = `[${index}]`;
		const json = objectOf(each, field);
		const { serviceName, attributes } = endpoint(json, 'localEndpoint', 'network.local', field);
		const spans = byService.get(serviceName) ?? [];
		spans.push(otlpSpan(json, attributes, field));
		byService.set(serviceName, spans);
	}
	return {
		resourceSpans: Array.from(byService, ([service, spans]) => ({
			resource: { attributes: service === '' ? [] : [string('service.name', service)] },
			scopeSpans: [{ spans }],
		})),
	};
}

function otlpSpan(json: JsonObject, local: KeyValue[], field: string): object {
	const remote = endpoint(json, 'remoteEndpoint', 'network.peer', field);
	const tags = Object.entries(objectOf(member(json, 'tags'), `${field}.tags`)).map(([key, value]): [string, string] => [
		key,
		textOf(value, `${field}.tags.${key}`),
	]);
	const start = nanosOf(member(json, 'timestamp'), `${field}.timestamp`);
	const duration = nanosOf(member(json, 'duration'), `${field}.duration`);
	return {
		traceId: hexId(member(json, 'traceId'), 32),
		spanId: hexId(member(json, 'id'), 16),
		parentSpanId: hexId(member(json, 'parentId'), 16),
		name: textOf(member(json, 'name'), `${field}.name`),
		kind: kindOf(json, field),
		startTimeUnixNano: String(start),
		// A span without a duration has not been reported to its end.
		endTimeUnixNano: member(json, 'duration') === undefined ? '0' : String(start + duration),
		attributes: [
			...local,
			...(remote.serviceName === '' ? [] : [string('peer.service', remote.serviceName)]),
			...remote.attributes,
			...(member(json, 'debug') === true ? [{ key: 'zipkin.debug', value: { boolValue: true } }] : []),
			...tags.map(([key, value]) => string(key, value)),
		],
		events: listOf(member(json, 'annotations'), `${field}.annotations`).map((annotation, index) =>
			eventOf(annotation, `${field}.annotations[${index}]`),
		),
		status: statusOf(new Map(tags)),
	};
}

function eventOf(annotation: unknown, field: string): object {
	const json = objectOf(annotation, field);
	return {
		timeUnixNano: String(nanosOf(member(json, 'timestamp'), `${field}.timestamp`)),
		name: textOf(member(json, 'value'), `${field}.value`),
	};
}

function kindOf(json: JsonObject, field: string): number {
	const name = textOf(member(json, 'kind'), `${field}.kind`);
	const kind = name === '' ? INTERNAL : KINDS.get(name);
	if (kind === undefined) throw damaged(`${field}.kind`, `one of ${[...KINDS.keys()].join(', ')}`, name);
	return kind;
}

/** `error` says that a span failed, whatever its value; OpenTelemetry's exporters say more. */
function statusOf(tags: ReadonlyMap<string, string>): object {
	const error = tags.get('error');
	const code = tags.get('otel.status_code');
	if (error === undefined && code !== 'ERROR') return code === 'OK' ? { code: OK } : {};
	const said = tags.get('otel.status_description') ?? error ?? '';
	return { code: ERROR, message: said === 'true' || said === 'false' ? '' : said };
}

/** Name of the service, and where it was reached. */
function endpoint(
	json: JsonObject,
	name: 'localEndpoint' | 'remoteEndpoint',
	prefix: string,
	field: string,
): { serviceName: string; attributes: KeyValue[] } {
	const place = `${field}.${name}`;
	const found = objectOf(member(json, name), place);
	const address = textOf(member(found, 'ipv4'), `${place}.ipv4`) || textOf(member(found, 'ipv6'), `${place}.ipv6`);
	const port = integerOf(member(found, 'port')) ?? 0n;
	const portValue: AnyValue = { intValue: String(port) };
	return {
		serviceName: textOf(member(found, 'serviceName'), `${place}.serviceName`),
		attributes: [
			...(address === '' ? [] : [string(`${prefix}.address`, address)]),
			...(port > 0n && port < 65_536n ? [{ key: `${prefix}.port`, value: portValue }] : []),
		],
	};
}

/** Zipkin counts in microseconds. */
function nanosOf(value: unknown, field: string): bigint {
	if (value === undefined || value === '') return 0n;
	const micros = integerOf(value);
	if (micros === undefined || micros < 0n || micros > 2n ** 54n) throw damaged(field, 'whole microseconds', value);
	return micros * 1_000n;
}

/** Ids of 64 bits are shorter than OTLP's. What is no id stays what it is, and its span is rejected. */
function hexId(value: unknown, digits: number): unknown {
	return typeof value === 'string' && /^[0-9a-fA-F]+$/.test(value) ? value.padStart(digits, '0') : value;
}

import type { OtlpSpan } from '../../schema/otlp-json.ts';
import { decodeProto } from './otlp-proto.ts';

/**
 * One form for documents that mean the same: attributes by key, spans by id, nothing that has its default, ids of
 * binary encoders in hexadecimal.
 */
export function canonical(value: unknown, key = ''): unknown {
	if (Array.isArray(value)) {
		const items = value.map((item) => canonical(item));
		if (key === 'attributes') items.sort((a, b) => compare((a as { key: string }).key, (b as { key: string }).key));
		if (key === 'spans') items.sort((a, b) => compare((a as OtlpSpan).spanId, (b as OtlpSpan).spanId));
		return items;
	}
	if (typeof value !== 'object' || value === null) return value;
	const entries = Object.entries(value)
		.map(([name, inner]) => [name, canonical(inner, name)] as const)
		.filter(([name, inner]) => isOneOfValue(name) || !isDefault(inner));
	return Object.fromEntries(entries.sort(([a], [b]) => compare(a, b)));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Inside AnyValue an empty text, 0 and false are values. */
const isOneOfValue = (name: string): boolean =>
	/^(string|int|double|bool|bytes|array|kvlist)Value$|^values?$/.test(name);

const isDefault = (value: unknown): boolean =>
	value === undefined ||
	value === 0 ||
	value === '' ||
	value === '0' ||
	(typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** OTLP/JSON of a request in protobuf, as protobufjs reads it. */
export const otlpJson = (request: Uint8Array): unknown => asJson(decodeProto('ExportTraceServiceRequest', request));

function asJson(value: unknown, key = ''): unknown {
	if (value instanceof Uint8Array) return Buffer.from(value).toString(key.endsWith('Id') ? 'hex' : 'base64');
	if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
	if (Array.isArray(value)) return value.map((item) => asJson(item));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asJson(inner, name)]));
}

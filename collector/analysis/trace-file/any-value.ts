import type { AnyValue, KeyValue } from '../../../schema/api.ts';
import { isObject, listAt, objectAt, textOf } from './json-shape.ts';

/** As deep as the receiver takes them. */
const MAX_DEPTH = 32;

/** An OTLP/JSON AnyValue with exactly one member that is what its name says, or with none. */
export function readAnyValue(value: unknown, depth = 0): AnyValue {
	if (!isObject(value) || depth > MAX_DEPTH) return {};
	const { stringValue, intValue, doubleValue, boolValue, bytesValue, arrayValue, kvlistValue } = value;
	if (typeof stringValue === 'string') return { stringValue };
	if (intValue !== undefined) return readInt(intValue);
	if (doubleValue !== undefined) return readDouble(doubleValue);
	if (typeof boolValue === 'boolean') return { boolValue };
	if (typeof bytesValue === 'string') return { bytesValue };
	if (isObject(arrayValue)) {
		return { arrayValue: { values: elements(arrayValue).map((inner) => readAnyValue(inner, depth + 1)) } };
	}
	if (isObject(kvlistValue)) {
		const values = elements(kvlistValue).filter(isObject);
		return {
			kvlistValue: {
				values: values.map((entry) => ({ key: textOf(entry.key), value: readAnyValue(entry.value, depth + 1) })),
			},
		};
	}
	return {};
}

const elements = (holder: { values?: unknown }): readonly unknown[] =>
	Array.isArray(holder.values) ? holder.values : [];

const readInt = (value: unknown): AnyValue =>
	/^-?\d{1,19}$/.test(String(value)) ? { intValue: String(value) } : { stringValue: String(value) };

function readDouble(value: unknown): AnyValue {
	if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return { doubleValue: value };
	const number = Number(value);
	return Number.isFinite(number) ? { doubleValue: number } : { stringValue: String(value) };
}

export const readKeyValues = (value: unknown, where: string): KeyValue[] =>
	listAt(value, where).map((entry, index) => {
		const { key, value: inner } = objectAt(entry, `${where}[${index}]`);
		return { key: textOf(key), value: readAnyValue(inner) };
	});

/** A plain JSON value, as Jaeger and Zipkin write tags. */
export function plainAnyValue(value: unknown): AnyValue {
	if (typeof value === 'boolean') return { boolValue: value };
	if (typeof value === 'number') {
		return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
	}
	if (typeof value === 'string') return { stringValue: value };
	return value === undefined || value === null ? {} : { stringValue: JSON.stringify(value) };
}

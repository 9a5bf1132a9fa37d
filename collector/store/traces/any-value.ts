import type { AnyValue, KeyValue } from '../../../schema/api.ts';

/** The value that a `TaggedValue` (schema/span-block.ts) stands for. */
export function untagValue(tagged: string): AnyValue {
	const text = tagged.slice(1);
	switch (tagged[0]) {
		case 's':
			return { stringValue: text };
		case 'i':
			return { intValue: text };
		case 'd':
			return doubleValue(Number(text));
		case 'b':
			return { boolValue: text === 'true' };
		default:
			return otherValue(text);
	}
}

/** JSON has no numbers for three, and JSON.stringify takes the sign of minus zero: proto3's JSON mapping reads them as text. */
export function doubleValue(value: number): AnyValue {
	if (Object.is(value, -0)) return { doubleValue: '-0' };
	if (Number.isFinite(value)) return { doubleValue: value };
	return { doubleValue: Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity' };
}

/** Bytes, arrays, maps and empty values, stored as OTLP/JSON. */
export const otherValue = (text: string): AnyValue =>
	(text.includes(':-0') ? JSON.parse(text, keepMinusZero) : JSON.parse(text)) as AnyValue;

const keepMinusZero = (_key: string, value: unknown): unknown => (Object.is(value, -0) ? '-0' : value);

export const untagAttributes = (entries: Iterable<readonly [key: string, tagged: string]>): KeyValue[] =>
	Array.from(entries, ([key, tagged]) => ({ key, value: untagValue(tagged) }));

import type { AnyValue, KeyValue } from '../../schema/api.ts';

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
			return JSON.parse(text) as AnyValue;
	}
}

/** JSON has no numbers for these three: proto3's JSON mapping writes them as text. */
export function doubleValue(value: number): AnyValue {
	if (Number.isFinite(value)) return { doubleValue: value };
	return { doubleValue: Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity' };
}

export const untagAttributes = (entries: Iterable<readonly [key: string, tagged: string]>): KeyValue[] =>
	Array.from(entries, ([key, tagged]) => ({ key, value: untagValue(tagged) }));

import { REDACTED } from './redaction-rules.ts';

export const REDACTED_VALUE = JSON.stringify({ stringValue: REDACTED });

/** The keys in an OTLP/JSON AnyValue. In texts within it, quotes have a backslash in front. */
const KEYS = /"key":("(?:[^"\\]|\\.)*")/gs;

/** The map without the values of its secret keys, however deep they stand; the same text when there are none. */
export function redactMembers(json: string, isSecret: (key: string) => boolean): string {
	if (!json.includes('"kvlistValue"')) return json;
	const keys = Array.from(json.matchAll(KEYS), ([, key = '""']) => JSON.parse(key) as string);
	if (!keys.some(isSecret)) return json;
	let isChanged = false;
	const redacted: unknown = JSON.parse(json, (_, value: unknown) => {
		if (!isKeyValue(value) || !isSecret(value.key) || JSON.stringify(value.value) === REDACTED_VALUE) return value;
		isChanged = true;
		return { key: value.key, value: { stringValue: REDACTED } };
	});
	return isChanged ? JSON.stringify(redacted) : json;
}

const isKeyValue = (value: unknown): value is { key: string; value: unknown } =>
	typeof value === 'object' && value !== null && 'key' in value && typeof value.key === 'string';

import type { AnyValue, KeyValue } from '../../schema/api.ts';

/** A value as it is read, with the type that its writer gave it. */
export interface ShownValue {
	text: string;
	type: 'string' | 'int' | 'double' | 'bool' | 'bytes' | 'array' | 'map' | 'empty';
}

export function showValue(value: AnyValue): ShownValue {
	if (value.stringValue !== undefined) return { text: value.stringValue, type: 'string' };
	if (value.intValue !== undefined) return { text: value.intValue, type: 'int' };
	if (value.doubleValue !== undefined) return { text: String(value.doubleValue), type: 'double' };
	if (value.boolValue !== undefined) return { text: String(value.boolValue), type: 'bool' };
	if (value.bytesValue !== undefined) return { text: value.bytesValue, type: 'bytes' };
	if (value.arrayValue !== undefined) return { text: jsonText(value), type: 'array' };
	if (value.kvlistValue !== undefined) return { text: jsonText(value), type: 'map' };
	return { text: '', type: 'empty' };
}

/** The server bounds how deep values nest. */
function plain(value: AnyValue): unknown {
	if (value.arrayValue !== undefined) return value.arrayValue.values.map(plain);
	if (value.kvlistValue === undefined) return value.doubleValue ?? value.boolValue ?? showValue(value).text;
	// Keys come from whoever sends spans: `__proto__` is one like any other.
	const entries: Record<string, unknown> = Object.create(null);
	for (const { key, value: inner } of value.kvlistValue.values) entries[key] = plain(inner);
	return entries;
}

const jsonText = (value: AnyValue): string => JSON.stringify(plain(value), null, 2);

export function textOf(attributes: readonly KeyValue[], key: string): string | undefined {
	const found = attributes.find((attribute) => attribute.key === key);
	return found === undefined ? undefined : showValue(found.value).text;
}

/** Without the indent that its lines share and the empty ones around: code carries those along. Only for the eye. */
export function dedent(text: string): string {
	if (!text.includes('\n')) return text;
	const lines = text.replace(/^(?:[ \t]*\n)+|\s+$/g, '').split('\n');
	const [first = '', ...rest] = lines;
	const indents = (/^\s/.test(first) ? lines : rest)
		.filter((line) => line.trim() !== '')
		.map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
	const shared = indents.length === 0 ? 0 : Math.min(...indents);
	return [
		/^\s/.test(first) ? first.slice(shared) : first,
		...rest.map((line) => line.slice(Math.min(shared, /^[ \t]*/.exec(line)?.[0].length ?? 0))),
	].join('\n');
}

/** Attributes whose key or value contains the text, whatever the case. */
export function searchAttributes(attributes: readonly KeyValue[], text: string): KeyValue[] {
	const wanted = text.trim().toLowerCase();
	return attributes.filter(
		({ key, value }) => key.toLowerCase().includes(wanted) || showValue(value).text.toLowerCase().includes(wanted),
	);
}

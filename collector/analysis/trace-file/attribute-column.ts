import type { AnyValue, KeyValue } from '../../../schema/api.ts';
import type { AttributeScope } from '../../../schema/query-syntax.ts';
import type { Reading } from '../attribute-readings.ts';
import { attributeNames } from '../query-attribute-names.ts';
import type { AttributeNames } from '../query-attribute-names.ts';
import type { DocumentSpan } from './document-spans.ts';

/** A value as it is compared: bytes and maps have none. */
export interface ColumnValue {
	text: string;
	type: 'text' | 'number' | 'boolean';
}

/** One attribute of every span: values of row r are `ids` from `from[r]` up to `from[r + 1]`; arrays have several. */
export interface AttributeColumn {
	values: ColumnValue[];
	from: Uint32Array;
	ids: Uint32Array;
}

/** What a filter may ask of a span beside its attributes. */
export type ColumnScope = AttributeScope | 'field';
export interface ColumnKey {
	scope: ColumnScope;
	/** With the scope `field`: `scope`, `status` or `statusMessage`. */
	key: string;
}
export const columnName = ({ scope, key }: ColumnKey): string => `${scope}\n${key}`;

const STATUS = ['unset', 'ok', 'error'];

/** `rows`: which span of the document each row is, -1 for none. */
export function attributeColumn(spans: readonly DocumentSpan[], rows: Int32Array, wanted: ColumnKey): AttributeColumn {
	const places = new Map<string, number>();
	const values: ColumnValue[] = [];
	const ids: number[] = [];
	const from = new Uint32Array(rows.length + 1);
	const names = attributeNames(wanted.key);
	rows.forEach((index, row) => {
		const span = spans[index];
		for (const value of span === undefined ? [] : valuesOf(span, wanted, names)) {
			const key = `${value.type}${value.text}`;
			let place = places.get(key);
			if (place === undefined) {
				place = values.push(value) - 1;
				places.set(key, place);
			}
			ids.push(place);
		}
		from[row + 1] = ids.length;
	});
	return { values, from, ids: Uint32Array.from(ids) };
}

function valuesOf(span: DocumentSpan, { scope, key }: ColumnKey, names: AttributeNames): ColumnValue[] {
	switch (scope) {
		case 'field':
			return fieldOf(span, key);
		case 'span':
			return ofSpan(span, names);
		case 'resource':
			return found(span.resource.resource.attributes, names);
		case 'scope':
			return found(span.scope.scope.attributes ?? [], names);
		case 'event':
			return (span.span.events ?? []).flatMap((event) => found(event.attributes, names));
		case 'link':
			return (span.span.links ?? []).flatMap((link) => found(link.attributes, names));
		default: {
			const own = ofSpan(span, names);
			return own.length > 0 ? own : found(span.resource.resource.attributes, names);
		}
	}
}

function fieldOf({ span, scope }: DocumentSpan, key: string): ColumnValue[] {
	const text =
		key === 'scope'
			? (scope.scope.name ?? '')
			: key === 'status'
				? (STATUS[span.status.code ?? 0] ?? '')
				: (span.status.message ?? '');
	return text === '' ? [] : [{ text, type: 'text' }];
}

function found(attributes: readonly KeyValue[], { names }: AttributeNames): ColumnValue[] {
	for (const name of names) {
		const attribute = attributes.find(({ key }) => key === name);
		if (attribute !== undefined) return scalars(attribute.value);
	}
	return [];
}

function ofSpan({ span }: DocumentSpan, names: AttributeNames): ColumnValue[] {
	const own = found(span.attributes, names);
	if (own.length > 0) return own;
	for (const reading of names.readings ?? []) {
		if (reading.kinds !== undefined && !reading.kinds.includes(span.kind ?? 0)) continue;
		const values = readOff(span.attributes, reading);
		if (values.length > 0) return values;
	}
	return [];
}

function readOff(attributes: readonly KeyValue[], { from, text }: Reading): ColumnValue[] {
	const values = from.map((name) => found(attributes, { names: [name] }));
	if (text === undefined) return values.flat();
	const made = text.read(values.map(([value]) => (value?.type === 'text' ? value.text : '')));
	return made === '' ? [] : [{ text: made, type: 'text' }];
}

function scalars(value: AnyValue): ColumnValue[] {
	if (value.stringValue !== undefined) return [{ text: value.stringValue, type: 'text' }];
	if (value.intValue !== undefined) return [{ text: value.intValue, type: 'number' }];
	if (value.doubleValue !== undefined) return [{ text: String(value.doubleValue), type: 'number' }];
	if (value.boolValue !== undefined) return [{ text: String(value.boolValue), type: 'boolean' }];
	return (value.arrayValue?.values ?? []).flatMap(scalars);
}

/** Which keys the spans have, by how many spans have them; of the span before those of the resource. */
export function attributeKeys(
	spans: readonly DocumentSpan[],
): { key: string; scope: 'span' | 'resource'; spans: number }[] {
	const own = new Map<string, number>();
	const ofResource = new Map<string, number>();
	const count = (counts: Map<string, number>, attributes: readonly KeyValue[]): void => {
		for (const { key } of attributes) counts.set(key, (counts.get(key) ?? 0) + 1);
	};
	for (const { span, resource } of spans) {
		count(own, span.attributes);
		count(ofResource, resource.resource.attributes);
	}
	const listed = (counts: Map<string, number>, scope: 'span' | 'resource') =>
		[...counts]
			.map(([key, spans]) => ({ key, scope, spans }))
			.sort((a, b) => b.spans - a.spans || (a.key < b.key ? -1 : 1));
	return [...listed(own, 'span'), ...listed(ofResource, 'resource')];
}

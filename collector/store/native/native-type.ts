/** A ClickHouse type as far as Spanhouse reads and writes it in the Native format. */
export type NativeType =
	| { kind: 'number'; of: NumberKind }
	| { kind: 'fixed'; size: number }
	| { kind: 'string' }
	| { kind: 'dictionary' }
	| { kind: 'array'; items: NativeType }
	| { kind: 'map'; keys: NativeType; items: NativeType };

const numberKinds = {
	Bool: 'uint8',
	UInt8: 'uint8',
	UInt16: 'uint16',
	UInt32: 'uint32',
	UInt64: 'uint64',
	Int16: 'int16',
	Int32: 'int32',
	Int64: 'int64',
	Float64: 'float64',
} as const;
export type NumberKind = (typeof numberKinds)[keyof typeof numberKinds];

/** Reads a type's name, for instance `Array(Map(LowCardinality(String), String))`. */
export function parseNativeType(name: string): NativeType {
	const { type, rest } = parsePrefix(name);
	if (rest !== '') throw new Error(`the type ${name} goes on with ${rest}`);
	return type;
}

function parsePrefix(text: string): { type: NativeType; rest: string } {
	const name = /^\w+/.exec(text)?.[0] ?? '';
	const rest = text.slice(name.length);
	if (name in numberKinds) return { type: { kind: 'number', of: numberKinds[name as keyof typeof numberKinds] }, rest };
	if (name === 'String') return { type: { kind: 'string' }, rest };
	if (text.startsWith('LowCardinality(String)')) {
		return { type: { kind: 'dictionary' }, rest: text.slice('LowCardinality(String)'.length) };
	}
	const fixed = /^FixedString\((\d+)\)/.exec(text);
	if (fixed !== null) return { type: { kind: 'fixed', size: Number(fixed[1]) }, rest: text.slice(fixed[0].length) };
	const time = /^DateTime64\(\d+(, '\w+')?\)/.exec(text);
	if (time !== null) return { type: { kind: 'number', of: 'int64' }, rest: text.slice(time[0].length) };
	if (name === 'Array') {
		const items = parsePrefix(rest.slice(1));
		return { type: { kind: 'array', items: items.type }, rest: items.rest.slice(1) };
	}
	if (name === 'Map') {
		const keys = parsePrefix(rest.slice(1));
		const items = parsePrefix(keys.rest.slice(2));
		return { type: { kind: 'map', keys: keys.type, items: items.type }, rest: items.rest.slice(1) };
	}
	throw new Error(`no reader for the ClickHouse type ${text}`);
}

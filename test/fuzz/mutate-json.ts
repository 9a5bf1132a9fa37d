import type { Dice } from './dice.ts';

type Json = unknown;
type JsonObject = Record<string, Json>;

/** Written as it stands, without quotes. */
class RawNumber {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

/** JSON.stringify, with numbers that no double holds. */
export function writeJson(value: Json): string {
	const raws: string[] = [];
	const text = JSON.stringify(value, (_, inner: Json) => {
		if (!(inner instanceof RawNumber)) return inner;
		raws.push(inner.text);
		return `\u0001raw${raws.length - 1}\u0001`;
	});
	return text.replaceAll(/"\\u0001raw(\d+)\\u0001"/g, (_, index: string) => raws[Number(index)] ?? '0');
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const codes = ['UNSET', 'OK', 'ERROR'];

const isId = (name: string): boolean => /^(trace|span|parentSpan)Id$/.test(name);
const isTime = (name: string): boolean => name.endsWith('UnixNano');

/** Whole numbers that the exporter for JavaScript writes into `intValue` although 64 bits don't hold them. */
const isBeyondInt64 = (value: Json): boolean =>
	typeof value === 'number' && Number.isInteger(value) && (value >= 2 ** 63 || value < -(2 ** 63));

/** The same request in another spelling that some sender uses: nothing that is stored may change. */
export function deviate(value: Json, dice: Dice, name = ''): Json {
	if (Array.isArray(value))
		return value.length === 0 && dice.chance(0.2) ? null : value.map((each) => deviate(each, dice));
	if (typeof value !== 'object' || value === null) return deviateScalar(value, dice, name);
	const entries = Object.entries(value).map(([sent, inner]): [string, Json] => {
		const key = sent === 'doubleValue' && isBeyondInt64(inner) && dice.chance(0.5) ? 'intValue' : sent;
		return [dice.chance(0.2) ? snake(key) : key, deviate(inner, dice, key)];
	});
	const isOneOf = entries.length === 1 && /value$/i.test(entries[0]?.[0] ?? '');
	// Beside a value stands nothing: the last member would count.
	if (!isOneOf && dice.chance(0.1)) entries.splice(dice.below(entries.length + 1), 0, ['laterField', { a: [1, null] }]);
	return Object.fromEntries(entries);
}

function deviateScalar(value: Json, dice: Dice, name: string): Json {
	if (typeof value === 'string' && isId(name)) return deviateId(value, dice);
	if (typeof value === 'string' && isTime(name)) return deviateTime(value, dice);
	if (typeof value === 'string' && name === 'intValue') return dice.chance(0.3) ? new RawNumber(value) : value;
	if (typeof value !== 'number' || name === 'intValue') return value;
	if (name === 'kind' && value < kinds.length && dice.chance(0.3)) return `SPAN_KIND_${kinds[value]}`;
	if (name === 'code' && value < codes.length && dice.chance(0.3)) return `STATUS_CODE_${codes[value]}`;
	return dice.chance(0.2) ? String(value) : value;
}

function deviateId(hex: string, dice: Dice): Json {
	const bytes = Buffer.from(hex, 'hex');
	const isValid = [8, 16].includes(bytes.length);
	if (dice.chance(0.2)) return hex.toUpperCase();
	// Other lengths are refused in every spelling, but not for the same reason.
	if (isValid && dice.chance(0.1)) return [...bytes];
	return isValid && dice.chance(0.1) ? bytes.toString('base64') : hex;
}

function deviateTime(nanos: string, dice: Dice): Json {
	if (dice.chance(0.2)) return new RawNumber(nanos);
	if (!dice.chance(0.1)) return nanos;
	const words = BigInt(nanos);
	return { low: Number(BigInt.asIntN(32, words)), high: Number(BigInt.asIntN(32, words >> 32n)) };
}

const oddValues = (dice: Dice): Json =>
	dice.pick<Json>([
		null,
		true,
		'',
		'x',
		'9223372036854775808',
		'-1',
		'1e400',
		[],
		{},
		[null],
		-1,
		1.5,
		2 ** 53,
		new RawNumber('18446744073709551616'),
		new RawNumber('1e400'),
		new RawNumber('-0'),
		new RawNumber(`1${'0'.repeat(400)}`),
		'\ud800',
		deepArray(dice.pick([3, 70, 300])),
	]);

const deepArray = (depth: number): Json => (depth === 0 ? 'core' : { arrayValue: { values: [deepArray(depth - 1)] } });

const oddKeys = ['__proto__', 'constructor', 'toString', '', 'low', 'high', 'length', 'intValue', 'values', 'spans'];

/** Members of other types, missing, doubled, under other names. */
export function mutateJson(value: Json, dice: Dice): Json {
	const copy: Json = structuredClone(value);
	for (let times = 1 + dice.below(3); times > 0; times -= 1) mutateOnce(copy, dice);
	return copy;
}

/** Copies of copies would make a case of many megabytes. */
const maxHolders = 1_000;

function mutateOnce(root: Json, dice: Dice): void {
	const holders = holdersOf(root);
	if (holders.length > maxHolders) return;
	const holder = dice.pick(dice.chance(0.3) ? holders.slice(0, 6) : holders);
	const keys = Object.keys(holder);
	const key = keys.length > 0 ? dice.pick(keys) : Array.isArray(holder) ? '0' : dice.pick(oddKeys);
	switch (dice.below(5)) {
		case 0:
			return put(holder, key, oddValues(dice));
		case 1:
			delete holder[key];
			return;
		case 2:
			if (Array.isArray(holder)) holder.push(oddValues(dice));
			else put(holder, dice.pick(oddKeys), oddValues(dice));
			return;
		case 3:
			if (Array.isArray(holder))
				holder.push(...Array.from({ length: dice.chance(0.05) ? 140 : 1 + dice.below(5) }, () => holder[0] as Json));
			else put(holder, snake(key), oddValues(dice));
			return;
		default:
			put(holder, key, holder === holders[0] ? oddValues(dice) : structuredClone(withoutRaw(dice.pick(holders))));
	}
}

/** Own members all, `__proto__` included. */
const put = (holder: JsonObject, key: string, value: Json): void =>
	void Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });

/** A RawNumber loses its class when it is cloned. */
const withoutRaw = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

/** Every object and array in it, the outermost first. */
function holdersOf(value: Json): JsonObject[] {
	if (typeof value !== 'object' || value === null || value instanceof RawNumber) return [];
	return [value as JsonObject, ...Object.values(value).flatMap((inner) => holdersOf(inner))];
}

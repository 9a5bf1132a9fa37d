/** Values as text, exact: int64 in decimal, doubles as JavaScript prints them, minus zero with its sign. */
export function int64Text(low: number, high: number): string {
	if (high === 0) return String(low);
	return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString();
}

export const doubleText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** A double in OTLP/JSON: a number, or one of three names (proto3 JSON mapping). */
export const doubleJson = (value: number): string =>
	Number.isFinite(value) ? doubleText(value) : JSON.stringify(String(value));

import type { AttributeColumns, MapColumn, StringColumn } from '../../schema/span-block.ts';
import { StringColumnBuilder, Uint32List } from './growable-columns.ts';
import type { AttributeClass } from './redaction.ts';
import { REDACTED } from './redaction-rules.ts';
import { contentStart } from './string-column.ts';

/**
 * A number under the name of a secret, such as a PIN, is one: it leaves its map, and REDACTED comes to stand among the
 * texts of its span. `moved` is told of each.
 */
export function moveSecretNumbers(
	attributes: AttributeColumns,
	classes: readonly AttributeClass[],
	moved: (row: number, key: number) => void,
): AttributeColumns {
	const isSecret = (key: number): boolean => classes[key] === 'secret';
	const { int64, double } = attributes;
	if (!int64.keys.some(isSecret) && !double.keys.some(isSecret)) return attributes;
	const secrets: number[][] = Array.from(int64.ends, () => []);
	for (const map of [int64, double]) {
		eachEntry(map, (row, key) => {
			if (!isSecret(key)) return;
			secrets[row]?.push(key);
			moved(row, key);
		});
	}
	return {
		...attributes,
		int64: { ...withoutKeys(int64, isSecret), values: int64.values.filter((_, i) => !isSecret(int64.keys[i] ?? 0)) },
		double: {
			...withoutKeys(double, isSecret),
			values: double.values.filter((_, i) => !isSecret(double.keys[i] ?? 0)),
		},
		string: withTexts(attributes.string, secrets),
	};
}

function eachEntry({ ends, keys }: MapColumn<unknown>, visit: (row: number, key: number) => void): void {
	let entry = 0;
	for (const [row, end] of ends.entries()) for (; entry < end; entry++) visit(row, keys[entry] as number);
}

function withoutKeys(map: MapColumn<unknown>, isSecret: (key: number) => boolean) {
	const kept = new Uint32List();
	const ends = new Uint32Array(map.ends.length);
	eachEntry(map, (row, key) => {
		if (isSecret(key)) return;
		kept.push(key);
		ends[row] = kept.length;
	});
	// Rows without entries end where the row before ends.
	for (let row = 1; row < ends.length; row++) ends[row] = Math.max(ends[row] as number, ends[row - 1] as number);
	return { ends, keys: kept.finish() };
}

function withTexts(
	{ ends, keys, values }: MapColumn<StringColumn>,
	secrets: readonly (readonly number[])[],
): MapColumn<StringColumn> {
	const newEnds = new Uint32List();
	const newKeys = new Uint32List();
	const newValues = new StringColumnBuilder();
	let entry = 0;
	for (const [row, end] of ends.entries()) {
		for (; entry < end; entry++) {
			newKeys.push(keys[entry] as number);
			newValues.append(values.bytes, contentStart(values, entry), values.ends[entry] as number);
		}
		for (const key of secrets[row] ?? []) {
			newKeys.push(key);
			newValues.appendText(REDACTED);
		}
		newEnds.push(newKeys.length);
	}
	return { ends: newEnds.finish(), keys: newKeys.finish(), values: newValues.finish() };
}

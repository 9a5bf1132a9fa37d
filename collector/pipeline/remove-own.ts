import type { AttributeColumns, MapColumn, StringColumn } from '../../schema/span-block.ts';
import { OWN_INTEGER_BITS, OWN_TEXT_BITS } from './facts.ts';

/**
 * The maps without what lives in a promoted column alone. `slotOfKey` is the slot of each attribute key, -1 for none.
 * The columns are packed in place, then trimmed.
 */
export function removeOwn(attributes: AttributeColumns, slotOfKey: Int16Array, own: Uint32Array): AttributeColumns {
	const bitsOf = (bitsOfSlot: Uint32Array): Uint32Array =>
		Uint32Array.from(slotOfKey, (slot) => (slot < 0 ? 0 : (bitsOfSlot[slot] as number)));
	return {
		...attributes,
		string: removeTexts(attributes.string, bitsOf(OWN_TEXT_BITS), own),
		int64: removeIntegers(attributes.int64, bitsOf(OWN_INTEGER_BITS), own),
	};
}

function removeTexts(map: MapColumn<StringColumn>, bits: Uint32Array, own: Uint32Array): MapColumn<StringColumn> {
	const { keys, ends } = map;
	const { bytes, ends: valueEnds } = map.values;
	let kept = 0;
	let size = 0;
	let entry = 0;
	let frameStart = 0;
	for (let row = 0; row < ends.length; row++) {
		const rowEnd = ends[row] as number;
		const ownOfRow = own[row] as number;
		for (; entry < rowEnd; entry++) {
			const key = keys[entry] as number;
			const frameEnd = valueEnds[entry] as number;
			if (((bits[key] as number) & ownOfRow) === 0) {
				if (size !== frameStart) move(bytes, frameStart, frameEnd, size);
				size += frameEnd - frameStart;
				keys[kept] = key;
				valueEnds[kept++] = size;
			}
			frameStart = frameEnd;
		}
		ends[row] = kept;
	}
	return {
		ends,
		keys: keys.subarray(0, kept),
		values: { bytes: bytes.subarray(0, size), ends: valueEnds.subarray(0, kept) },
	};
}

/** For the few bytes of an attribute a loop is faster than the call of copyWithin. */
function move(bytes: Uint8Array, start: number, end: number, to: number): void {
	if (end - start > 64) bytes.copyWithin(to, start, end);
	else for (let i = start, at = to; i < end; i++, at++) bytes[at] = bytes[i] as number;
}

function removeIntegers(map: MapColumn<BigInt64Array>, bits: Uint32Array, own: Uint32Array): MapColumn<BigInt64Array> {
	const { keys, ends, values } = map;
	const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
	let kept = 0;
	let entry = 0;
	for (let row = 0; row < ends.length; row++) {
		const rowEnd = ends[row] as number;
		const ownOfRow = own[row] as number;
		for (; entry < rowEnd; entry++) {
			const key = keys[entry] as number;
			if (((bits[key] as number) & ownOfRow) !== 0) continue;
			keys[kept] = key;
			words[kept * 2] = words[entry * 2] as number;
			words[kept * 2 + 1] = words[entry * 2 + 1] as number;
			kept++;
		}
		ends[row] = kept;
	}
	return { ends, keys: keys.subarray(0, kept), values: values.subarray(0, kept) };
}

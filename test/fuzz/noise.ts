import type { Dice } from './dice.ts';

const telling = [0, 0x7f, 0x80, 0xff, 0x22, 0x5b];

/** Flips, overwrites, cuts, repeats and splices bytes: the damage that wires, disks and attackers do. */
export function damage(body: Uint8Array, dice: Dice): Uint8Array {
	let bytes = new Uint8Array(body);
	for (let times = 1 + dice.below(5); times > 0; times -= 1) bytes = damageOnce(bytes, dice);
	return bytes;
}

function damageOnce(bytes: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array<ArrayBuffer> {
	const at = dice.below(bytes.length);
	switch (dice.below(6)) {
		case 0:
			bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
			return bytes;
		case 1:
			bytes[at] = dice.below(256);
			return bytes;
		case 2:
			bytes[at] = dice.pick(telling);
			return bytes;
		case 3:
			return bytes.slice(0, Math.max(1, at));
		case 4:
			bytes.copyWithin(dice.below(bytes.length), at, at + dice.below(64));
			return bytes;
		default:
			return new Uint8Array(
				Buffer.concat([bytes.subarray(0, at), bytes.subarray(dice.below(at + 1), at), bytes.subarray(at)]),
			);
	}
}

/** `cityHash64` of ClickHouse for 16 bytes: CityHash 1.0.2, github.com/google/cityhash, HashLen0to16 and Hash128to64. */

const factor = 0x9ddfea08eb382d69n;
const word = (1n << 64n) - 1n;

export function cityHash64(bytes: DataView, at: number): bigint {
	const first = bytes.getBigUint64(at, true);
	const last = bytes.getBigUint64(at + 8, true);
	const sum = (last + 16n) & word;
	const rotated = ((sum >> 16n) | (sum << 48n)) & word;
	return mixed(first, rotated) ^ last;
}

function mixed(low: bigint, high: bigint): bigint {
	let a = ((low ^ high) * factor) & word;
	a ^= a >> 47n;
	let b = ((high ^ a) * factor) & word;
	b ^= b >> 47n;
	return (b * factor) & word;
}

/**
 * Looks for many short texts at once in a value. Most values hold none of them, and of most characters one look in a
 * table tells that: each needle is anchored at its rarest pair of characters, and only where that stands is it compared.
 */
export class Needles {
	/** For each pair of characters, by their 7 low bits, 1 + index of the needles that are anchored at it; mostly 0. */
	readonly #buckets = new Uint8Array(PAIRS);
	readonly #needles: Needle[][] = [];
	readonly #shortest: number;

	/** `groups[i]` are the needles of which one is enough to set bit i in an answer. ASCII alone, at least 2 characters. */
	constructor(groups: readonly (readonly string[])[]) {
		if (groups.length > MAX_GROUPS) {
			throw new RangeError(`${groups.length} groups of needles; at most ${MAX_GROUPS} fit in an answer`);
		}
		let shortest = Number.POSITIVE_INFINITY;
		for (const [group, needles] of groups.entries()) {
			for (const text of needles) {
				if (text.length < 2) throw new RangeError(`needle "${text}" has less than 2 characters`);
				this.#anchor({
					text,
					codes: Uint8Array.from(text, (character) => character.charCodeAt(0)),
					offset: 0,
					bit: 1 << group,
				});
				shortest = Math.min(shortest, text.length);
			}
		}
		this.#shortest = shortest;
	}

	/** Bit i for each group of which a needle stands between `start` and `end`. */
	inBytes(bytes: Uint8Array, start = 0, end = bytes.length): number {
		if (end - start < this.#shortest) return 0;
		const buckets = this.#buckets;
		let found = 0;
		let before = 0;
		for (let at = start; at < end; at++) {
			const code = (bytes[at] as number) & 0x7f;
			const pair = (before << 7) | code;
			if (buckets[pair] !== 0) found |= this.#foundInBytes(pair, bytes, at, start, end);
			before = code;
		}
		return found;
	}

	inText(text: string): number {
		if (text.length < this.#shortest) return 0;
		const buckets = this.#buckets;
		let found = 0;
		let pair = 0;
		for (let at = 0; at < text.length; at++) {
			pair = ((pair << 7) | (text.charCodeAt(at) & 0x7f)) & PAIR_MASK;
			if (buckets[pair] !== 0) found |= this.#foundInText(pair, text, at);
		}
		return found;
	}

	#anchor(needle: Needle): void {
		const { codes } = needle;
		const offset = rarestPairEnd(codes);
		this.#bucketOf(((codes[offset - 1] ?? 0) << 7) | (codes[offset] ?? 0)).push({ ...needle, offset });
	}

	#bucketOf(pair: number): Needle[] {
		const known = this.#needles[(this.#buckets[pair] ?? 0) - 1];
		if (known !== undefined) return known;
		if (this.#needles.length === MAX_BUCKETS)
			throw new RangeError(`needles have more than ${MAX_BUCKETS} different anchors`);
		const bucket: Needle[] = [];
		this.#needles.push(bucket);
		this.#buckets[pair] = this.#needles.length;
		return bucket;
	}

	#foundInBytes(pair: number, bytes: Uint8Array, at: number, start: number, end: number): number {
		let found = 0;
		for (const { codes, offset, bit } of this.#needles[(this.#buckets[pair] ?? 0) - 1] ?? []) {
			const from = at - offset;
			if (from < start || from + codes.length > end) continue;
			let i = 0;
			while (i < codes.length && bytes[from + i] === codes[i]) i++;
			if (i === codes.length) found |= bit;
		}
		return found;
	}

	#foundInText(pair: number, text: string, at: number): number {
		let found = 0;
		for (const needle of this.#needles[(this.#buckets[pair] ?? 0) - 1] ?? []) {
			if (at >= needle.offset && text.startsWith(needle.text, at - needle.offset)) found |= needle.bit;
		}
		return found;
	}
}

interface Needle {
	text: string;
	codes: Uint8Array;
	/** Where the pair ends that it is anchored at. */
	offset: number;
	bit: number;
}

const MAX_GROUPS = 31;
const MAX_BUCKETS = 255;
const PAIRS = 1 << 14;
const PAIR_MASK = PAIRS - 1;

/** Characters of attribute values, from those that hardly occur to those that occur all the time. */
const FROM_RARE = '@~`^|!#$%&+"\'<>;?*\\QZXJKYWVBUFGHjqxzIOMPDRLNCSTEAkwv=ybgu,fmhp()dl[]{}c_9876543210:snir-ota/.e ';

/** What isn't listed is rarer than everything. */
const rank = (code: number | undefined): number => FROM_RARE.indexOf(String.fromCharCode(code ?? 0));

function rarestPairEnd(codes: Uint8Array): number {
	const rankAt = (end: number): number => rank(codes[end - 1]) + rank(codes[end]);
	let rarest = 1;
	for (let end = 2; end < codes.length; end++) if (rankAt(end) < rankAt(rarest)) rarest = end;
	return rarest;
}

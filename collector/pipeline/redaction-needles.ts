/**
 * Looks for many short texts at once in the bytes of a value. Most values hold none of them, and of most bytes one look
 * in a table tells that: each needle is anchored at its rarest character, and only where that stands is it compared.
 */
export class Needles {
	/** 1 + index of the bucket of needles that are anchored at a byte; 0 for most bytes. */
	readonly #buckets = new Uint8Array(256);
	readonly #needles: Needle[][] = [];
	readonly #shortest: number;

	/** `groups[i]` are the needles of which one is enough to set bit i in an answer; at most 31 groups, ASCII alone. */
	constructor(groups: readonly (readonly string[])[]) {
		if (groups.length > MAX_GROUPS)
			throw new RangeError(`${groups.length} groups of needles; at most ${MAX_GROUPS} fit in an answer`);
		let shortest = Number.POSITIVE_INFINITY;
		for (const [group, needles] of groups.entries()) {
			for (const text of needles) {
				const codes = Uint8Array.from(text, (character) => character.charCodeAt(0));
				const offset = rarestAt(codes);
				this.#bucketOf(codes[offset] ?? 0).push({ codes, offset, bit: 1 << group });
				shortest = Math.min(shortest, codes.length);
			}
		}
		this.#shortest = shortest;
	}

	/** Bit i for each group of which a needle stands between `start` and `end`. */
	inBytes(bytes: Uint8Array, start = 0, end = bytes.length): number {
		if (end - start < this.#shortest) return 0;
		const buckets = this.#buckets;
		let found = 0;
		for (let at = start; at < end; at++) {
			const bucket = buckets[bytes[at] ?? 0] ?? 0;
			if (bucket !== 0) found |= this.#foundInBytes(bucket - 1, bytes, at, start, end);
		}
		return found;
	}

	inText(text: string): number {
		if (text.length < this.#shortest) return 0;
		const buckets = this.#buckets;
		let found = 0;
		for (let at = 0; at < text.length; at++) {
			const code = text.charCodeAt(at);
			const bucket = code > 0x7f ? 0 : (buckets[code] ?? 0);
			if (bucket !== 0) found |= this.#foundInText(bucket - 1, text, at);
		}
		return found;
	}

	#bucketOf(code: number): Needle[] {
		const index = this.#buckets[code] ?? 0;
		const known = this.#needles[index - 1];
		if (known !== undefined) return known;
		const bucket: Needle[] = [];
		this.#needles.push(bucket);
		this.#buckets[code] = this.#needles.length;
		return bucket;
	}

	#foundInBytes(bucket: number, bytes: Uint8Array, at: number, start: number, end: number): number {
		let found = 0;
		for (const { codes, offset, bit } of this.#needles[bucket] ?? []) {
			const from = at - offset;
			if (from < start || from + codes.length > end) continue;
			let i = 0;
			while (i < codes.length && bytes[from + i] === codes[i]) i++;
			if (i === codes.length) found |= bit;
		}
		return found;
	}

	#foundInText(bucket: number, text: string, at: number): number {
		let found = 0;
		for (const { codes, offset, bit } of this.#needles[bucket] ?? []) {
			const from = at - offset;
			if (from < 0) continue;
			let i = 0;
			while (i < codes.length && text.charCodeAt(from + i) === codes[i]) i++;
			if (i === codes.length) found |= bit;
		}
		return found;
	}
}

interface Needle {
	codes: Uint8Array;
	/** Where its anchor stands. */
	offset: number;
	bit: number;
}

const MAX_GROUPS = 31;

/** Characters of attribute values, from those that hardly occur to those that occur all the time. */
const FROM_RARE = '@~`^|!#$%&+"\'<>;?*\\QZXJKYWVBUFGHjqxzIOMPDRLNCSTEAkwv=ybgu,fmhp()dl[]{}c_9876543210:snir-ota/.e ';

function rarestAt(codes: Uint8Array): number {
	let rarest = 0;
	for (let i = 1; i < codes.length; i++) if (rank(codes[i]) < rank(codes[rarest])) rarest = i;
	return rarest;
}

/** What isn't listed is rarer than everything. */
const rank = (code: number | undefined): number => FROM_RARE.indexOf(String.fromCharCode(code ?? 0));

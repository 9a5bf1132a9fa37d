import { DECODE_LIMITS } from './decode-limits.ts';

/**
 * The attributes of one span, event, link, resource or scope before they are stored: for each key, where its value lies.
 * A key that comes again takes the place of the one before, so that maps have unique keys. One object serves all sets in turn.
 */
export class AttributeSet {
	readonly keys = new Uint32Array(DECODE_LIMITS.attributes);
	readonly valueStarts = new Uint32Array(DECODE_LIMITS.attributes);
	readonly valueEnds = new Uint32Array(DECODE_LIMITS.attributes);
	count = 0;
	/** Attributes beyond the limit, or with a key beyond its limit. */
	cut = 0;
	/** Attributes without a key. */
	unnamed = 0;
	/** For each key, the set that saw it last, and its place in that set. */
	#seenIn = new Uint32Array(256);
	#placeOf = new Uint16Array(256);
	/** For each key, the one that followed it last time: spans of one kind name their attributes in one order. */
	#followers = new Uint32Array(256);
	#set = 0;
	#previous = 0;

	begin(): void {
		this.#set++;
		this.#previous = 0;
		this.count = this.cut = this.unnamed = 0;
	}

	/** The key that is likely to come next, 0 when nothing is known. */
	guess(): number {
		return this.#followers[this.#previous] as number;
	}

	put(key: number, valueStart: number, valueEnd: number): void {
		if (key >= this.#seenIn.length) this.#grow(key + 1);
		this.#followers[this.#previous] = key;
		this.#previous = key;
		let place = this.count;
		if (this.#seenIn[key] === this.#set) place = this.#placeOf[key] as number;
		else if (place === DECODE_LIMITS.attributes) {
			this.cut++;
			return;
		} else {
			this.#seenIn[key] = this.#set;
			this.#placeOf[key] = place;
			this.keys[place] = key;
			this.count++;
		}
		this.valueStarts[place] = valueStart;
		this.valueEnds[place] = valueEnd;
	}

	#grow(needed: number): void {
		const length = Math.max(needed, this.#seenIn.length * 2);
		this.#seenIn = copyInto(new Uint32Array(length), this.#seenIn);
		this.#placeOf = copyInto(new Uint16Array(length), this.#placeOf);
		this.#followers = copyInto(new Uint32Array(length), this.#followers);
	}
}

function copyInto<Values extends Uint32Array | Uint16Array>(larger: Values, values: Values): Values {
	larger.set(values);
	return larger;
}

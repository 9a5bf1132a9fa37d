import type { Random } from './fuzz.ts';

/** Words and numbers out of a generator. */
export class Dice {
	readonly random: Random;

	constructor(random: Random) {
		this.random = random;
	}

	below(limit: number): number {
		return Math.floor(this.random() * limit);
	}

	chance(share: number): boolean {
		return this.random() < share;
	}

	pick<Value>(values: readonly Value[]): Value {
		const value = values[this.below(values.length)];
		if (value === undefined) throw new Error('nothing to pick from');
		return value;
	}

	bytes(length: number): Uint8Array {
		return Uint8Array.from({ length }, () => this.below(256));
	}

	/** None more often than not. */
	list<Value>(most: number, make: () => Value): Value[] {
		return Array.from({ length: this.chance(0.4) ? 1 + this.below(most) : 0 }, make);
	}

	bits64(): bigint {
		return (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
	}
}

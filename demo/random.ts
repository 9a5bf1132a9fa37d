export interface Random {
	/** From 0, below 1. */
	next(): number;
	/** A whole number from `min` to `max`, both included. */
	between(min: number, max: number): number;
	/** One of these, as often as its weight says. */
	weighted<T>(choices: readonly (readonly [T, number])[]): T;
}

/** Mulberry32, by Tommy Ettinger (public domain): small, fast, and the same everywhere for the same seed. */
export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		next,
		between: (min, max) => min + Math.floor(next() * (max - min + 1)),
		weighted: (choices) => {
			let rest = next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
			const last = choices.at(-1);
			if (last === undefined) throw new Error('there is nothing to choose from');
			return (choices.find(([, weight]) => (rest -= weight) < 0) ?? last)[0];
		},
	};
}

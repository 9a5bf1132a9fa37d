/**
 * A figure of a fault, and what it has to be. The long form holds it against that; where the suite runs among other tests, it
 * would say how busy the machine is.
 */
export interface Bound {
	what: string;
	value: number;
	unit: 's' | 'ms' | '%' | 'times';
	atMost?: number;
	atLeast?: number;
}

const limitOf = ({ atMost, atLeast, unit }: Bound): string =>
	atMost === undefined ? `at least ${atLeast} ${unit}` : `at most ${atMost} ${unit}`;

const figure = ({ value, unit }: Bound): string => `${unit === 's' ? value.toFixed(1) : value.toFixed(0)} ${unit}`;

export const describeBound = (bound: Bound): string => `${bound.what} ${figure(bound)} (${limitOf(bound)})`;

/** Those that are not kept, in words. */
export const beyondBounds = (bounds: readonly Bound[]): string[] =>
	bounds
		.filter(({ value, atMost = Infinity, atLeast = 0 }) => value > atMost || value < atLeast)
		.map((bound) => `${bound.what} ${figure(bound)}; ${limitOf(bound)} expected`);

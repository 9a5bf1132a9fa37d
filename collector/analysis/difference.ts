/** Ranks what tells selected spans from the rest. Pure: the counts come from the store. */
import type { DifferingNumber, DifferingValue, DifferenceAnswer } from '../../schema/api-difference.ts';
import { leastDifference } from './share-interval.ts';
import { numberBins, numberShift } from './number-shift.ts';
import type { NumberCounts } from './number-shift.ts';

/** One key with the values that differ most. */
export interface KeyCounts {
	/** As the search language writes it. */
	key: string;
	scope: DifferingValue['scope'];
	/** Spans with the key, on both sides. */
	spans: number;
	/** Different values among them. */
	distinct: number;
	values: readonly { value: string; selected: number; rest: number }[];
	/** Where the values are numbers: all of them. */
	numbers?: NumberCounts & { unit: DifferingNumber['unit'] };
}

/** Which keys the selection itself asks for: that they differ says nothing. */
export interface Compared {
	selected: number;
	rest: number;
	keys: readonly KeyCounts[];
	asked: ReadonlySet<string>;
}

/** Values of a key in the answer, keys in the answer. */
export const VALUES_OF_KEY = 6;
const MAX_KEYS = 200;
/** Rarer values say nothing about a cause, however their shares compare. */
const MIN_SPANS = 5;
/** Numbers with at most so many different values are compared value by value, as status codes are. */
const MAX_NUMBERS_AS_VALUES = 20;
const IDENTIFIER_SHARE = 0.9;
const IDENTIFIER_SPANS = 20;
const BINS = 24;

/** Nearly every span has another value: an id of a request, a session, a message. */
const isIdentifier = ({ spans, distinct }: KeyCounts): boolean =>
	spans > IDENTIFIER_SPANS && distinct > spans * IDENTIFIER_SHARE;

/** Ports that a client is given for a connection. The least that Linux gives; IANA's are above it (RFC 6335, section 6). */
const LEAST_PASSING_PORT = 32_768;
const PORT_KEYS = /(^|\.)(client|network\.peer|net\.peer|net\.sock\.peer)\.port$/;

/** Which connection it was: requests share one by chance, and that says nothing about a cause. Ports of servers stay. */
function isOfConnection({ key, values, numbers }: KeyCounts): boolean {
	if (!PORT_KEYS.test(key)) return false;
	const ports = numbers?.values ?? values.map(({ value }) => Number(value));
	return ports.length > 0 && ports.every((port) => port >= LEAST_PASSING_PORT);
}

/** A quantity, rather than a few numbers that are names. */
const isMeasured = (counts: KeyCounts): counts is KeyCounts & Required<Pick<KeyCounts, 'numbers'>> =>
	counts.numbers !== undefined && (counts.numbers.unit === 'nano' || counts.distinct > MAX_NUMBERS_AS_VALUES);

type Ranked = Pick<DifferenceAnswer, 'attributes' | 'numbers' | 'leftOut'>;

/** Most telling first: by difference of shares, then by what of it is certain, then by name so that order is total. */
export function rankDifferences({ selected, rest, keys, asked }: Compared): Ranked {
	const leftOut: Ranked['leftOut'] = [];
	const attributes: DifferingValue[] = [];
	const numbers: DifferingNumber[] = [];
	const isComparable = selected > 0 && rest > 0;
	for (const one of isComparable ? keys : []) {
		if (asked.has(one.key)) leftOut.push({ key: one.key, reason: 'selection' });
		else if (isOfConnection(one)) leftOut.push({ key: one.key, reason: 'identifier' });
		else if (isMeasured(one)) numbers.push(differingNumber(one, one.numbers, selected, rest));
		else if (isIdentifier(one)) leftOut.push({ key: one.key, reason: 'identifier' });
		else attributes.push(...differingValues(one, selected, rest));
	}
	return {
		attributes: ofFirstKeys(attributes.sort(byScore)),
		numbers: numbers.sort(byScore).slice(0, MAX_KEYS),
		leftOut: leftOut.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, MAX_KEYS),
	};
}

function differingValues({ key, scope, values }: KeyCounts, selected: number, rest: number): DifferingValue[] {
	return values
		.filter((value) => value.selected + value.rest >= Math.min(MIN_SPANS, selected))
		.map((value) => {
			const [selectedRatio, restRatio] = [value.selected / selected, value.rest / rest];
			const leastScore = leastDifference(value.selected, selected, value.rest, rest);
			return { key, scope, ...value, selectedRatio, restRatio, score: selectedRatio - restRatio, leastScore };
		})
		.sort(byScore)
		.slice(0, VALUES_OF_KEY);
}

function differingNumber(
	{ key, scope }: KeyCounts,
	numbers: Required<KeyCounts>['numbers'],
	selected: number,
	rest: number,
): DifferingNumber {
	const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
	const counts = { selected: sum(numbers.selected), rest: sum(numbers.rest) };
	return {
		key,
		scope,
		unit: numbers.unit,
		...counts,
		selectedRatio: counts.selected / selected,
		restRatio: counts.rest / rest,
		...numberShift(numbers, selected, rest),
		bins: numberBins(numbers, BINS),
	};
}

type Scored = Pick<DifferingValue, 'key' | 'score' | 'leastScore'> & { value?: string };

function byScore(a: Scored, b: Scored): number {
	const order = Math.abs(b.score) - Math.abs(a.score) || b.leastScore - a.leastScore;
	if (order !== 0) return order;
	return compareText(a.key, b.key) || compareText(a.value ?? '', b.value ?? '');
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** All values of the first keys: a key cut in two would look as if it had no more of them. */
function ofFirstKeys(ranked: readonly DifferingValue[]): DifferingValue[] {
	const keys = new Set<string>();
	for (const { key } of ranked) {
		if (keys.size >= MAX_KEYS) break;
		keys.add(key);
	}
	return ranked.filter(({ key }) => keys.has(key));
}

import type { DifferenceAnswer, DifferingNumber, DifferingValue } from '../../../schema/api-difference.ts';

/** One attribute of the comparison: some of its values, or its numbers. */
export type DifferenceRow = { key: string; scope: DifferingValue['scope']; score: number; leastScore: number } & (
	{ kind: 'values'; values: readonly DifferingValue[] } | { kind: 'number'; number: DifferingNumber }
);

/** Values of an attribute that are drawn. */
const VALUES_SHOWN = 2;

/** Attributes by what differs most of each. Those that differ no more than chance would come apart. */
export function differenceRows({ attributes, numbers }: DifferenceAnswer): {
	telling: DifferenceRow[];
	chance: DifferenceRow[];
} {
	const rows: DifferenceRow[] = [];
	for (const [place, values] of Map.groupBy(attributes, ({ scope, key }) => `${scope} ${key}`)) {
		const [first] = values;
		if (first === undefined || place === '') continue;
		const { key, scope, score, leastScore } = first;
		rows.push({ kind: 'values', key, scope, score, leastScore, values: values.slice(0, VALUES_SHOWN) });
	}
	for (const number of numbers) {
		const { key, scope, score, leastScore } = number;
		rows.push({ kind: 'number', key, scope, score, leastScore, number });
	}
	rows.sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || b.leastScore - a.leastScore || (a.key < b.key ? -1 : 1));
	return {
		telling: rows.filter(({ leastScore }) => leastScore > 0),
		chance: rows.filter(({ leastScore }) => leastScore <= 0),
	};
}

/** Of each attribute that tells them apart the value that the selected spans have most more often than the rest. */
export const tellingValues = (answer: DifferenceAnswer): DifferingValue[] =>
	differenceRows(answer).telling.flatMap((row) => {
		const more = row.kind === 'values' ? row.values.find(({ score }) => score > 0) : undefined;
		return more === undefined ? [] : [more];
	});

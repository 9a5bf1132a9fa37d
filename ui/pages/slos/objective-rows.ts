import type { ObjectiveAnswer } from '../../../schema/api-objectives.ts';
import { healthOf, objectiveSpecOf } from './objective-words.ts';
import type { ObjectiveHealth } from './objective-words.ts';
import type { ObjectiveSort } from './slos-query.ts';

const ORDER: readonly ObjectiveHealth[] = ['page', 'spent', 'ticket', 'ok', 'none'];

const VALUES: Record<ObjectiveSort, (slo: ObjectiveAnswer) => number | string> = {
	/** Ascending is worst first. */
	state: (slo) => ORDER.indexOf(healthOf(slo)),
	name: (slo) => slo.document.metadata.name.toLowerCase(),
	budget: (slo) => slo.budgetLeftRatio ?? Infinity,
};

/** Those whose name, queries or services hold the text, sorted; of equal ones the least budget first. */
export function arrangeObjectives(
	slos: readonly ObjectiveAnswer[],
	{ f, sort }: { f: string; sort: ObjectiveSort | `-${ObjectiveSort}` },
): ObjectiveAnswer[] {
	const isDown = sort.startsWith('-');
	const valueOf = VALUES[(isDown ? sort.slice(1) : sort) as ObjectiveSort];
	const text = f.trim().toLowerCase();
	const order = (a: ObjectiveAnswer, b: ObjectiveAnswer) => {
		const [left, right] = [valueOf(a), valueOf(b)];
		return left === right ? 0 : left < right ? -1 : 1;
	};
	return slos
		.filter((slo) => textOf(slo).includes(text))
		.sort(
			(a, b) =>
				(isDown ? order(b, a) : order(a, b)) ||
				(a.budgetLeftRatio ?? Infinity) - (b.budgetLeftRatio ?? Infinity) ||
				(a.document.metadata.name < b.document.metadata.name ? -1 : 1),
		);
}

function textOf({ document, services }: ObjectiveAnswer): string {
	const spec = objectiveSpecOf(document);
	return [document.metadata.name, spec?.total, spec?.good, ...services].join(' ').toLowerCase();
}

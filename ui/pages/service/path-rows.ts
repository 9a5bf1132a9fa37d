import type { OperationPathAnswer, OperationPathGroup } from '../../../schema/api-operation-path.ts';

type Part = OperationPathGroup['parts'][number];

/** One service and operation on the paths of typical and of slow spans. */
export interface PathRow {
	/** Both empty: what is too small to be listed. */
	service: string;
	operation: string;
	typical: Part;
	slow: Part;
}

const LISTED = 12;

/** Parts of either, those with the most time in slow spans first; what follows the first dozen is one row. */
export function pathRows({ typical, slow }: Pick<OperationPathAnswer, 'typical' | 'slow'>): PathRow[] {
	const rows = new Map<string, PathRow>();
	for (const [which, { parts }] of [['typical', typical], ['slow', slow]] as const) {
		for (const part of parts) {
			const key = JSON.stringify([part.service, part.operation]);
			const { service, operation } = part;
			const row = rows.get(key) ?? { service, operation, typical: noPart(part), slow: noPart(part) };
			rows.set(key, { ...row, [which]: part });
		}
	} // prettier-ignore
	const isNamed = ({ service, operation }: PathRow) => service !== '' || operation !== '';
	const named = [...rows.values()]
		.filter(isNamed)
		.sort((a, b) => b.slow.nano - a.slow.nano || b.typical.nano - a.typical.nano);
	const rest = [...named.slice(LISTED), ...[...rows.values()].filter((row) => !isNamed(row))];
	return rest.length === 0 ? named : [...named.slice(0, LISTED), together(rest)];
}

const noPart = ({ service, operation }: Pick<Part, 'service' | 'operation'>): Part => ({
	service,
	operation,
	nano: 0,
	ratio: 0,
	beforeNano: 0,
	beforeRatio: 0,
});

function together(rows: readonly PathRow[]): PathRow {
	const sum = (which: 'typical' | 'slow'): Part =>
		rows.reduce(
			(all, row) => {
				const part = row[which];
				return {
					...all,
					nano: all.nano + part.nano,
					ratio: all.ratio + part.ratio,
					beforeNano: all.beforeNano + part.beforeNano,
					beforeRatio: all.beforeRatio + part.beforeRatio,
				};
			},
			noPart({ service: '', operation: '' }),
		);
	return { service: '', operation: '', typical: sum('typical'), slow: sum('slow') };
}

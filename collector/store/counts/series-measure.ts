import type { SeriesAnswer } from '../../../schema/api-measures.ts';
import type { RedSums } from './red-sums.ts';
import type { Summed } from './sums-sql.ts';

/** How a value is made of counted requests. */
export interface Measure {
	unit: SeriesAnswer['unit'];
	/** Null where there is nothing to measure. `seconds` is what was counted over. */
	of: (sums: RedSums, seconds: number) => number | null;
	/** Apdex counts against this threshold. */
	apdexNano?: number;
}

const unitNano: Record<string, number> = { us: 1e3, ms: 1e6, s: 1e9, m: 60e9 };

/** `p95`, `errorPercent`, `apdex(500ms)`: one of those that the schema of the request lets through. */
export function measureOf(text: string): Measure {
	const [, amount, unit = ''] = /^apdex\((.*?)([a-z]+)\)$/.exec(text) ?? [];
	if (amount !== undefined) {
		const apdexNano = Math.round(Number(amount) * (unitNano[unit] ?? 1));
		return { unit: 'ratio', of: (sums) => sums.apdex(), apdexNano };
	}
	switch (text) {
		case 'count':
			return { unit: 'count', of: ({ requests }) => requests };
		case 'requestsPerSecond':
			return { unit: 'perSecond', of: ({ requests }, seconds) => requests / seconds };
		case 'errorsPerSecond':
			return { unit: 'perSecond', of: ({ errors }, seconds) => errors / seconds };
		case 'errorPercent':
			return { unit: 'percent', of: ({ requests, errors }) => (requests === 0 ? null : (100 * errors) / requests) };
		default: {
			const q = Number(text.slice(1)) / 100;
			return { unit: 'nanoseconds', of: (sums) => sums.quantileNano(q) };
		}
	}
}

/** What is to be summed for it. */
export const summedFor = ({ unit, apdexNano }: Measure): Summed => ({
	durations: unit === 'nanoseconds',
	apdex: apdexNano !== undefined,
});

import type { CompiledQuery } from './query-to-sql.ts';

/** Both in nanoseconds and inclusive. */
export interface DurationBounds {
	minNano?: number | undefined;
	maxNano?: number | undefined;
}

/** A query confined to spans of some durations, whatever its shape: braces don't mix with a term on durations. */
export function withinDurations(query: CompiledQuery, { minNano, maxNano }: DurationBounds): CompiledQuery {
	const bounds = [
		...(minNano === undefined ? [] : ['duration_nano >= {minNano:Float64}']),
		...(maxNano === undefined ? [] : ['duration_nano <= {maxNano:Float64}']),
	];
	if (bounds.length === 0) return query;
	return {
		where: [`(${query.where})`, ...bounds].join(' AND '),
		parameters: {
			...query.parameters,
			...(minNano === undefined ? {} : { minNano }),
			...(maxNano === undefined ? {} : { maxNano }),
		},
	};
}

import type { Partial } from '../schema/api.ts';

/** What is said of a list that has `seen` of what there is; undefined where that is all. */
export const cutPartial = (reason: string, seen: number, of: number, what?: string): Partial | undefined =>
	seen >= of ? undefined : { reason, seen, of, ...(what === undefined ? {} : { what }) };

/** An answer has one place to say what it lacks: the first is said with its figures, and those after it behind its reason. */
export function joinPartials(...found: readonly (Partial | undefined)[]): { partial?: Partial } {
	const [first, ...others] = found.filter((one) => one !== undefined);
	if (first === undefined) return {};
	const reasons = others.map(({ reason, seen, of, what }) => {
		const why = reason === first.reason ? 'also' : reason;
		return `${why} (${seen} of ${of}${what === undefined ? '' : ` ${what}`})`;
	});
	return { partial: { ...first, reason: [first.reason, ...reasons].join('; ') } };
}

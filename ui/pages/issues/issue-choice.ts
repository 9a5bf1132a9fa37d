/** As many as can be merged at once, and one to merge them into. */
export const MOST_CHOSEN = 51;

/**
 * Chosen ids after one more press: in or out, or with `isRange` all from the one that was chosen last up to this one, in the order of
 * the list. Undefined: they would be too many.
 */
export function chosenAfter(
	chosen: readonly string[],
	id: string,
	listed: readonly string[],
	isRange: boolean,
): readonly string[] | undefined {
	const next = isRange ? withRange(chosen, id, listed) : toggled(chosen, id);
	return next.length > MOST_CHOSEN ? undefined : next;
}

const toggled = (chosen: readonly string[], id: string): readonly string[] =>
	chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id];

function withRange(chosen: readonly string[], id: string, listed: readonly string[]): readonly string[] {
	const from = listed.indexOf(chosen.at(-1) ?? id);
	const to = listed.indexOf(id);
	if (from === -1 || to === -1) return toggled(chosen, id);
	const range = listed.slice(Math.min(from, to), Math.max(from, to) + 1);
	// The one that was pressed is where another range begins.
	return [...new Set([...chosen, ...range])].filter((other) => other !== id).concat(id);
}

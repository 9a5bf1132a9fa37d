/** How many letters have to be added, left out or changed (Levenshtein). */
export function editDistance(a: string, b: string): number {
	const letters = Array.from(b);
	let before = [...letters.keys(), letters.length];
	for (const [i, letter] of Array.from(a).entries()) {
		const row = [i + 1];
		for (const [j, other] of letters.entries()) {
			const changed = (before[j] ?? 0) + Number(letter !== other);
			row.push(Math.min(changed, (before[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
		}
		before = row;
	}
	return before.at(-1) ?? 0;
}

/** The name that was probably meant; undefined where none is near: a third of its letters at most may differ. */
export function nearest(written: string, names: readonly string[]): string | undefined {
	let best: string | undefined;
	let least = Math.floor(written.length / 3) + 1;
	for (const name of names) {
		if (Math.abs(name.length - written.length) >= least) continue;
		const distance = editDistance(written.toLowerCase(), name.toLowerCase());
		if (distance < least) [best, least] = [name, distance];
	}
	return best;
}

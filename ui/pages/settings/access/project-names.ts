/** `shop bank` or `shop, bank`; undefined where nothing is written: all. */
export function readProjectNames(text: string): string[] | undefined {
	const names = text.split(/[\s,]+/).filter((name) => name !== '');
	return names.length === 0 ? undefined : names;
}

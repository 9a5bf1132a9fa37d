/**
 * An attachment to a row of links that may be wider than its place: the one of this page stays in sight, also where the row gets its
 * width later. `current` is another where another link is the one, so that it is looked for anew.
 */
export const currentInSight =
	(current: string | undefined) =>
	(row: HTMLElement): (() => void) => {
		const observer = new ResizeObserver(() => current !== undefined && showCurrent(row));
		for (const element of [row, ...row.querySelectorAll('a')]) observer.observe(element);
		return () => observer.disconnect();
	};

/** By hand, because `scrollIntoView` makes it the place that Tab goes on from, past the link that skips to the content. */
function showCurrent(row: HTMLElement): void {
	const link = row.querySelector('[aria-current]');
	if (link !== null) row.scrollLeft += middleOf(link) - middleOf(row);
}

function middleOf(element: Element): number {
	const { left, width } = element.getBoundingClientRect();
	return left + width / 2;
}

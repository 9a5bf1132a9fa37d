/**
 * In a row of links that may be wider than the page, brings the one of this page into its middle. Scrolled by hand, because
 * `scrollIntoView` makes it the place that Tab goes on from, past the link that skips to the content.
 */
export function showCurrent(row: HTMLElement | undefined): void {
	const link = row?.querySelector('[aria-current]');
	if (row === undefined || link === null || link === undefined) return;
	row.scrollLeft += middleOf(link) - middleOf(row);
}

function middleOf(element: Element): number {
	const { left, width } = element.getBoundingClientRect();
	return left + width / 2;
}

/** Of links in a row that may be wider than the page, scrolls to the one of this page. */
export function showCurrent(links: HTMLElement | undefined): void {
	links?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

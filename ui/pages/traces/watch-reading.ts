/** Height of the bar that the page scrolls below. */
const HEADER_PX = 56;

/**
 * Tells whether somebody reads in the element, so that it should keep still: the page is scrolled into it, a row has the
 * focus, or text in it is selected. For `{@attach}`.
 */
export function watchReading(onChange: (isRead: boolean) => void): (box: HTMLElement) => () => void {
	return (box) => {
		const tell = () => {
			const isScrolledInto = box.getBoundingClientRect().top < HEADER_PX && window.scrollY > 0;
			const isFocused = box.contains(document.activeElement);
			const selection = document.getSelection();
			const isSelected = selection !== null && !selection.isCollapsed && box.contains(selection.anchorNode);
			onChange(isScrolledInto || isFocused || isSelected);
		};
		const over = new AbortController();
		const options = { signal: over.signal, passive: true };
		addEventListener('scroll', tell, options);
		addEventListener('focusin', tell, options);
		// The element that gets the focus next is not known before the event is over.
		addEventListener('focusout', () => queueMicrotask(tell), options);
		document.addEventListener('selectionchange', tell, options);
		tell();
		return () => over.abort();
	};
}

/** Back to the beginning of the list, with nothing chosen in it. */
export function stopReading(box: HTMLElement): void {
	if (document.activeElement instanceof HTMLElement && box.contains(document.activeElement))
		document.activeElement.blur();
	document.getSelection()?.removeAllRanges();
	if (box.getBoundingClientRect().top < HEADER_PX) scrollTo({ top: 0 });
}

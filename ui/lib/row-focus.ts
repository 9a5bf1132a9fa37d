import type { KeyHandlers, Keyboard } from './keyboard.ts';

/** Rows of a table are walked by their main links: the focus is the cursor, and Enter is the link's own. */
const ROW_LINK = '[data-row-link]';

/** Moves the focus to the next or previous row's link; from outside, to the first or last. */
export function moveRowFocus(box: HTMLElement | undefined, step: 1 | -1): void {
	const links = [...(box?.querySelectorAll<HTMLElement>(ROW_LINK) ?? [])];
	const row = document.activeElement?.closest('tr') ?? null;
	const at = links.findIndex((link) => row !== null && link.closest('tr') === row);
	const next = at === -1 ? (step === 1 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
	links[next]?.focus();
	links[next]?.scrollIntoView({ block: 'nearest' });
}

/** Follows another link of the row that has the focus; false when there is none. */
function followInRow(box: HTMLElement | undefined, selector: string): boolean {
	const row = document.activeElement?.closest('tr') ?? null;
	const link = row !== null && box?.contains(row) === true ? row.querySelector<HTMLElement>(selector) : null;
	link?.click();
	return link !== null;
}

/** Keys walk the rows in the box and follow their other links, as an effect; a row without such a link leaves its key alone. */
export const useRowKeys = (
	keyboard: Keyboard,
	box: () => HTMLElement | undefined,
	more: KeyHandlers = {},
): (() => void) =>
	keyboard.use('list', {
		next: () => moveRowFocus(box(), 1),
		previous: () => moveRowFocus(box(), -1),
		'open-traces': () => followInRow(box(), '[data-row-traces]'),
		'open-errors': () => followInRow(box(), '[data-row-errors]'),
		...more,
	});

import { domToBlob } from 'modern-screenshot';
import { saveFile } from './save-file.ts';

/** Sharp on screens of twice the density, and in slides. */
const SCALE = 2;

/**
 * A picture of a figure as it is drawn, without its buttons, for the clipboard. Pages served over plain HTTP have no clipboard
 * for pictures: there it is saved as a file. Rejects when the browser can't draw it.
 */
export async function copyFigure(figure: HTMLElement, title: string): Promise<'copied' | 'saved'> {
	const picture = pictureOf(figure);
	if (navigator.clipboard === undefined || !('ClipboardItem' in globalThis)) return save(await picture, title);
	try {
		// A promise: some browsers allow writing only while the press is handled.
		await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
		return 'copied';
	} catch {
		return save(await picture, title);
	}
}

const pictureOf = (figure: HTMLElement): Promise<Blob> =>
	domToBlob(figure, {
		scale: SCALE,
		features: { restoreScrollPosition: true },
		backgroundColor: getComputedStyle(document.documentElement).getPropertyValue('--bg-raised'),
		filter: (node) => !(node instanceof Element && node.matches('.button, select, [popover], .visually-hidden')),
	});

function save(picture: Blob, title: string): 'saved' {
	saveFile(picture, `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.png`);
	return 'saved';
}

/**
 * Figures as pictures: charts, heatmaps, waterfalls and maps are canvases, SVG, boxes and words, and these are drawn again.
 * Libraries that draw any page write a document into a frame, which the content security policy refuses (docs/adr/0049).
 */
import { saveFile } from './save-file.ts';

/** Sharp on screens of twice the density, and in slides. */
const SCALE = 2;
const LEFT_OUT = '.button, select, .visually-hidden, .spoken';
/** What a line or shape of SVG gets from style sheets, which a picture does not have. */
const SVG_STYLES = [
	'fill',
	'fill-opacity',
	'stroke',
	'stroke-width',
	'stroke-dasharray',
	'stroke-opacity',
	'stroke-linecap',
	'opacity',
] as const;

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

function save(picture: Blob, title: string): 'saved' {
	saveFile(picture, `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.png`);
	return 'saved';
}

async function pictureOf(figure: HTMLElement): Promise<Blob> {
	const { left, top, width, height } = figure.getBoundingClientRect();
	const canvas = new OffscreenCanvas(Math.round(width * SCALE), Math.round(height * SCALE));
	const context = canvas.getContext('2d');
	if (context === null) throw new Error('there is no canvas');
	context.setTransform(SCALE, 0, 0, SCALE, -left * SCALE, -top * SCALE);
	context.fillStyle = groundBelow(figure);
	context.fillRect(left, top, width, height);
	await drawInside(context, figure);
	return canvas.convertToBlob({ type: 'image/png' });
}

/** The colour that an element without one of its own stands on. */
function groundBelow(element: Element | null): string {
	for (let at = element; at !== null; at = at.parentElement) {
		const { backgroundColor } = getComputedStyle(at);
		if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor;
	}
	return 'white';
}

async function drawInside(context: OffscreenCanvasRenderingContext2D, element: Element): Promise<void> {
	for (const node of element.childNodes) {
		if (node instanceof Text) drawWords(context, node, element);
		if (!(node instanceof Element) || node.matches(LEFT_OUT) || !node.checkVisibility({ opacityProperty: true }))
			continue;
		const place = node.getBoundingClientRect();
		context.save();
		if (node instanceof HTMLElement) drawBox(context, node, place);
		if (node instanceof HTMLCanvasElement) drawSized(context, node, place);
		else if (node instanceof SVGSVGElement) await drawSvg(context, node, place);
		else await drawInside(context, node);
		context.restore();
	}
}

/** Ground and border of an element; what it cuts off is not drawn outside of it. */
function drawBox(context: OffscreenCanvasRenderingContext2D, element: HTMLElement, place: DOMRect): void {
	const style = getComputedStyle(element);
	const border = Number.parseFloat(style.borderTopWidth);
	context.beginPath();
	context.roundRect(place.x, place.y, place.width, place.height, Number.parseFloat(style.borderTopLeftRadius) || 0);
	context.fillStyle = style.backgroundColor;
	context.fill();
	if (border > 0 && Number.parseFloat(style.borderLeftWidth) > 0) {
		context.lineWidth = border;
		context.strokeStyle = style.borderTopColor;
		context.stroke();
	}
	context.globalAlpha *= Number.parseFloat(style.opacity);
	if (style.overflowX !== 'visible') context.clip();
}

function drawWords(context: OffscreenCanvasRenderingContext2D, words: Text, element: Element): void {
	const text = words.data.replaceAll(/\s+/g, ' ').trim();
	if (text === '') return;
	const range = document.createRange();
	range.selectNodeContents(words);
	const place = range.getBoundingClientRect();
	const style = getComputedStyle(element);
	context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
	context.fillStyle = element instanceof SVGElement ? style.fill : style.color;
	context.textBaseline = 'middle';
	context.fillText(text, place.x, place.y + place.height / 2);
}

function drawSized(context: OffscreenCanvasRenderingContext2D, image: CanvasImageSource, place: DOMRect): void {
	if (place.width > 0 && place.height > 0) context.drawImage(image, place.x, place.y, place.width, place.height);
}

/** Shapes as a picture of their own, then the words, in the fonts of the page. */
async function drawSvg(context: OffscreenCanvasRenderingContext2D, svg: SVGSVGElement, place: DOMRect): Promise<void> {
	const copy = svg.cloneNode(true) as SVGSVGElement;
	const originals = svg.querySelectorAll('*');
	for (const [i, element] of copy.querySelectorAll('*').entries()) {
		const original = originals[i];
		const style = original && getComputedStyle(original);
		element.removeAttribute('style');
		for (const name of SVG_STYLES) element.setAttribute(name, style?.getPropertyValue(name) ?? '');
	}
	for (const word of copy.querySelectorAll('text, title')) word.remove();
	copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
	if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${svg.clientWidth} ${svg.clientHeight}`);
	copy.setAttribute('width', String(place.width * SCALE));
	copy.setAttribute('height', String(place.height * SCALE));
	const image = new Image();
	image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
	await image.decode();
	drawSized(context, image, place);
	for (const text of svg.querySelectorAll('text'))
		for (const node of text.childNodes) if (node instanceof Text) drawWords(context, node, text);
}

/** More are let go: a zoom changes all labels at once. */
const MOST = 4_000;

/** How wide texts are in the font of a canvas. Labels of a few digits come again and again, and measuring is slow. */
export class TextWidths {
	readonly #known = new Map<string, number>();
	#font = '';

	of(canvas: CanvasRenderingContext2D, text: string): number {
		if (canvas.font !== this.#font || this.#known.size > MOST) {
			this.#known.clear();
			this.#font = canvas.font;
		}
		const known = this.#known.get(text);
		if (known !== undefined) return known;
		const { width } = canvas.measureText(text);
		this.#known.set(text, width);
		return width;
	}
}

/** Clears the canvas, in CSS pixels of its size on the screen. A new size costs a new buffer, so it is set only when it changed. */
export function fitCanvas(
	element: HTMLCanvasElement,
	canvas: CanvasRenderingContext2D,
	width: number,
	height: number,
	ratio: number,
): void {
	const [pixelsWide, pixelsHigh] = [Math.round(width * ratio), Math.round(height * ratio)];
	if (element.width !== pixelsWide || element.height !== pixelsHigh) {
		element.width = pixelsWide;
		element.height = pixelsHigh;
	}
	canvas.setTransform(ratio, 0, 0, ratio, 0, 0);
	canvas.clearRect(0, 0, width, height);
}

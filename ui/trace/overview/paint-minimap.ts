import type { Palette } from '../palette.ts';
import type { MinimapRects } from './overview-work.ts';

export const MINIMAP_HEIGHT = 48;
/** The foot, where errors stand. */
const FOOT = 5;

/** The whole trace in small. */
export function paintMinimap(
	canvas: CanvasRenderingContext2D,
	palette: Palette,
	services: readonly string[],
	{ lanes, spans, errors }: MinimapRects,
	width: number,
): void {
	const step = Math.min(8, (MINIMAP_HEIGHT - FOOT - 4) / lanes);
	const height = Math.max(1, step - (step > 3 ? 1 : 0));
	for (let at = 0; at < spans.length; at += 4) {
		const [service = 0, lane = 0, from = 0, to = 0] = spans.subarray(at, at + 4);
		canvas.fillStyle = palette.service(services[service] ?? '');
		canvas.fillRect(from, 3 + lane * step, to - from, height);
	}
	canvas.fillStyle = palette.error;
	for (let at = 0; at < errors.length; at += 2) {
		const [from = 0, to = 0] = errors.subarray(at, at + 2);
		canvas.fillRect(Math.min(from, width - 3), MINIMAP_HEIGHT - FOOT, Math.max(3, to - from), FOOT - 1);
	}
}

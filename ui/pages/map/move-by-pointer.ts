import type { PanZoom } from './pan-zoom.svelte.ts';

/** What has a use of its own for a press. */
const PARTS = '[data-node], [data-edge], [data-group], .tools';

/** Drags a drawing and zooms it by the wheel, as an attachment of the element around it. */
export function movedByPointer(view: PanZoom): (element: HTMLElement) => () => void {
	return (element) => {
		const listening = new AbortController();
		const { signal } = listening;
		element.addEventListener(
			'wheel',
			(event) => {
				event.preventDefault();
				const { left, top } = element.getBoundingClientRect();
				view.zoom(Math.exp(-event.deltaY / 400), { x: event.clientX - left, y: event.clientY - top });
			},
			// Not passive, so that the page stays where it is.
			{ passive: false, signal },
		);
		element.addEventListener(
			'pointerdown',
			(event) => {
				const isOnPart = event.target instanceof Element && event.target.closest(PARTS) !== null;
				if (event.button === 0 && !isOnPart) element.setPointerCapture(event.pointerId);
			},
			{ signal },
		);
		element.addEventListener(
			'pointermove',
			(event) => {
				if (event.buttons === 1 && element.hasPointerCapture(event.pointerId))
					view.pan(event.movementX, event.movementY);
			},
			{ signal },
		);
		return () => listening.abort();
	};
}

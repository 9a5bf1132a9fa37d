import type { TraceView } from './trace-view.svelte.ts';

/** Attaches zooming and panning by wheel: with Ctrl around the pointer, sideways or with Shift along the time. */
export function wheelZoom(
	view: TraceView,
	/** The bars, within the element. */
	bars: () => { left: number; width: number },
	nanoAt: (x: number) => number,
): (element: HTMLElement) => () => void {
	return (element) => {
		const onWheel = (event: WheelEvent): void => {
			const { left, width } = bars();
			const x = event.clientX - element.getBoundingClientRect().left - left;
			const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
			if ((event.ctrlKey || event.metaKey) && x >= 0 && x <= width) view.zoomBy(1.0015 ** event.deltaY, nanoAt(x));
			else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY))
				view.pan(sideways / Math.max(1, width));
			else return;
			event.preventDefault();
		};
		// Only a listener that says so may keep the page from zooming.
		element.addEventListener('wheel', onWheel, { passive: false });
		return () => element.removeEventListener('wheel', onWheel);
	};
}

import type { KeyHandlers } from '../lib/keyboard.ts';
import type { TraceView } from './trace-view.svelte.ts';

const ZOOM_STEP = 0.7;
const PAN_STEP = 0.15;

/** What the keys do on a trace. Arrows and the like stay with a panel that has the focus, which scrolls by them. */
export function traceKeys(view: TraceView, rowsPerPage: () => number): KeyHandlers {
	const inRows = (act: () => void) => (): boolean => {
		if (document.activeElement?.closest('aside, dialog, nav') != null) return false;
		act();
		return true;
	};
	return {
		'span-next': inRows(() => view.move(1)),
		'span-previous': inRows(() => view.move(-1)),
		'span-in': inRows(() => view.goIn()),
		'span-out': inRows(() => view.goOut()),
		'span-first': inRows(() => view.activatePosition(0)),
		'span-last': inRows(() => view.activatePosition(Infinity)),
		'span-page-up': inRows(() => view.move(-rowsPerPage())),
		'span-page-down': inRows(() => view.move(rowsPerPage())),
		'span-details': inRows(() => view.open(view.active)),
		'expand-siblings': () => view.lines.unfoldSiblings(Math.max(0, view.active)),
		'expand-all': () => view.lines.unfoldAll(),
		root: () => view.toggleRoot(),
		mark: () => view.toggleMark(),
		pin: () => view.togglePin(),
		'zoom-in': () => view.zoomBy(ZOOM_STEP),
		'zoom-out': () => view.zoomBy(1 / ZOOM_STEP),
		'pan-left': () => view.pan(-PAN_STEP),
		'pan-right': () => view.pan(PAN_STEP),
		'zoom-fit': () => view.fit(),
		'zoom-reset': () => view.resetZoom(),
		'match-next': () => view.stepMatch(1),
		'match-previous': () => view.stepMatch(-1),
		'error-next': () => view.stepError(1),
		'error-previous': () => view.stepError(-1),
		'path-next': () => view.stepCritical(1),
		'path-previous': () => view.stepCritical(-1),
		'sibling-next': () => view.stepSibling(1),
		'sibling-previous': () => view.stepSibling(-1),
	};
}

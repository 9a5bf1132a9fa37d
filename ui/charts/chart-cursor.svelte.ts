import { Cursor } from './cursor.svelte.ts';

/** The crosshair that the charts of a page share, at the index of a step, and the stretch that is being dragged. */
export class ChartCursor extends Cursor<number> {
	/** From the first step to the last, inclusive, while something is selected. */
	readonly selection: { first: number; last: number } | undefined = $derived.by(() => {
		if (this.anchor === undefined || this.at === undefined) return undefined;
		return { first: Math.min(this.anchor, this.at), last: Math.max(this.anchor, this.at) };
	});

	/** Moves by keys, up to the step that is the last; from outside, from there. */
	step(last: number, steps: number, isSelecting: boolean): void {
		this.go(Math.min(last, Math.max(0, (this.at ?? last) + steps)), isSelecting);
	}
}

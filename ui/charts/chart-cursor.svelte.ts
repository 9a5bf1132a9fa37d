/** The crosshair that the charts of a page share, and the stretch that is being dragged. */
export class ChartCursor {
	/** Index of the step under the pointer. */
	index = $state<number>();
	#anchor = $state<number>();

	/** From the first step to the last, inclusive, while something is selected. */
	readonly selection: { first: number; last: number } | undefined = $derived.by(() => {
		if (this.#anchor === undefined || this.index === undefined) return undefined;
		return { first: Math.min(this.#anchor, this.index), last: Math.max(this.#anchor, this.index) };
	});

	move(index: number | undefined): void {
		this.index = index;
	}

	/** Selects from here on; moving extends. */
	startSelection(): void {
		this.#anchor ??= this.index;
	}

	endSelection(): void {
		this.#anchor = undefined;
	}
}

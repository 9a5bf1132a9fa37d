/** A place on a chart, where the pointer or the keys are, and the one from which on something is selected. */
export class Cursor<Place> {
	at = $state<Place>();
	protected anchor = $state<Place>();
	/** Keys moved it last: a pointer that rests leaves too, when the page shifts below it. */
	#isByKeys = false;

	/** The pointer is there. */
	point(at: Place): void {
		this.#isByKeys = false;
		this.at = at;
	}

	/** Keys lead there, and select on the way or end what was selected. */
	protected go(at: Place, isSelecting: boolean): void {
		this.#isByKeys = true;
		if (isSelecting) this.begin();
		else this.cancel();
		this.at = at;
	}

	/** The pointer is elsewhere. */
	leave(): void {
		if (!this.#isByKeys && this.anchor === undefined) this.clear();
	}

	clear(): void {
		this.at = undefined;
	}

	/** Selects from here on. */
	begin(): void {
		this.anchor ??= this.at;
	}

	cancel(): void {
		this.anchor = undefined;
	}
}

const NOTHING = new Uint8Array();

/** Reads bytes four at a time. Consecutive calls are about the same array, so its view is made once. */
export class WordView {
	#bytes: Uint8Array = NOTHING;
	#view: DataView = new DataView(this.#bytes.buffer);

	of(bytes: Uint8Array): DataView {
		if (bytes !== this.#bytes) {
			this.#bytes = bytes;
			this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		}
		return this.#view;
	}

	/** Lets go of the array, which may be large. */
	release(): void {
		this.of(NOTHING);
	}
}

export interface Toast {
	id: number;
	text: string;
}

const SHOWN_MS = 5000;
const MAX_SHOWN = 4;

/** Short notes at the screen's edge. The newest few are shown, each for a while. */
export class Toasts {
	shown = $state.raw<readonly Toast[]>([]);
	#nextId = 1;

	add(text: string): void {
		const toast = { id: this.#nextId++, text };
		this.shown = [...this.shown.filter((other) => other.text !== text), toast].slice(-MAX_SHOWN);
		setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
	}

	dismiss(id: number): void {
		this.shown = this.shown.filter((toast) => toast.id !== id);
	}
}

export interface Toast {
	id: number;
	text: string;
	/** What can be done about it, as a button. */
	action?: ToastAction;
}

interface ToastAction {
	label: string;
	run: () => void;
}

const SHOWN_MS = 5000;
/** A button needs longer than a note. */
const ACTION_MS = 12_000;
const MAX_SHOWN = 4;

/** Short notes at the screen's edge. The newest few are shown, each for a while. */
export class Toasts {
	shown = $state.raw<readonly Toast[]>([]);
	#nextId = 1;

	add(text: string, action?: ToastAction): void {
		const toast: Toast = { id: this.#nextId++, text, ...(action === undefined ? {} : { action }) };
		this.shown = [...this.shown.filter((other) => other.text !== text), toast].slice(-MAX_SHOWN);
		setTimeout(() => this.dismiss(toast.id), action === undefined ? SHOWN_MS : ACTION_MS);
	}

	dismiss(id: number): void {
		this.shown = this.shown.filter((toast) => toast.id !== id);
	}
}

import type { ScreenNotification } from '../../../schema/api-notify.ts';

export interface ScreenEvent {
	/** For `Last-Event-ID`: not the same after a restart. */
	id: string;
	notification: ScreenNotification;
}

const mostScreens = 200;
/** For screens that were away for a moment. */
const mostKept = 100;

type Listener = (event: ScreenEvent | undefined) => void;

/** Tells open screens, of each project. */
export class Screens {
	readonly #listeners = new Map<Listener, string>();
	readonly #started: number;
	#count = 0;
	#kept: { project: string; event: ScreenEvent }[] = [];

	constructor(clock: () => number) {
		this.#started = clock();
	}

	get size(): number {
		return this.#listeners.size;
	}

	publish(project: string, notification: ScreenNotification): void {
		this.#count += 1;
		const event = { id: `${this.#started}-${this.#count}`, notification };
		this.#kept = [...this.#kept.slice(1 - mostKept), { project, event }];
		for (const [listener, listened] of this.#listeners) if (listened === project) listener(event);
	}

	/**
	 * Calls with what came after `lastId`, where that is still known, then with everything new, and with undefined when the
	 * stream ends. Undefined when too many listen already; otherwise ends it.
	 */
	listen(project: string, lastId: string | undefined, listener: Listener): (() => void) | undefined {
		if (this.#listeners.size >= mostScreens) return undefined;
		const last = this.#kept.findIndex(({ event }) => event.id === lastId);
		if (last >= 0) for (const kept of this.#kept.slice(last + 1)) if (kept.project === project) listener(kept.event);
		this.#listeners.set(listener, project);
		return () => void this.#listeners.delete(listener);
	}

	/** Nobody is told again what happened there. */
	forgetProject(project: string): void {
		this.#kept = this.#kept.filter((kept) => kept.project !== project);
	}

	/** Ends every stream, so that the server can close. */
	async close(): Promise<void> {
		for (const listener of this.#listeners.keys()) listener(undefined);
		this.#listeners.clear();
	}
}

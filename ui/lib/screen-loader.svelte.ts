import type { Component } from 'svelte';
import type { Route } from './route-match.ts';

/** Loads the code of the screen that the address names, and keeps the one before on the screen meanwhile. */
export class ScreenLoader {
	component = $state.raw<Component>();
	/** Pattern of the route that is on the screen. */
	shownPattern = $state<string>();
	/** Why the code did not come: most often a new version has replaced it. */
	error = $state.raw<unknown>();

	/** Call while a component starts: it follows `route` as long as that lives. */
	constructor(route: () => Route | undefined) {
		$effect(() => {
			const load = new AbortController();
			const wanted = route();
			if (wanted !== undefined) void this.#show(wanted, load.signal);
			return () => load.abort();
		});
	}

	async #show(route: Route, signal: AbortSignal): Promise<void> {
		try {
			const { default: component } = await route.load();
			if (signal.aborted) return;
			this.component = component;
			this.shownPattern = route.pattern;
			this.error = undefined;
		} catch (error) {
			if (!signal.aborted) this.error = error;
		}
	}
}

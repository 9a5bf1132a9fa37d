import { createContext } from 'svelte';
import type { Api } from './api.ts';
import type { Keyboard } from './keyboard.ts';
import type { Preferences } from './preferences.svelte.ts';
import type { ReadTimes } from './read-times.svelte.ts';
import type { Router } from './router.svelte.ts';
import type { TimeState } from './time-state.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What every screen may use; built once, handed down. */
export interface AppParts {
	api: Api;
	router: Router;
	time: TimeState;
	preferences: Preferences;
	keyboard: Keyboard;
	toasts: Toasts;
	reads: ReadTimes;
	nowMs: () => number;
}

export const [getApp, setApp] = createContext<AppParts>();

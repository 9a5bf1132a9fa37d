import { hashKey, QueryClient } from '@tanstack/svelte-query';
import { createApi } from './api.ts';
import { LOGIN_PATH } from './login-path.ts';
import { Keyboard } from './keyboard.ts';
import { Preferences } from './preferences.svelte.ts';
import { ReadTimes } from './read-times.svelte.ts';
import { Router } from './router.svelte.ts';
import { globalQuery, TimeState } from './time-state.svelte.ts';
import { Toasts } from './toasts.svelte.ts';
import type { AppParts } from './app.ts';
import type { OpenEvents } from './event-stream.ts';
import type { History } from './browser-history.ts';
import type { Memory } from './preferences.svelte.ts';
import type { Route } from './route-match.ts';

export interface AppOptions {
	history: History;
	base: string;
	routes: readonly Route[];
	fetch: typeof globalThis.fetch;
	openEvents: OpenEvents;
	memory: Memory | undefined;
	root: HTMLElement;
	nowMs: () => number;
}

/** Builds and joins the parts of the screen. */
export function buildApp(options: AppOptions): AppParts {
	const toasts = new Toasts();
	const router = new Router({
		history: options.history,
		base: options.base,
		routes: options.routes,
		global: globalQuery,
		onDropped: (names) => toasts.add(`The address had a value that means nothing, left out: ${names.join(', ')}`),
	});
	const preferences = new Preferences({ memory: options.memory, root: options.root });
	const time = new TimeState({ router, nowMs: options.nowMs });
	return {
		toasts,
		router,
		preferences,
		api: createApi({ ...options, project: () => time.project, onLoggedOut: () => askToLogIn(router) }),
		time,
		keyboard: new Keyboard({ hasSingleKeys: () => preferences.hasSingleKeys }),
		reads: new ReadTimes(() => performance.now()),
		nowMs: options.nowMs,
	};
}

/** Keeps where somebody was, to go on from there. */
function askToLogIn(router: Router): void {
	if (router.path === LOGIN_PATH) return;
	router.go(router.href(LOGIN_PATH, { next: router.path + router.url.search }), 'replace');
}

/** What one project answered is not shown for another. */
export function buildQueryClient({ time }: Pick<AppParts, 'time'>): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				queryKeyHashFn: (key) => hashKey([time.project, key]),
				// A failure is shown at once, with a button that tries again.
				retry: false,
				// Nothing moves on the screen because a window got the focus.
				refetchOnWindowFocus: false,
				// The server is often on this machine: it answers without a network.
				networkMode: 'always',
				// What a component reads only later is there, too: by default only what it has read brings news of an answer.
				notifyOnChangeProps: 'all',
				staleTime: 5000,
				gcTime: 120_000,
			},
		},
	});
}

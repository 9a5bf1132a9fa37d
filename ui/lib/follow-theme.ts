import type { Preferences } from './preferences.svelte.ts';

/** Tells of changes of the system's theme, and of paper, which has one of its own, until the answer is called. */
export function followTheme(preferences: Preferences): () => void {
	const stop = new AbortController();
	const { signal } = stop;
	const system = matchMedia('(prefers-color-scheme: dark)');
	system.addEventListener('change', () => preferences.themeChanged(), { signal });
	addEventListener('beforeprint', () => preferences.showPrinted(true), { signal });
	addEventListener('afterprint', () => preferences.showPrinted(false), { signal });
	return () => stop.abort();
}

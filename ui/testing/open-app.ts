import '../styles/fonts.css';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/table.css';
import '../styles/print.css';
import axe from 'axe-core';
import { expect } from 'vitest';
import { render } from 'vitest-browser-svelte';
import App from '../App.svelte';
import { buildApp, buildQueryClient } from '../lib/build-app.ts';
import { ROUTES } from '../routes.ts';
import { fakeServer } from './fake-server.ts';
import { FakeStream } from './fake-stream.ts';
import { MemoryHistory } from './memory-history.ts';
import { NOW_MS } from './now.ts';
import type { Answers } from './fake-server.ts';

export const THEMES = ['light', 'dark'] as const;
export type TestTheme = (typeof THEMES)[number];

/** The whole screen at an address, on answers instead of a server, at a fixed time, in UTC. */
export async function openApp(address: string, answers: Answers, theme: TestTheme = 'light') {
	const memory = new Map([
		['spanhouse.theme', theme],
		['spanhouse.zone', 'utc'],
	]);
	const history = new MemoryHistory(address);
	const server = fakeServer(answers);
	const streams: FakeStream[] = [];
	const app = buildApp({
		history,
		base: '/',
		routes: ROUTES,
		fetch: server.fetch,
		openEvents: (url) => {
			const stream = new FakeStream(url);
			streams.push(stream);
			return stream;
		},
		memory: {
			getItem: (key) => memory.get(key) ?? null,
			setItem: (key, value) => void memory.set(key, value),
			removeItem: (key) => void memory.delete(key),
		},
		root: document.documentElement,
		nowMs: () => NOW_MS,
	});
	const screen = await render(App, { app, client: buildQueryClient(app) });
	return { screen, history, server, app, memory, streams };
}

const EVERYTHING = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** A theme changes nothing but colours: screens are looked at in both, and for all the rest in the light. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** Nothing that axe can find is wrong, colour contrast included. */
export async function expectAccessible(): Promise<void> {
	// Text that is fading in has no colour to judge yet.
	await Promise.all(
		document
			.getAnimations()
			.filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
			.map((animation) => animation.finished.catch(() => undefined)),
	);
	const isDark = document.documentElement.dataset['theme'] === 'dark';
	const { violations } = await axe.run(document.body, {
		runOnly: isDark ? { type: 'rule', values: COLOURS } : EVERYTHING,
		// Selectors are made of nothing else.
		resultTypes: ['violations'],
	});
	const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
	expect(found).toEqual([]);
}

/** As if one had tabbed to it. */
export function focus(element: Element): void {
	if (!(element instanceof HTMLElement)) throw new Error(`${element.nodeName} takes no focus`);
	element.focus();
}

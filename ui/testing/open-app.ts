import '../styles/fonts.css';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/table.css';
import '../styles/print.css';
import axe from 'axe-core';
import type { RunOptions } from 'axe-core';
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
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** Nothing that axe can find is wrong, in both themes. They differ in nothing but colours: the other one is looked at for those. */
export async function expectAccessible(): Promise<void> {
	const { dataset } = document.documentElement;
	const { theme } = dataset;
	expect(await violations(EVERYTHING)).toEqual([]);
	const other = theme === 'dark' ? 'light' : 'dark';
	dataset['theme'] = other;
	try {
		const found = await violations({ type: 'rule', values: COLOURS });
		expect(found.map((violation) => `in ${other}: ${violation}`)).toEqual([]);
	} finally {
		if (theme === undefined) delete dataset['theme'];
		else dataset['theme'] = theme;
	}
}

async function violations(runOnly: NonNullable<RunOptions['runOnly']>): Promise<string[]> {
	// Text that is fading in has no colour to judge yet.
	await Promise.all(
		document
			.getAnimations()
			.filter(ends)
			.map((animation) => animation.finished.catch(() => undefined)),
	);
	// Selectors are made of nothing else.
	const found = await axe.run(document.body, { runOnly, resultTypes: ['violations'] });
	return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** What is folded away stands still until it is opened. */
function ends({ effect }: Animation): boolean {
	const target = effect instanceof KeyframeEffect ? effect.target : null;
	return effect?.getComputedTiming().endTime !== Infinity && target?.checkVisibility() !== false;
}

/** As if one had tabbed to it. */
export function focus(element: Element): void {
	if (!(element instanceof HTMLElement)) throw new Error(`${element.nodeName} takes no focus`);
	element.focus();
}

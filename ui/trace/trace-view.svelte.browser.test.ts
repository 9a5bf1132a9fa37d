import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { openTraceView as open } from '../testing/open-trace-view.ts';

test('zooming leaves the filter and the rows as they are', () => {
	const { view } = open('?f=query&only=1');
	const seen: unknown[][] = [[], [], []];
	const end = $effect.root(() => {
		$effect(() => void seen[0]?.push(view.matches));
		$effect(() => void seen[1]?.push(view.visible));
		$effect(() => void seen[2]?.push(view.zoom));
	});
	flushSync();
	view.zoomBy(0.5);
	flushSync();
	end();
	expect(seen.map((values) => values.length)).toEqual([1, 1, 2]);
});

import { flushSync } from 'svelte';
import { describe, expect, test } from 'vitest';
import { openTraceView as open } from '../testing/open-trace-view.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import type { TraceView } from './trace-view.svelte.ts';

const shown = (view: TraceView): number[] => [...view.visible.rows];

describe('walking', () => {
	test('the first step goes to the first row, and steps stop at the ends', () => {
		const { view } = open();
		expect(view.active).toBe(-1);
		view.move(1);
		expect(view.active).toBe(0);
		view.move(-5);
		expect(view.active).toBe(0);
		view.move(99);
		expect(view.active).toBe(4);
	});

	test('right opens, then goes in; left closes, then goes out', () => {
		const { view } = open();
		view.activate(1);
		view.goOut();
		expect(shown(view)).toEqual([0, 1, 3, 4]);
		view.goIn();
		expect(shown(view)).toEqual([0, 1, 2, 3, 4]);
		view.goIn();
		expect(view.active).toBe(2);
		view.goIn();
		expect(view.active).toBe(2);
		view.goOut();
		expect(view.active).toBe(1);
	});

	test('siblings, errors, matches and the critical path have steps of their own', () => {
		const { view, address } = open();
		view.activate(1);
		view.stepSibling(1);
		expect(view.active).toBe(3);
		view.stepSibling(1);
		expect(view.active).toBe(3);
		view.stepError(1);
		expect(view.active).toBe(2);
		address.push({ f: 'query' });
		view.stepMatch(1);
		expect(view.active).toBe(4);
		view.stepMatch(1);
		expect(view.active).toBe(2);
		view.activate(0);
		view.stepCritical(1);
		expect(view.active).toBe(1);
		view.stepCritical(-1);
		expect(view.active).toBe(0);
	});

	test('a step to a hidden row opens what hides it', () => {
		const { view } = open();
		view.foldAll();
		expect(shown(view)).toEqual([0, 1, 3]);
		view.stepError(1);
		expect(shown(view)).toEqual([0, 1, 2, 3]);
		expect(view.reveal).toEqual({ entry: 2, takesFocus: true });
	});
});

describe('folding', () => {
	test('the active row never vanishes: it goes up to what hides it', () => {
		const { view } = open();
		view.activate(4);
		view.toggle(3);
		expect(view.active).toBe(3);
		view.activate(2);
		view.toggle(0);
		expect(view.active).toBe(0);
		expect(shown(view)).toEqual([0]);
	});

	test('siblings open together, and all', () => {
		const { view } = open();
		view.foldAll();
		view.activate(1);
		view.lines.unfoldSiblings(view.active);
		expect(shown(view)).toEqual([0, 1, 2, 3, 4]);
		view.toggle(0);
		view.toggle(3);
		view.lines.unfoldAll();
		expect(shown(view)).toHaveLength(5);
	});
});

describe('the address', () => {
	test('a link to a span opens it and brings it into sight', () => {
		const { view } = open('?span=0000000000000005');
		expect([view.opened, view.active]).toEqual([4, 4]);
		expect(view.reveal).toEqual({ entry: 4, takesFocus: false });
	});

	test('a link to a span that is not there opens nothing', () => {
		expect(open('?span=00000000000000ff').view.opened).toBe(-1);
	});

	test('opening is a step that Back undoes, walking on with open details is written when it settles', () => {
		const { view, address, history } = open();
		view.open(1);
		expect(history.url.searchParams.get('span')).toBe('0000000000000002');
		view.move(1);
		expect(view.opened).toBe(2);
		expect(history.url.searchParams.get('span')).toBe('0000000000000002');
		address.flush();
		expect(history.url.searchParams.get('span')).toBe('0000000000000003');
		view.close();
		expect(history.url.searchParams.has('span')).toBe(false);
		expect(view.active).toBe(2);
	});

	test('the zoom is in the address, the whole trace is not', () => {
		const { view, address, history } = open('?z=100-600');
		expect(view.zoom).toEqual({ from: 100, to: 600 });
		view.resetZoom();
		address.flush();
		expect(history.url.searchParams.has('z')).toBe(false);
		view.setZoom({ from: 10.4, to: 500.6 });
		address.flush();
		expect(history.url.searchParams.get('z')).toBe('10-501');
	});

	test('showing only matches keeps ancestors, and a step to something else ends it', () => {
		const { view } = open('?f=name:query+error:false&only=1');
		expect(shown(view)).toEqual([0, 3, 4]);
		view.stepError(1);
		flushSync();
		expect(shown(view)).toEqual([0, 1, 2, 3, 4]);
	});
});

test('stepping to a span outside of what is shown moves it into sight, without changing the length', () => {
	const { view } = open('?z=0-100');
	view.activate(4);
	const { from, to } = view.zoom;
	expect(to - from).toBe(100);
	expect(from).toBeGreaterThanOrEqual(600);
	expect(to).toBeLessThanOrEqual(800);
});

test('keys zoom around the active span while it is in sight', () => {
	const { view } = open();
	view.activate(4);
	view.zoomBy(0.5);
	expect(view.zoom).toEqual({ from: 350, to: 850 });
	view.fit();
	expect(view.zoom.from).toBeLessThan(600);
	expect(view.zoom.to).toBeGreaterThan(800);
});

describe('repeats', () => {
	// row 0  1      |----------------|
	// 7             ×5 query, folded
	// rows 1 to 5   query, the last with a child
	// row 6  7          |-|
	const repeating: DrawnSpan[] = [
		{ id: 1n, start: 0, end: 1000, name: 'root' },
		...[2n, 3n, 4n, 5n, 6n].map((id) => ({
			id,
			parent: 1n,
			name: 'query',
			start: Number(id) * 100,
			end: Number(id) * 100 + 50,
		})),
		{ id: 7n, parent: 6n, start: 610, end: 620, name: 'parse', error: true },
	];
	const GROUP = 7;

	test('are one line, which opens and closes', () => {
		const { view } = open('', repeating);
		expect(shown(view)).toEqual([0, GROUP]);
		view.activate(GROUP);
		expect(view.lines.isFolded(GROUP)).toBe(true);
		view.goIn();
		expect(shown(view)).toEqual([0, GROUP, 1, 2, 3, 4, 5, 6]);
		expect([0, GROUP, 1, 6].map((entry) => view.lines.level(entry))).toEqual([0, 1, 2, 3]);
		view.goIn();
		expect(view.active).toBe(1);
		view.goOut();
		expect(view.active).toBe(GROUP);
		view.goOut();
		expect(shown(view)).toEqual([0, GROUP]);
		view.goOut();
		expect(view.active).toBe(0);
	});

	test('open for a step or a link to one of them, or below one', () => {
		const { view } = open('', repeating);
		view.stepError(1);
		expect(view.active).toBe(6);
		expect(shown(view)).toContain(6);
		const linked = open('?span=0000000000000003', repeating).view;
		expect([linked.active, shown(linked).includes(2)]).toEqual([2, true]);
	});

	test('hide the active row when they close: then they are active', () => {
		const { view } = open('', repeating);
		view.activate(6);
		view.toggle(GROUP);
		expect(view.active).toBe(GROUP);
	});

	test('opening the details of one opens nothing but the line', () => {
		const { view, history } = open('', repeating);
		view.open(GROUP);
		expect(shown(view)).toHaveLength(8);
		expect(history.url.searchParams.has('span')).toBe(false);
	});
});

describe('a subtree alone', () => {
	test('is shown with its own time, and the address says so', () => {
		const { view, history } = open();
		view.activate(3);
		view.toggleRoot();
		expect(history.url.searchParams.get('root')).toBe('0000000000000004');
		expect(shown(view)).toEqual([3, 4]);
		expect(view.zoom).toEqual({ from: 500, to: 900 });
		expect(view.lines.level(3)).toBe(0);
		view.toggleRoot();
		expect(shown(view)).toHaveLength(5);
		expect(history.url.searchParams.has('root')).toBe(false);
	});

	test('ends with a step to something outside of it', () => {
		const { view } = open('?root=0000000000000004');
		view.stepError(1);
		expect(view.active).toBe(2);
		expect(shown(view)).toHaveLength(5);
	});
});

test('pins and a marked stretch are in the address', () => {
	const { view, history } = open();
	view.activate(2);
	view.togglePin();
	view.togglePin(4);
	expect(history.url.searchParams.get('pin')).toBe('0000000000000003,0000000000000005');
	expect(view.pins).toEqual([2, 4]);
	view.togglePin(2);
	expect(view.pins).toEqual([4]);
	view.toggleMark();
	expect(history.url.searchParams.get('mark')).toBe('200-300');
	expect(view.mark).toEqual({ from: 200, to: 300 });
	view.toggleMark();
	expect(view.mark).toBeUndefined();
});

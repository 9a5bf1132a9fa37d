import { expect, test } from 'vitest';
import { mapAnswer, mapEdge, mapNode } from '../../testing/map-answers.ts';
import { slicesOf, withFiguresOf } from './map-slices.ts';

const MINUTE = 60_000;

test('slices are whole minutes, cover the window and are at most 24', () => {
	for (const minutes of [2, 15, 60, 61, 1440, 10_080]) {
		const slices = slicesOf({ fromMs: 30_000, toMs: 30_000 + minutes * MINUTE });
		expect(slices.length).toBeGreaterThan(1);
		expect(slices.length).toBeLessThanOrEqual(24);
		expect(slices[0].fromMs).toBe(0);
		expect(slices.at(-1)!.toMs).toBe((minutes + 1) * MINUTE);
		expect(slices.every(({ fromMs, toMs }) => fromMs % MINUTE === 0 && toMs > fromMs)).toBe(true);
		expect(slices.slice(1).map(({ fromMs }) => fromMs)).toEqual(slices.slice(0, -1).map(({ toMs }) => toMs));
	}
	expect(slicesOf({ fromMs: 0, toMs: MINUTE })).toEqual([]);
});

test('a slice keeps what is on the map, with its own figures, and none of what was quiet', () => {
	const whole = mapAnswer();
	const slice = mapAnswer({
		window: { fromMs: 0, toMs: MINUTE },
		nodes: [mapNode('service:shop/web', { requests: 60, errors: 6 })],
		edges: [mapEdge('service:shop/web', 'service:shop/cart', 'request', { calls: 30 })],
	});
	const shown = withFiguresOf(whole, slice);
	expect(shown.window).toEqual({ fromMs: 0, toMs: MINUTE });
	expect(shown.nodes.map(({ id }) => id)).toEqual(whole.nodes.map(({ id }) => id));
	expect(shown.edges.map(({ caller, callee, type }) => [caller, callee, type])).toEqual(
		whole.edges.map(({ caller, callee, type }) => [caller, callee, type]),
	);
	expect(shown.nodes.reduce((sum, { requests }) => sum + requests, 0)).toBe(60);
	expect(shown.edges.reduce((sum, { calls }) => sum + calls, 0)).toBe(30);
	const quiet = shown.edges.find(({ callee }) => callee === 'service:shop/payment');
	expect(quiet).toMatchObject({ calls: 0, errors: 0, p95Nano: null, totalNano: 0 });
});

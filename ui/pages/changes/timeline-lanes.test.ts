import { expect, test } from 'vitest';
import { change } from '../../testing/change-answers.ts';
import { countBySteps, splitWindow, timelineOf } from './timeline-lanes.ts';

const at = (service: string, tMs: number, environment = 'production') =>
	change({ service, tMs, environment, revision: String(tMs) });
const changes = [
	at('cart', 10),
	at('web', 50),
	at('cart', 14),
	at('cart', 40),
	at('', 20, ''),
	at('web', 60, 'staging'),
];

test('each service has a lane in each environment: changes of everything first, then what changed last', () => {
	const { lanes, left } = timelineOf(changes, (tMs) => tMs, { markPx: 1, endPx: 1_000, most: 9 });
	expect(lanes.map(({ service, environment }) => `${service} ${environment}`)).toEqual([
		' ',
		'web staging',
		'web production',
		'cart production',
	]);
	expect(lanes[3]?.marks.map(({ atPx }) => atPx)).toEqual([10, 14, 40]);
	expect(left).toEqual({ lanes: 0, changes: 0 });
});

test('marks that would lie on each other are one, by time, and what has no room is counted', () => {
	const { lanes, left } = timelineOf(changes, (tMs) => tMs, { markPx: 16, endPx: 1_000, most: 3 });
	expect(lanes).toHaveLength(3);
	expect(left).toEqual({ lanes: 1, changes: 3 });
	const cart = timelineOf(changes, (tMs) => tMs, { markPx: 16, endPx: 1_000, most: 4 }).lanes[3];
	expect(cart?.marks.map(({ changes: members }) => members.map(({ tMs }) => tMs))).toEqual([[10, 14], [40]]);
});

test('every change is on the timeline once, whatever the room', () => {
	const many = Array.from({ length: 300 }, (_, i) => at(`s${i % 7}`, (i * 7919) % 1000, i % 3 === 0 ? 'a' : 'b'));
	for (const room of [0, 1, 12, 2000]) {
		const { lanes, left } = timelineOf(many, (tMs) => tMs / 3, { markPx: room, endPx: 1_000, most: 9 });
		const drawn = lanes.flatMap(({ marks }) => marks.flatMap((mark) => mark.changes));
		expect(drawn.length + left.changes).toBe(300);
		expect(new Set(drawn).size).toBe(drawn.length);
		const gaps = lanes.flatMap(({ marks }) => marks.slice(1).map((mark, i) => mark.atPx - (marks[i]?.atPx ?? 0)));
		expect(Math.min(Infinity, ...gaps)).toBeGreaterThanOrEqual(room);
	}
});

test('each change of the window falls into the step that it happened in', () => {
	const steps = splitWindow({ fromMs: 1_000, toMs: 1_700 }, 7);
	expect(steps.timesMs).toEqual([1000, 1100, 1200, 1300, 1400, 1500, 1600]);
	const seen = [999, 1000, 1099, 1100, 1650, 1699, 1700].map((tMs) => at('cart', tMs));
	expect(countBySteps(seen, steps)).toEqual([2, 1, 0, 0, 0, 0, 2]);
});

test('a name stands behind its mark, and before the last one where that has no room before the end', () => {
	const sidesOf = (times: number[]) =>
		timelineOf(
			times.map((tMs) => at('cart', tMs)),
			(tMs) => tMs,
			{ markPx: 24, endPx: 1_000, most: 1 },
		).lanes[0]?.marks.map(({ side, roomPx }) => [side, roomPx]);
	expect(sidesOf([100, 400])).toEqual([
		['right', 300],
		['right', 600],
	]);
	// Both names share what is between them.
	expect(sidesOf([100, 980])).toEqual([
		['right', 440],
		['left', 440],
	]);
	expect(sidesOf([980])).toEqual([['left', 980]]);
	expect(sidesOf([900, 980])).toEqual([
		['right', 80],
		['right', 20],
	]);
});

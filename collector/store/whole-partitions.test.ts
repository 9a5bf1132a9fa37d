import { expect, test } from 'vitest';
import { spansInScope, wholePartitions } from './whole-partitions.ts';

const hourMs = 3_600_000;
const day = Date.UTC(2026, 10, 20);

test('of a window whole partitions are those that begin and end in it', () => {
	const whole = { fromMs: day + 3 * hourMs, toMs: day + 9 * hourMs };
	for (const [fromMs, toMs] of [
		[whole.fromMs, whole.toMs],
		[whole.fromMs - 1, whole.toMs + 1],
		[day + 1, day + 12 * hourMs - 1],
	] as const)
		expect(wholePartitions({ fromMs, toMs })).toEqual(whole);
	expect(wholePartitions({ fromMs: whole.fromMs + 1, toMs: whole.toMs - 1 })).toBeUndefined();
	expect(wholePartitions({ fromMs: day + hourMs, toMs: day + 2 * hourMs })).toBeUndefined();
	expect(wholePartitions({ fromMs: day, toMs: day })).toBeUndefined();
});

test('windows may reach beyond what a column of seconds holds', () => {
	const { fromMs, toMs } = wholePartitions({ fromMs: -1e15, toMs: 1e15 })!;
	expect(fromMs).toBe(0);
	expect(toMs).toBeLessThan(2 ** 32 * 1_000);
	expect(toMs).toBeGreaterThan(2 ** 32 * 1_000 - 4 * hourMs);
});

test('without whole partitions, and through several servers, spans are read by their times', () => {
	const condition = 'service = {service:String}';
	const long = { project: 'default', window: { fromMs: day, toMs: day + 24 * hourMs } };
	const short = { ...long, window: { fromMs: day, toMs: day + hourMs } };
	expect(spansInScope('time', condition, long, false).split('UNION ALL')).toHaveLength(2);
	for (const sql of [spansInScope('time', condition, short, false), spansInScope('time', condition, long, true)]) {
		expect(sql).not.toContain('UNION ALL');
		expect(sql).not.toContain('_partition_value');
	}
});

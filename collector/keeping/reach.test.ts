import { expect, test } from 'vitest';
import type { Stretch } from '../store/keeping/partitions.ts';
import { bytesPerDay, expectedBytes, reachOf } from './reach.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 20, 12);
const stretch = (kind: Stretch['kind'], hoursAgo: number, bytes: number): Stretch => ({
	kind,
	fromMs: nowMs - hoursAgo * hourMs,
	toMs: nowMs - hoursAgo * hourMs + (kind === 'raw' ? 3 * hourMs : dayMs),
	rows: 1,
	bytes,
	partitions: [],
});
const steady = Array.from({ length: 16 }, (_, index) => stretch('raw', 3 * (index + 1), 10));
const retention = { spansMs: 7 * dayMs, derivedMs: 90 * dayMs };
const used = { store: 160 + 40, pinned: 10, spool: 20, quarantine: 20 };

test('the rate is that of the last day, or of as long as there is data', () => {
	expect(bytesPerDay(steady, 'raw', nowMs)).toBe(80);
	expect(bytesPerDay(steady.slice(0, 2), 'raw', nowMs)).toBe(80);
	expect(bytesPerDay([stretch('raw', 0.5, 10)], 'raw', nowMs)).toBe(240);
	expect(bytesPerDay([], 'raw', nowMs)).toBe(0);
	expect(bytesPerDay([...steady, stretch('derived', 12, 7)], 'derived', nowMs)).toBe(14);
});

test('spans reach as far as the retention, or as the room that the rest leaves them', () => {
	const asked = { retention, stretches: steady, oldestMs: nowMs - 2 * dayMs, nowMs };
	expect(reachOf({ ...asked, disk: undefined })).toMatchObject({
		reachMs: 2 * dayMs,
		expectedReachMs: 7 * dayMs,
		limitedBy: 'retention',
		bytesPerDay: 80,
	});
	expect(reachOf({ ...asked, disk: { maxBytes: 320, usedBytes: used } })).toMatchObject({
		expectedReachMs: 3 * dayMs,
		limitedBy: 'disk',
	});
	expect(reachOf({ ...asked, stretches: [], oldestMs: null, disk: undefined })).toMatchObject({
		reachMs: null,
		expectedReachMs: null,
	});
});

test('a retention comes to its days at the rate of each, and what is beside', () => {
	const reach = reachOf({
		retention,
		stretches: [...steady, stretch('derived', 12, 7)],
		disk: undefined,
		oldestMs: null,
		nowMs,
	});
	expect(expectedBytes({ spansMs: 2 * dayMs, derivedMs: 10 * dayMs }, reach, 5)).toBe(160 + 140 + 5);
});

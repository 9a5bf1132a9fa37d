import { expect, test } from 'vitest';
import { seenTogether, seenWords } from './seen-words.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const HOUR_MS = 3_600_000;
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('what is still there says since when, what may be gone until when as well', () => {
	const firstSeenMs = NOW_MS - 12 * 24 * HOUR_MS;
	expect(plain(seenWords({ firstSeenMs, lastSeenMs: NOW_MS - 599_999 }, NOW_MS))).toBe('12 d ago');
	expect(plain(seenWords({ firstSeenMs, lastSeenMs: NOW_MS - 2 * HOUR_MS }, NOW_MS))).toBe('12 d ago, last 2 h ago');
});

test('several were seen from the first sight of any to the last of any', () => {
	const all = [
		{ firstSeenMs: 5, lastSeenMs: 7 },
		{ firstSeenMs: 3, lastSeenMs: 6 },
	];
	expect(seenTogether(all)).toEqual({ firstSeenMs: 3, lastSeenMs: 7 });
	expect(seenTogether([])).toBeUndefined();
});

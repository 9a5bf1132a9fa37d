import { expect, test } from 'vitest';
import { keptWords } from './kept-words.ts';

const HOUR_MS = 3_600_000;
const kept = {
	configured: '7d',
	reachMs: 36 * HOUR_MS,
	expectedReachMs: 168 * HOUR_MS,
	limitedBy: 'retention',
} as const;

test('how long spans are kept is said with how far back they reach', () => {
	expect(keptWords(kept)).toBe('Spans are kept for 7d; they reach back 36 hours now. Older ones are gone.');
	expect(keptWords({ ...kept, reachMs: null })).toBe('Spans are kept for 7d. Older ones are gone.');
	expect(keptWords(undefined)).toBe('It may be older than spans are kept.');
});

test('where the disk is full before the retention is over, that is how long they are kept', () => {
	const full = { ...kept, expectedReachMs: 40 * HOUR_MS, limitedBy: 'disk' } as const;
	expect(keptWords(full)).toBe(
		'Spans are kept for 7d, but the limit of the disk allows 40 hours at this rate; they reach back 36 hours now. Older ones are gone.',
	);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { endMsOf, msOfNano } from './unix-nano.ts';

const nano = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });
const duration = fc.integer({ min: 0, max: 86_400_000_000_000 });

test('a time is cut to milliseconds', () => {
	expect(msOfNano('1764288000123999999')).toBe(1_764_288_000_123);
});

test('the end of a span is the next whole millisecond, a microsecond aside', () => {
	expect(endMsOf({ startUnixNano: '1764288000000900000', durationNano: 500_000 })).toBe(1_764_288_000_002);
	fc.assert(
		fc.property(nano, duration, (start, durationNano) => {
			const end = start + BigInt(durationNano);
			const endMs = BigInt(endMsOf({ startUnixNano: String(start), durationNano }));
			expect(endMs * 1_000_000n).toBeGreaterThanOrEqual(end - 2_000n);
			expect((endMs - 1n) * 1_000_000n).toBeLessThan(end + 2_000n);
		}),
	);
});

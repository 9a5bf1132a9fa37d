import { expect, test } from 'vitest';
import { nextPage } from './traces-query.ts';

test('later pages stay within the window of the first, so that nothing moves under the cursor', () => {
	const first = { window: { fromMs: 1, toMs: 2 }, traces: [], nextCursor: 'a' };
	const second = { window: { fromMs: 5, toMs: 6 }, traces: [], nextCursor: 'b' };
	expect(nextPage(second, [first, second])).toEqual({ cursor: 'b', from: 1, to: 2 });
	expect(nextPage({ window: { fromMs: 5, toMs: 6 }, traces: [] }, [first])).toBeUndefined();
});

import { expect, test } from 'vitest';
import type { ClickHouse } from './engine/clickhouse.ts';
import { createStatusReader } from './status-reader.ts';

/** A store with one span after the other, one each time it is asked for their range. */
function growing(firstSpans: number) {
	let asked = 0;
	const clickhouse = {
		rows: (_sql: string, { project }: { project: string }) => {
			asked += 1;
			const spans = firstSpans + asked - 1;
			const newestMs = (project === 'other' ? 1_000 : 0) + spans;
			return Promise.resolve([{ oldestMs: spans === 0 ? 0 : 1, newestMs, spans }]);
		},
		everywhere: () => Promise.resolve([{ rows: firstSpans + asked, bytesOnDisk: 7 }]),
	};
	let nowMs = 1_000_000;
	return {
		status: createStatusReader(clickhouse as unknown as ClickHouse, () => nowMs),
		asked: () => asked,
		pass: (ms: number) => (nowMs += ms),
	};
}

test('within a second the range of times is asked for once, and how many rows there are each time', async () => {
	const { status, asked, pass } = growing(1);
	expect(await status.spans({ project: 'default' })).toEqual({ rows: 1, bytesOnDisk: 7, oldestMs: 1, newestMs: 1 });
	pass(999);
	expect(await status.newestMs({ project: 'default' })).toBe(1);
	expect(await status.spans({ project: 'default' })).toMatchObject({ rows: 2, newestMs: 1 });
	expect(asked()).toBe(1);
	pass(1);
	expect(await status.newestMs({ project: 'default' })).toBe(2);
});

test('a project is not told the range of another', async () => {
	const { status } = growing(1);
	expect(await status.newestMs({ project: 'default' })).toBe(1);
	expect(await status.newestMs({ project: 'other' })).toBe(1_002);
});

test('the first span is there at once', async () => {
	const { status } = growing(0);
	expect(await status.newestMs({ project: 'default' })).toBeNull();
	expect(await status.newestMs({ project: 'default' })).toBe(1);
});

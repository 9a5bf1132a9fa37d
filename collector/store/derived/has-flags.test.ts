import { expect, test } from 'vitest';
import { spanBlock } from '../../../test/support/span-block.ts';
import type { PlainSpan } from '../../../test/support/span-block.ts';
import { CommitLog } from './commit-log.ts';
import { mayHaveFlags } from './has-flags.ts';

const span = (more: Partial<PlainSpan>): PlainSpan => ({
	traceId: 'ab'.repeat(16),
	spanId: 'cd'.repeat(8),
	startUnixNano: 1n,
	endUnixNano: 2n,
	...more,
});
const text = (key: string) => [key, { stringValue: 'new-till' }] as const;
const flagged = span({ attributes: [text('a'), text('feature_flag.key'), text('b')] });

test.each([
	['as an attribute', true, [flagged]],
	['on an event, whatever it is called', true, [span({ events: [{ timeUnixNano: 1n, name: 'feature_flag', attributes: [text('feature_flag.key')] }] })]],
	['of one span of many', true, [...Array.from({ length: 50 }, (_, n) => span({ attributes: [text(`key ${n}`)] })), flagged]],
	['not where a key is longer', false, [span({ attributes: [text('feature_flag.keys'), text('my.feature_flag.key')] })]],
	['not where it is a value', false, [span({ attributes: [['x', { stringValue: 'feature_flag.key' }]] })]],
	['not without any', false, [span({})]],
])('a flag is found among the keys of a block: %s', (_, expected, spans) => {
	const without = spanBlock([span({ attributes: [text('c')] })]);
	expect(mayHaveFlags([without, spanBlock(spans)])).toBe(expected);
}); // prettier-ignore

test('a range of inserts says of each unit whether one of them may have flags', () => {
	const log = new CommitLog('6a3d2c7e-0000-4000-8000-000000000001', 0);
	const insert = (day: number, mayHave?: boolean) => {
		const content = { earliestMs: 1, latestMs: 1, ...(mayHave === undefined ? {} : { mayHaveFlags: mayHave }) };
		log.settle(log.begin({ project: 'default', day }, 10, content), 'stored');
	};
	insert(1, false);
	insert(2, true);
	insert(2, false);
	insert(3, false);
	insert(4);
	const { units } = log.storedAfter(0, 1_000);
	expect(units.map(({ day, commits }) => [day, ...commits.map((commit) => commit.mayHaveFlags)])).toEqual([[1, false], [2, true, false], [3, false], [4, true]]); // prettier-ignore
});

import { expect, test } from 'vitest';
import { sampleOf } from './commit-log.ts';

const commits = (...spans: number[]) => spans.map((spans, index) => ({ number: index + 1, spans }));

test.each([
	['few spans are all read', commits(10, 10, 10), 50, undefined],
	['up to twice as many, too', commits(40, 40), 50, undefined],
	['of many commits some, spread evenly, the last among them', commits(...Array<number>(10).fill(20)), 50, [2, 6, 10]],
	['at least one, however large', commits(1_000, 1_000), 50, [2]],
	['a single one is read whole', commits(1_000), 50, undefined],
	['without a limit all are', commits(1_000, 1_000), Infinity, undefined],
])('%s', (_, of, most, sampled) => {
	expect(sampleOf(of, most)).toEqual(sampled);
});

import { expect, test } from 'vitest';
import type { SpanRankAnswer } from '../../schema/api-span-rank.ts';
import { rankWords } from './rank-words.ts';

const rank = (more: Partial<SpanRankAnswer>): SpanRankAnswer => ({
	window: { fromMs: 0, toMs: 3_600_000 },
	service: 'cart',
	namespace: 'shop',
	environment: 'prod',
	operation: 'GET /cart',
	kind: 'server',
	durationNano: 1e9,
	requests: 12_400,
	spans: 12_400,
	quickerRatio: 0.9789,
	...more,
});

test.each([
	[{}, 'Slower than 97 % of 12,400 GET /cart in the hour before'],
	[{ quickerRatio: 0.99876 }, 'Slower than 99.8 % of 12,400 GET /cart in the hour before'],
	[{ quickerRatio: 1 }, 'Slower than 100 % of 12,400 GET /cart in the hour before'],
	[{ quickerRatio: 0 }, 'Slower than 0 % of 12,400 GET /cart in the hour before'],
	[{ spans: 124 }, 'Slower than 97 % of 12,400 (124 stored) GET /cart in the hour before'],
	[{ requests: 3, spans: 3, quickerRatio: 2 / 3 }, 'Slower than 66 % of 3 GET /cart in the hour before, which are few'],
	[{ requests: 0, spans: 0, quickerRatio: null }, 'No other GET /cart in the hour before'],
])('%j', (more, words) => {
	expect(rankWords(rank(more)).replaceAll(' ', ' ')).toBe(words);
});

import { expect, test } from 'vitest';
import { tracesOf } from './derive-bucket.ts';

const ids = ['02', '04', '06', '08', '0a', '0c'];

test('slices hold about as many of the sample each, from the first id of all to the last', () => {
	expect(tracesOf(ids, 3)).toEqual([
		{ fromTrace: '', toTrace: '06' },
		{ fromTrace: '06', toTrace: '0a' },
		{ fromTrace: '0a', toTrace: '' },
	]);
});

test.each([
	['of one large trace there is one slice that holds it', ['07', '07', '07', '07'], 4, ['07', '']],
	['without ids all is one slice', [], 3, ['']],
])('%s', (_, sample, slices, ends) => {
	expect(tracesOf(sample, slices).map(({ toTrace }) => toTrace)).toEqual(ends);
});

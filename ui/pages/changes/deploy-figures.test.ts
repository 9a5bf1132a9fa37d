import { expect, test } from 'vitest';
import { deployFigures } from './deploy-figures.ts';
import type { DeployAnswer } from '../../../schema/api-changes.ts';

const deploy = (facts: object): DeployAnswer => facts as DeployAnswer;

test('rate, errors and p95 are those of the windows that were compared', () => {
	// 1,200 requests in ten minutes are two a second; 900 in five are three.
	const [rate, errors, p95] = deployFigures(
		deploy({
			before: { fromMs: 0, toMs: 600_000 },
			after: { fromMs: 600_000, toMs: 900_000 },
			entry: {
				before: { requests: 1_200, errors: 6, p95Nano: 80e6 },
				after: { requests: 900, errors: 45, p95Nano: 120e6 },
				errors: { before: 6 / 1_200, after: 45 / 900 },
			},
		}),
	);
	expect([rate?.before, rate?.after]).toEqual([2, 3]);
	expect([errors?.before, errors?.after]).toEqual([0.005, 0.05]);
	expect([p95?.before, p95?.after]).toEqual([80e6, 120e6]);
	expect([rate?.format(3), errors?.format(0.05), p95?.format(120e6)]).toEqual(['3/s', '5\u00a0%', '120\u00a0ms']);
});

test('where nothing was counted nothing is said', () => {
	const none = { requests: 0, errors: 0, p95Nano: null };
	const figures = deployFigures(
		deploy({
			before: { fromMs: 5, toMs: 5 },
			after: { fromMs: 5, toMs: 5 },
			entry: { before: none, after: none, errors: { before: 0, after: 0 } },
		}),
	);
	for (const { before, after, format } of figures) {
		expect([before, after]).toEqual([null, null]);
		expect(format(before)).toBe('–');
	}
});

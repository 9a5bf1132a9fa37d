import { expect, test } from 'vitest';
import { samplingWeight } from './sampling-weight.ts';

test.each([
	['', 1],
	['vendor=th:8', 1],
	['ot=th:0', 1],
	['ot=th:8', 2],
	['ot=rv:11111111111111;th:c', 4],
	['a=b, ot=th:fd70a4', 1 / (1 - 0xfd70a4 / 2 ** 24)],
	['ot=th:ffffffffffffff', 2 ** 56],
	['ot=th:8z', 1],
	['ot=th:123456789012345', 1],
	[`ot=th:8;x:${'y'.repeat(256)}`, 1],
])('%s stands for %d spans', (traceState, weight) => {
	expect(samplingWeight(traceState)).toBeCloseTo(weight, 6);
});

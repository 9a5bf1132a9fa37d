import { expect, test } from 'vitest';
import { healthOf } from './health.ts';

test('health follows the share of failures, and says nothing without requests', () => {
	expect([healthOf(0, 0), healthOf(1000, 9), healthOf(1000, 10), healthOf(1000, 50)]).toEqual([
		'none',
		'ok',
		'warning',
		'failing',
	]);
});

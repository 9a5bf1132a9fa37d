import { expect, test } from 'vitest';
import { LogQuota } from './log-quota.ts';

function quotaAt(perMinute: number) {
	let nowMs = 0;
	const quota = new LogQuota(perMinute, () => nowMs);
	return { quota, pass: (ms: number) => void (nowMs += ms) };
}

test('a minute earns what a minute may keep, and no more is saved up', () => {
	const { quota, pass } = quotaAt(60);
	expect(quota.available()).toBe(60);
	quota.take(60);
	expect(quota.available()).toBe(0);
	pass(1_500);
	expect(quota.available()).toBe(1);
	pass(600_000);
	expect(quota.available()).toBe(60);
});

test('what was taken beyond it is owed, and what was not stored is given back', () => {
	const { quota, pass } = quotaAt(60);
	quota.take(90);
	pass(30_000);
	expect(quota.available()).toBe(0);
	pass(10_000);
	expect(quota.available()).toBe(10);
	quota.take(10);
	quota.giveBack(4);
	expect(quota.available()).toBe(4);
});

test('a clock that is set back earns nothing and takes nothing', () => {
	const { quota, pass } = quotaAt(60);
	quota.take(10);
	pass(-60_000);
	expect(quota.available()).toBe(50);
});

test('none is none', () => {
	const { quota, pass } = quotaAt(0);
	pass(60_000);
	expect(quota.available()).toBe(0);
});

import { expect, test } from 'vitest';
import { ProblemError } from '../problem.ts';
import { RecentRequests } from './recent-requests.ts';

const one = Buffer.alloc(16, 1);
const two = Buffer.alloc(16, 2);

const open = (maxEntries = 100) => {
	const time = { nowMs: 0 };
	return { recent: new RecentRequests({ maxEntries, clock: () => time.nowMs }), time };
};

test('a retry is a duplicate, whether the first attempt is done or not, and waits for it', async () => {
	const { recent } = open();
	const gate = Promise.withResolvers<void>();
	let taken = 0;
	const take = async () => {
		taken += 1;
		await gate.promise;
	};
	const first = recent.once(one, take);
	let isAnswered = false;
	const retry = recent.once(one, take).then((outcome) => {
		isAnswered = true;
		return outcome;
	});
	expect(await recent.once(two, async () => {})).toBe('stored');
	expect(isAnswered).toBe(false);
	gate.resolve();
	expect(await Promise.all([first, retry, recent.once(one, take)])).toEqual(['stored', 'duplicate', 'duplicate']);
	expect([taken, recent.repeated]).toEqual([1, 2]);
});

test('what could not be taken may come again; what was refused for good is refused again without being taken', async () => {
	const { recent } = open();
	const busy = () => Promise.reject(new ProblemError(503, 'STORE_BUSY', 'later'));
	await expect(recent.once(one, busy)).rejects.toThrow('later');
	expect(await recent.once(one, async () => {})).toBe('stored');
	const never = () => Promise.reject(new ProblemError(400, 'STORE_REFUSED', 'never'));
	await expect(recent.once(two, never)).rejects.toThrow('never');
	await expect(recent.once(two, async () => {})).rejects.toThrow('never');
});

test('a request is remembered for ten minutes at least, and not for ever', async () => {
	const { recent, time } = open();
	const numbered = (number: number) => Buffer.from(number.toString(16).padStart(32, '0'), 'hex');
	await recent.once(one, async () => {});
	time.nowMs = 599_000;
	expect(await recent.once(one, async () => {})).toBe('duplicate');
	for (let minute = 10; minute <= 30; minute += 1) {
		time.nowMs = minute * 60_001;
		await recent.once(numbered(minute), async () => {});
	}
	expect(await recent.once(one, async () => {})).toBe('stored');
	for (let minute = 20; minute <= 30; minute += 1)
		expect(await recent.once(numbered(minute), async () => {})).toBe('duplicate');
});

test('beyond its bound the oldest are forgotten', async () => {
	const { recent } = open(10);
	for (let number = 0; number < 100; number += 1) await recent.once(Buffer.alloc(16, number), async () => {});
	expect(await recent.once(Buffer.alloc(16, 99), async () => {})).toBe('duplicate');
	expect(await recent.once(Buffer.alloc(16, 95), async () => {})).toBe('duplicate');
	expect(await recent.once(Buffer.alloc(16, 5), async () => {})).toBe('stored');
});

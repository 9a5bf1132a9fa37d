import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ProblemError } from '../problem.ts';
import { BodyPace } from './body-pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(): { pace: BodyPace; problems: ProblemError[] } {
	const problems: ProblemError[] = [];
	return { pace: new BodyPace((problem) => problems.push(problem)), problems };
}

test('a kilobyte a second is enough, however it comes within ten seconds', () => {
	const { pace, problems } = watched();
	for (let window = 0; window < 5; window += 1) {
		vi.advanceTimersByTime(9_000);
		pace.came(10_000);
		vi.advanceTimersByTime(1_001);
	}
	expect(problems).toEqual([]);
	pace.stop();
});

test('less is too slow, whatever came before, and is told once', () => {
	const { pace, problems } = watched();
	pace.came(60_000_000);
	vi.advanceTimersByTime(10_001);
	expect(problems).toEqual([]);
	pace.came(9_999);
	vi.advanceTimersByTime(100_000);
	expect(problems).toMatchObject([{ status: 408, code: 'BODY_TOO_SLOW' }]);
});

test('a body that is over is not too slow', () => {
	const { pace, problems } = watched();
	pace.stop();
	vi.advanceTimersByTime(100_000);
	expect(problems).toEqual([]);
});

test('what waited in the socket while the process was busy counts', () => {
	vi.useRealTimers();
	vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
	const { pace, problems } = watched();
	vi.advanceTimersByTime(10_000);
	pace.came(10_000);
	const { promise, resolve } = Promise.withResolvers<void>();
	setImmediate(() => setImmediate(resolve));
	return promise.then(() => {
		expect(problems).toEqual([]);
		pace.stop();
	});
});

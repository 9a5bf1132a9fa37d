import { expect, test } from 'vitest';
import { CommitLog, sampleOf } from './commit-log.ts';

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

test('what was inserted after a commit began no earlier than its earliest span, as long as it may be stored', () => {
	const log = new CommitLog('6a3d2c7e-0000-4000-8000-000000000001', 4);
	const unit = { project: 'default', day: 20_000 };
	const [late, early, next] = [3_000, 1_000, 2_000].map((earliestMs) =>
		log.begin(unit, 10, { earliestMs, latestMs: earliestMs }),
	);
	expect(log.earliestAfter(4)).toBe(1_000);
	expect(log.earliestAfter(early!.number)).toBe(2_000);
	expect(log.earliestAfter(next!.number)).toBe(Infinity);
	log.settle(early!, 'unknown');
	expect(log.earliestAfter(4)).toBe(1_000);
	log.settle(early!, 'absent');
	expect(log.earliestAfter(4)).toBe(2_000);
	log.forget(late!.number);
	expect(log.earliestAfter(4)).toBe(2_000);
});

test('environments of what was inserted after a commit are known as long as those of each insert are', () => {
	const log = new CommitLog('6a3d2c7e-0000-4000-8000-000000000001', 0);
	const unit = { project: 'default', day: 20_000 };
	const begin = (...environments: string[]) =>
		log.begin(unit, 10, { earliestMs: 1, latestMs: 1, environments: new Set(environments) });
	const [first, second] = [begin('production', ''), begin('staging')];
	begin('production');
	expect([...(log.environmentsAfter(0) ?? [])].sort()).toEqual(['', 'production', 'staging']);
	expect([...(log.environmentsAfter(second.number) ?? [])]).toEqual(['production']);
	log.settle(second, 'absent');
	expect([...(log.environmentsAfter(first.number) ?? [])]).toEqual(['production']);
	log.begin(unit, 10, { earliestMs: 1, latestMs: 1 });
	expect(log.environmentsAfter(first.number)).toBeUndefined();
});

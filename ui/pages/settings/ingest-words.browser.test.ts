import { expect, test } from 'vitest';
import { ingestAnswer, statusAnswer } from '../../testing/answers.ts';
import { NOW_MS } from '../../testing/now.ts';
import { countTables } from './ingest-counts.ts';
import { ingestFacts, markInWords, reasonInWords, sdkText } from './ingest-words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const factOf = (label: string, ...answers: Parameters<typeof ingestFacts>) => {
	const { value, note, isBad } = ingestFacts(...answers).find((fact) => fact.label === label)!;
	return [plain(value), plain(note), isBad];
};

test('the rate is that of all services together', () => {
	expect(factOf('Spans', ingestAnswer(), statusAnswer())[0]).toMatch(/^15\.5/);
});

test('lag is the older of spool and rollups, and bad when the store takes nothing', () => {
	const status = statusAnswer();
	const late = { ...status, spool: { ...status.spool, spans: 1_200, oldestAgeMs: 45_000 } };
	expect(factOf('Lag', ingestAnswer(), late)).toEqual(['45 s', '1,200 spans acknowledged and not stored yet', true]);
	const held = { ...late, spool: { ...late.spool, holdMs: 500 } };
	expect(factOf('Lag', ingestAnswer(), held)[1]).toBe(
		'1,200 spans acknowledged and not stored yet; senders are slowed down by 500 ms a request',
	);
	const slow = { ...status, spool: { ...status.spool, mostParts: 734, insertDistanceMs: 4_000 } };
	expect(factOf('Lag', ingestAnswer(), slow).slice(1)).toEqual([
		'0 spans acknowledged and not stored yet; inserts 4 s apart: 734 parts in a partition',
		false,
	]);
	const paused = { ...slow, spool: { ...slow.spool, mostParts: 934, insertsPaused: true } };
	expect(factOf('Lag', ingestAnswer(), paused).slice(1)).toEqual([
		'0 spans acknowledged and not stored yet; no inserts until 934 parts in a partition are merged',
		true,
	]);
	const large = { ...status, spool: { ...status.spool, spans: 9, postponedRequests: 1, postponedSpans: 9 } };
	expect(factOf('Lag', ingestAnswer(), large).slice(1)).toEqual([
		'9 spans acknowledged and not stored yet; ClickHouse lacks memory for 1 request of 9 spans',
		true,
	]);
	const counting = { ...status, derived: { ...status.derived, spansWaiting: 432, lagMs: 35_200 } };
	expect(factOf('Lag', ingestAnswer(), counting)).toEqual([
		'35.2 s',
		'0 spans acknowledged and not stored yet; 432 spans stored and not counted yet',
		false,
	]);
	const away = { ...status, spool: { ...status.spool, storeFailure: 'ClickHouse does not answer' } };
	expect(factOf('Lag', ingestAnswer(), away)).toEqual([
		'0',
		'0 spans acknowledged and not stored yet: ClickHouse does not answer',
		true,
	]);
});

test('a spool that is nearly full, a disk that is, and anything set aside stand out', () => {
	const status = statusAnswer();
	const full = {
		...status,
		spool: { ...status.spool, bytes: 900_000, maxBytes: 1_000_000, quarantinedSpans: 3 },
	};
	const tight = { ...full, disk: { ...full.disk, freeBytes: 1024 ** 3, totalBytes: 100 * 1024 ** 3 } };
	expect(factOf('Spool', ingestAnswer(), tight)).toEqual(['879 KiB', 'of 977 KiB', true]);
	expect(factOf('Free disk', ingestAnswer(), tight)).toEqual(['1 GiB', 'of 100 GiB', true]);
	expect(factOf('Set aside', ingestAnswer(), tight)).toEqual(['3', 'spans and log records in quarantine', true]);
	expect(ingestFacts(ingestAnswer(), status).filter(({ isBad }) => isBad)).toEqual([]);
});

test('what has no spool says what a 2xx means; a disk that is not known is no figure', () => {
	const status = statusAnswer();
	const direct = { ...status, spool: { ...status.spool, ack: 'store' as const, maxBytes: 0 } };
	expect(factOf('Spool', ingestAnswer(), direct)[1]).toBe('none: a 2xx means store');
	const unknown = { ...direct, disk: { ...direct.disk, freeBytes: null, totalBytes: null } };
	expect(factOf('Free disk', ingestAnswer(), unknown)).toEqual(['–', 'the system does not say', false]);
});

test('a spool says how fast it fills and drains, and when it is full; that is bad when it is soon', () => {
	const status = statusAnswer();
	const spool = { ...status.spool, fillBytesPerSecond: 2 * 1024 ** 2, drainBytesPerSecond: 1024 ** 2 };
	const note = (facts: Partial<typeof spool>) =>
		factOf('Spool', ingestAnswer(), { ...status, spool: { ...spool, ...facts } }).slice(1);
	expect(note({})).toEqual(['of 977 KiB; 2 MiB/s in, 1 MiB/s out', false]);
	expect(note({ fullInMs: 5 * 3_600_000 })).toEqual(['of 977 KiB; 2 MiB/s in, 1 MiB/s out: full in 5 h', false]);
	expect(note({ fullInMs: 600_000 })).toEqual(['of 977 KiB; 2 MiB/s in, 1 MiB/s out: full in 10 m', true]);
});

test('what only ClickHouse knows is left open while it is away, rather than nothing', () => {
	const away = statusAnswer({ ready: false, rows: 0 });
	const unknown = ['–', 'not known while ClickHouse is away', false];
	expect(factOf('Spans', undefined, away)).toEqual(unknown);
	expect(factOf('Spans on disk', undefined, away)).toEqual(unknown);
	expect(countTables(undefined, away, NOW_MS).map(({ title }) => title)).toEqual([
		'Requests refused',
		'Secrets taken out',
		'Log records',
	]);
});

test('reasons and marks are said in words; unknown ones as they are', () => {
	expect(reasonInWords('log_quota')).toContain('quota');
	expect([reasonInWords('new_reason'), markInWords('newMark')]).toEqual(['new_reason', 'newMark']);
	expect(sdkText({ language: 'go', name: '', version: '1.2' })).toBe('go 1.2');
});

test('every count of the answers is in a table', () => {
	const logs = { exceptions: 2, correlated: 5, rejected: {} };
	const redactions = [{ key: 'password', rule: 'attribute', count: 9 }];
	const tables = countTables(ingestAnswer(), statusAnswer({ ingest: { logs, redactions } }), NOW_MS);
	const counts = Object.fromEntries(tables.map(({ title, rows }) => [title, rows.map(({ count }) => count)]));
	expect(counts).toEqual({
		Rejected: [12],
		'Requests refused': [],
		'Limits and doubts': [4, 7],
		'Secrets taken out': [9],
		'Log records': [2, 5],
	});
});

import { expect, test } from 'vitest';
import { burnRateDraftOf, burnRateOfDraft, usualBurnRates } from './burn-rate-draft.ts';

const draft = { severity: 'page', rate: '14.4', long: '1h', short: '5m', hold: '' } as const;

/** The Site Reliability Workbook, table 5-8: the share of a budget of 30 days, its window, the rate. */
test.each([
	['2 %', '1h', 14.4],
	['5%', '6 h', 6],
	['10%', '3d', 1],
	['14.4×', '1h', 14.4],
	['0.5', '1h', 0.5],
])('%s within %s of 30 days is %d times the even pace', (rate, long, expected) => {
	expect(burnRateOfDraft({ ...draft, rate, long }, '30 d').rate).toBe(expected);
});

test.each(['', 'fast', '-2 %', '2 % of it'])('%j is no rate', (rate) => {
	expect(burnRateOfDraft({ ...draft, rate }, '30d').rate).toBeNaN();
});

test('a document comes back as it was, a hold included', () => {
	for (const rest of [{}, { for: '10m' }]) {
		const document = { severity: 'ticket', rate: 2.5, long: '1h30m', short: '5m', ...rest } as const;
		expect(burnRateOfDraft(burnRateDraftOf(document), '30d')).toEqual(document);
	}
});

test('the usual ones of a window, as a document writes them', () => {
	const written = usualBurnRates('30d').map(({ severity, rate, long, short }) => [severity, rate, long, short]);
	expect(written).toEqual([
		['page', '14.4', '1h', '5m'],
		['page', '6', '6h', '30m'],
		['ticket', '1', '3d', '6h'],
	]);
	// A week is 7/30 of that: 14 of 60 minutes.
	expect(usualBurnRates('7d')[0]).toMatchObject({ long: '14m', short: '1m' });
});

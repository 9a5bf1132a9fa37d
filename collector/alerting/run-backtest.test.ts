import { expect, test } from 'vitest';
import { watchedRule } from '../../test/support/alert-world.ts';
import type { AlertSpec } from '../../schema/desired-state.ts';
import type { Measured } from './evaluate/evaluate.ts';
import { backtestOf } from './run-backtest.ts';

const begin = 1_700_000_040_000;
const spec: AlertSpec = {
	query: '',
	spans: 'entry',
	measure: 'p95',
	window: '5m',
	every: '1m',
	overrides: [],
	enabled: true,
	notify: [],
	conditions: [{ severity: 'page', above: '800ms', for: '2 of 2' }],
	groupBy: ['http.route'],
	noData: 'keep',
	minRequests: 0,
};

/** The last groups are slow in as many minutes as their place says, over an hour. */
const measuredOf = (groups: number): Measured[] =>
	Array.from({ length: 60 }, (_, minute): Measured => ({
		kind: 'values',
		tMs: begin + minute * 60_000,
		groups: new Map(
			Array.from({ length: groups }, (__, place) => [
				JSON.stringify([`/${place}`]),
				{ value: place >= 100 && minute < place - 95 ? 900e6 : 100e6, requests: 50, before: [] },
			]),
		),
	}));

test('of more groups than are drawn those that fire most are, and it is said of how many', async () => {
	const { rule } = watchedRule(spec);
	const cut = await backtestOf(rule, { measured: measuredOf(130), revised: new Set(), recordedSinceMs: null }, null);
	expect(cut.series).toHaveLength(100);
	const drawn = new Set(cut.series.map(({ group }) => group['http.route']));
	expect(Array.from({ length: 30 }, (_, place) => drawn.has(`/${place + 100}`))).toEqual(Array(30).fill(true));
	expect(cut.warnings).toContain('Of 130 groups the 100 that fire most are drawn.');
	const whole = await backtestOf(rule, { measured: measuredOf(100), revised: new Set(), recordedSinceMs: null }, null);
	expect(whole.series).toHaveLength(100);
	expect(whole.warnings.join()).not.toContain('groups');
});

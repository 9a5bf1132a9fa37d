/** What the form of an objective holds of its burn rates: text fields, and back. */
import { durationMs } from '../../../collector/alerting/evaluate/quantity.ts';
import { burnRatesFor } from '../../../collector/alerting/objectives/burn-rates.ts';
import type { Severity } from '../../../schema/alert.ts';
import type { ObjectiveSpec } from '../../../schema/desired-state.ts';
import { writtenText } from '../alerts/rule-draft.ts';

export interface BurnRateDraft {
	severity: Severity;
	/** A multiple of the even pace, or the share of the budget that goes within the long window: `14.4`, `2 %`. */
	rate: string;
	long: string;
	short: string;
	/** Empty: once is enough. */
	hold: string;
}

type BurnRateDocument = NonNullable<ObjectiveSpec['burnRates']>[number];

export const MOST_BURN_RATES = 8;
const UNITS = [
	['d', 86_400_000],
	['h', 3_600_000],
	['m', 60_000],
] as const;

function durationText(ms: number): string {
	const [unit, length] = UNITS.find(([, unitMs]) => ms % unitMs === 0) ?? UNITS[2];
	return `${ms / length}${unit}`;
}

/** Those that follow from a window when an objective has none of its own; none while the window is no duration. */
export const usualBurnRates = (window: string): BurnRateDraft[] =>
	burnRatesFor(durationMs(writtenText(window)) ?? 0).map(({ severity, rate, longMs, shortMs }) => ({
		severity,
		rate: String(rate),
		long: durationText(longMs),
		short: durationText(shortMs),
		hold: '',
	}));

export const burnRateDraftOf = ({ severity, rate, long, short, for: hold }: BurnRateDocument): BurnRateDraft => ({
	severity,
	rate: String(rate),
	long,
	short,
	hold: hold ?? '',
});

/** `window`: of the objective. The rate is NaN where its text is none. */
export function burnRateOfDraft(
	{ severity, rate, long, short, hold }: BurnRateDraft,
	window: string,
): BurnRateDocument {
	return {
		severity,
		long: writtenText(long),
		short: writtenText(short),
		rate: rateOf(rate.trim(), writtenText(long), writtenText(window)),
		...(hold.trim() === '' ? {} : { for: writtenText(hold) }),
	};
}

function rateOf(text: string, long: string, window: string): number {
	const share = /^(\d+(?:\.\d+)?) ?%$/.exec(text)?.[1];
	if (share === undefined) return Number(text.replace(/ ?[×x]$/, '') || Number.NaN);
	const ratio = (durationMs(window) ?? Number.NaN) / (durationMs(long) ?? Number.NaN);
	return Number(((Number(share) / 100) * ratio).toPrecision(6));
}

/** Between a number and its unit: they never part at a line's end. */
const NBSP = '\u00a0';
/** Shown where something was not counted at all, as opposed to counted and zero. */
export const MISSING = '–';

const MICRO = 1e3;
const MILLI = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Three significant digits, without an exponent: `1.24`, `88`, `0.042`, `12345`. */
export function threeDigits(value: number): string {
	if (value === 0 || !Number.isFinite(value)) return value === 0 ? '0' : MISSING;
	const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(3)))));
	const decimals = Math.min(6, Math.max(0, 2 - magnitude));
	const text = value.toFixed(decimals);
	return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

const rounded = (value: number): number => Number(value.toPrecision(3));

/** `312 µs`, `88 ms`, `1.24 s`, `3 m 12 s`, `2 h 5 m`, `3 d 4 h`; `–` for null. */
export function formatDuration(nano: number | null | undefined): string {
	if (nano === null || nano === undefined || !Number.isFinite(nano)) return MISSING;
	if (nano < 0) return `−${formatDuration(-nano)}`;
	if (nano === 0) return '0';
	if (rounded(nano) < MICRO) return `${threeDigits(nano)}${NBSP}ns`;
	if (rounded(nano) < MILLI) return `${threeDigits(nano / MICRO)}${NBSP}µs`;
	if (rounded(nano) < SECOND) return `${threeDigits(nano / MILLI)}${NBSP}ms`;
	if (rounded(nano) < MINUTE) return `${threeDigits(nano / SECOND)}${NBSP}s`;
	return twoUnits(nano);
}

interface UnitPair {
	large: number;
	small: number;
	unit: string;
	smallUnit: string;
}

function unitPair(nano: number): UnitPair {
	if (nano < HOUR - SECOND / 2) return { large: MINUTE, small: SECOND, unit: 'm', smallUnit: 's' };
	if (nano < DAY - MINUTE / 2) return { large: HOUR, small: MINUTE, unit: 'h', smallUnit: 'm' };
	return { large: DAY, small: HOUR, unit: 'd', smallUnit: 'h' };
}

function twoUnits(nano: number): string {
	const { large, small, unit, smallUnit } = unitPair(nano);
	const smalls = Math.round(nano / small);
	const rest = smalls % (large / small);
	const whole = `${Math.floor(smalls / (large / small))}${NBSP}${unit}`;
	return rest === 0 ? whole : `${whole}${NBSP}${rest}${NBSP}${smallUnit}`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `312 B`, `1.24 MiB`, `88 GiB`; `–` for null. */
export function formatBytes(bytes: number | null): string {
	if (bytes === null || !Number.isFinite(bytes)) return MISSING;
	let value = bytes;
	let unit = 0;
	while (Math.round(value) >= 1024 && unit < BYTE_UNITS.length - 1) {
		value /= 1024;
		unit++;
	}
	return `${threeDigits(value)}${NBSP}${BYTE_UNITS[unit]}`;
}

/** `1,204`: exact, grouped. */
export function formatCount(count: number): string {
	return Math.round(count).toLocaleString('en-US');
}

/** `1 span`, `1,204 spans`: exact, with its noun. */
export const formatCounted = (count: number, noun: string): string =>
	`${formatCount(count)} ${noun}${Math.round(count) === 1 ? '' : 's'}`;

const SCALES = ['', 'k', 'M', 'G', 'T'] as const;

/** `942`, `3.1k`, `12.4M`: three significant digits. */
export function formatCompact(value: number): string {
	let scale = 0;
	let scaled = value;
	while (Math.abs(rounded(scaled)) >= 1000 && scale < SCALES.length - 1) {
		scaled /= 1000;
		scale++;
	}
	return `${threeDigits(scaled)}${SCALES[scale]}`;
}

/** `3.1k/s`, `0.04/s`; what comes more rarely than that is counted by the hour: `12/h`. */
export function formatRate(perSecond: number): string {
	const isRare = perSecond > 0 && rounded(perSecond) < 0.01;
	return isRare ? `${formatCompact(perSecond * 3600)}/h` : `${formatCompact(perSecond)}/s`;
}

const PERIODS = [
	{ seconds: 1, unit: 's' },
	{ seconds: 60, unit: 'min' },
	{ seconds: 3_600, unit: 'h' },
] as const;

/** For a column of rates, which compare when they have one unit: the shortest period in which the most frequent comes once. */
export function columnOfRates(perSecond: readonly number[]): (perSecond: number) => string {
	const most = perSecond.reduce((a, b) => Math.max(a, b), 0);
	const enough = PERIODS.find(({ seconds }) => rounded(most * seconds) >= 1) ?? PERIODS[most > 0 ? 2 : 0];
	return (rate) => `${formatCompact(rate * enough.seconds)}/${enough.unit}`;
}

/** `0.42 %` of a ratio from 0 to 1. */
export function formatRatio(ratio: number | null): string {
	if (ratio === null || !Number.isFinite(ratio)) return MISSING;
	const percent = ratio * 100;
	if (percent > 0 && percent < 0.001) return `<0.001${NBSP}%`;
	return `${threeDigits(percent)}${NBSP}%`;
}

/** `0.94`: two digits, as Apdex is written; `–` where nothing was counted. */
export function formatApdex(apdex: number | null | undefined): string {
	return apdex === null || apdex === undefined ? MISSING : apdex.toFixed(2);
}

/** Names are cut in the middle, where they differ least: `oteldemo.…/GetCart`. */
export function cutMiddle(text: string, characters: number): string {
	if (text.length <= characters) return text;
	const head = Math.ceil((characters - 1) * 0.45);
	return `${text.slice(0, head)}…${text.slice(text.length - (characters - 1 - head))}`;
}

export interface Change {
	/** `up` by more than 2 %, `down` by more than 2 %, else `same`; `new` when there was nothing before. */
	direction: 'up' | 'down' | 'same' | 'new';
	/** `+12 %`, `−3.4 %`, `×4.2`. */
	text: string;
}

/** How a number moved against the window before; null where nothing can be said. */
export function changeBetween(now: number | null, before: number | null): Change | null {
	if (now === null || before === null) return null;
	if (before === 0) return now === 0 ? { direction: 'same', text: `0${NBSP}%` } : { direction: 'new', text: 'new' };
	const ratio = now / before;
	if (ratio >= 3) return { direction: 'up', text: `×${threeDigits(Number(ratio.toPrecision(2)))}` };
	const percent = (ratio - 1) * 100;
	const text = `${percent < 0 ? '−' : '+'}${Math.abs(percent) < 10 ? Number(Math.abs(percent).toFixed(1)) : Math.round(Math.abs(percent))}${NBSP}%`;
	if (Math.abs(percent) < 2) return { direction: 'same', text };
	return { direction: percent > 0 ? 'up' : 'down', text };
}

/** `7 days`, `36 hours`: in the larger unit that is at least two. */
export function formatReach(ms: number | null): string {
	if (ms === null) return MISSING;
	const days = (ms * MILLI) / DAY;
	if (days >= 2) return `${Math.round(days * 10) / 10} days`;
	const hours = Math.round(((ms * MILLI) / HOUR) * 10) / 10;
	return `${hours} ${hours === 1 ? 'hour' : 'hours'}`;
}

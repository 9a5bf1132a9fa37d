import { formatDuration } from './format.ts';

/** Times are shown in the reader's zone or in UTC; which one is always written beside them. */
export type Zone = 'local' | 'utc';

interface DateParts {
	year: number;
	month: number;
	day: number;
	hour: number;
	minute: number;
	second: number;
	milli: number;
}

export function datePartsOf(ms: number, zone: Zone): DateParts {
	const date = new Date(ms);
	if (zone === 'utc') {
		return {
			year: date.getUTCFullYear(),
			month: date.getUTCMonth() + 1,
			day: date.getUTCDate(),
			hour: date.getUTCHours(),
			minute: date.getUTCMinutes(),
			second: date.getUTCSeconds(),
			milli: date.getUTCMilliseconds(),
		};
	}
	return {
		year: date.getFullYear(),
		month: date.getMonth() + 1,
		day: date.getDate(),
		hour: date.getHours(),
		minute: date.getMinutes(),
		second: date.getSeconds(),
		milli: date.getMilliseconds(),
	};
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-23`. */
export function formatDate(ms: number, zone: Zone): string {
	const { year, month, day } = datePartsOf(ms, zone);
	return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** `09:31`, `09:31:02` or `09:31:02.118`. */
export function formatClock(ms: number, zone: Zone, precision: 'minute' | 'second' | 'milli' = 'second'): string {
	const { hour, minute, second, milli } = datePartsOf(ms, zone);
	const short = `${two(hour)}:${two(minute)}`;
	if (precision === 'minute') return short;
	const seconds = `${short}:${two(second)}`;
	return precision === 'second' ? seconds : `${seconds}.${String(milli).padStart(3, '0')}`;
}

/** `UTC`, `UTC+2`, `UTC−3:30`: the offset at that moment. */
export function zoneName(ms: number, zone: Zone): string {
	const offset = zone === 'utc' ? 0 : -new Date(ms).getTimezoneOffset();
	if (offset === 0) return 'UTC';
	const minutes = Math.abs(offset) % 60;
	return `UTC${offset < 0 ? '−' : '+'}${Math.floor(Math.abs(offset) / 60)}${minutes === 0 ? '' : `:${two(minutes)}`}`;
}

/** `2026-11-23 09:31:02.118 UTC`. */
export const formatMoment = (ms: number, zone: Zone): string =>
	`${formatDate(ms, zone)} ${formatClock(ms, zone, 'milli')} ${zoneName(ms, zone)}`;

/** `2026-11-23 09:00 – 10:00 UTC`, with seconds where one of the ends has some. */
export function formatWindow(fromMs: number, toMs: number, zone: Zone): string {
	const precision = fromMs % 60_000 === 0 && toMs % 60_000 === 0 ? 'minute' : 'second';
	const fromDate = formatDate(fromMs, zone);
	const toDate = formatDate(toMs, zone);
	const to = `${toDate === fromDate ? '' : `${toDate} `}${formatClock(toMs, zone, precision)}`;
	return `${fromDate} ${formatClock(fromMs, zone, precision)} – ${to} ${zoneName(toMs, zone)}`;
}

/** `just now`, `3 m ago`, `2 d ago`, `in 5 m`. */
export function formatAgo(ms: number, nowMs: number): string {
	const seconds = Math.round((nowMs - ms) / 1000);
	if (Math.abs(seconds) < 2) return 'just now';
	const text = roundDuration(Math.abs(seconds));
	return seconds > 0 ? `${text} ago` : `in ${text}`;
}

function roundDuration(seconds: number): string {
	const unit = seconds < 60 ? 1 : seconds < 3600 ? 60 : seconds < 86_400 ? 3600 : 86_400;
	return formatDuration(Math.floor(seconds / unit) * unit * 1e9);
}

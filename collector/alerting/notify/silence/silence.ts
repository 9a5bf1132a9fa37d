import { CalendarDateTime, fromAbsolute, parseAbsolute, parseDateTime, toZoned } from '@internationalized/date';
import { FOREVER_MS } from '../../../../schema/alert.ts';
import type { DocumentOf } from '../../../../schema/desired-state.ts';
import { parseDuration } from '../../../../schema/query-value.ts';
import { matchesLabels } from '../alert-labels.ts';
import type { AlertLabels } from '../alert-labels.ts';

export type SilenceSpec = DocumentOf<'Silence'>['spec'];

/** A silence or maintenance window whose texts have been read. */
export interface Silence {
	match: Readonly<Record<string, string>>;
	/** Half-open; from the beginning, and for ever, where nothing is said. */
	fromMs: number;
	untilMs: number;
	every: Recurrence | undefined;
}

/** Starts on these days at this time of the clock in that zone, and lasts so long by any clock. */
interface Recurrence {
	/** 0 is Sunday. */
	days: ReadonlySet<number>;
	hour: number;
	minute: number;
	forMs: number;
	timeZone: string;
}

const dayMs = 86_400_000;
const longestOccurrenceMs = 31 * dayMs;
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Throws Error that says which part was found and what was expected. */
export function readSilence({ match, from, until, every, timeZone }: SilenceSpec): Silence {
	if (!isTimeZone(timeZone))
		throw new Error(`timeZone is ${JSON.stringify(timeZone)}; expected one such as Europe/Berlin`);
	const fromMs = from === undefined ? -FOREVER_MS : readTime('from', from, timeZone);
	const untilMs = until === undefined ? FOREVER_MS : readTime('until', until, timeZone);
	if (fromMs >= untilMs) throw new Error('until is not after from');
	return { match, fromMs, untilMs, every: every === undefined ? undefined : readRecurrence(every, timeZone) };
}

function isTimeZone(name: string): boolean {
	try {
		return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
	} catch {
		return false;
	}
}

/** With an offset or `Z` it is that moment; without, the time of the clock in the zone. */
function readTime(name: string, text: string, timeZone: string): number {
	try {
		const isAbsolute = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) && text.includes('T');
		return (isAbsolute ? parseAbsolute(text, timeZone) : toZoned(parseDateTime(text), timeZone)).toDate().getTime();
	} catch {
		throw new Error(
			`${name} is ${JSON.stringify(text)}; expected a time such as 2026-11-28T22:00 or 2026-11-28T22:00:00Z`,
		);
	}
}

function readRecurrence({ days, at, for: length }: NonNullable<SilenceSpec['every']>, timeZone: string): Recurrence {
	const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at) ?? [];
	if (hour === undefined || minute === undefined)
		throw new Error(`every.at is ${JSON.stringify(at)}; expected a time of day such as 02:30`);
	const forMs = Number((parseDuration(length) ?? 0n) / 1_000_000n);
	if (forMs <= 0 || forMs > longestOccurrenceMs)
		throw new Error(`every.for is ${JSON.stringify(length)}; expected a duration of at most 31d`);
	return {
		days: new Set(days.map((day) => dayNames.indexOf(day))),
		hour: Number(hour),
		minute: Number(minute),
		forMs,
		timeZone,
	};
}

/** Until when alerts with these labels are silenced at this moment; null where they aren't. */
export function silencedUntil(silence: Silence, labels: AlertLabels, nowMs: number): number | null {
	return matchesLabels(silence.match, labels) ? activeUntil(silence, nowMs) : null;
}

/** Until when the silence is in force at this moment; null where it isn't. */
export function activeUntil({ fromMs, untilMs, every }: Silence, nowMs: number): number | null {
	if (nowMs < fromMs || nowMs >= untilMs) return null;
	if (every === undefined) return untilMs;
	const endMs = occurrenceEnd(every, nowMs);
	return endMs === null ? null : Math.min(endMs, untilMs);
}

export interface Occurrence {
	fromMs: number;
	/** Half-open; `FOREVER_MS` where nothing ends it. */
	untilMs: number;
}

/** Twice as far as an occurrence of some weekday can be: then there is none. */
const furthestDays = 14;

/** The next times that it is in force, in order, those that have begun included; they may overlap. At most `most`. */
export function nextOccurrences({ fromMs, untilMs, every }: Silence, nowMs: number, most: number): Occurrence[] {
	if (nowMs >= untilMs) return [];
	if (every === undefined) return [{ fromMs, untilMs }];
	const beginMs = Math.max(nowMs, fromMs);
	const daysBack = Math.ceil(every.forMs / dayMs) + 1;
	const first = fromAbsolute(beginMs, every.timeZone).subtract({ days: daysBack });
	const found: Occurrence[] = [];
	let without = 0;
	for (let ahead = 0; found.length < most && without <= daysBack + furthestDays; ahead++) {
		const startMs = startOn(every, first.add({ days: ahead }));
		without += 1;
		if (startMs === null || startMs + every.forMs <= beginMs) continue;
		if (startMs >= untilMs) break;
		found.push({ fromMs: Math.max(startMs, fromMs), untilMs: Math.min(startMs + every.forMs, untilMs) });
		without = 0;
	}
	return found;
}

/** End of the last occurrence that this moment lies in; null in between. */
function occurrenceEnd(recurrence: Recurrence, nowMs: number): number | null {
	let endMs: number | null = null;
	const daysBack = Math.ceil(recurrence.forMs / dayMs) + 1;
	const today = fromAbsolute(nowMs, recurrence.timeZone);
	for (let back = 0; back <= daysBack; back++) {
		const startMs = startOn(recurrence, today.subtract({ days: back }));
		const isIn = startMs !== null && startMs <= nowMs && nowMs < startMs + recurrence.forMs;
		if (isIn) endMs = Math.max(endMs ?? 0, startMs + recurrence.forMs);
	}
	return endMs;
}

/**
 * Null on other days. A time that the clock skips in spring begins as much later; of one that comes twice in autumn the first
 * counts.
 */
function startOn(
	{ days, hour, minute, timeZone }: Recurrence,
	{ year, month, day }: { year: number; month: number; day: number },
): number | null {
	if (!days.has(new Date(Date.UTC(year, month - 1, day)).getUTCDay())) return null;
	return toZoned(new CalendarDateTime(year, month, day, hour, minute), timeZone, 'compatible')
		.toDate()
		.getTime();
}

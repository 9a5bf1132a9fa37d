/** Days, weeks and months where people live. Pure. */

const dayMs = 86_400_000;

export interface Period {
	fromMs: number;
	toMs: number;
}
export type CalendarUnit = 'day' | 'week' | 'month';

/** Which one a duration means; undefined where it is none of them. */
export function calendarUnitOf(durationMs: number): CalendarUnit | undefined {
	if (durationMs === dayMs) return 'day';
	if (durationMs === 7 * dayMs) return 'week';
	return durationMs >= 28 * dayMs && durationMs <= 31 * dayMs ? 'month' : undefined;
}

export function isTimeZone(timeZone: string): boolean {
	try {
		return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone !== '';
	} catch {
		return false;
	}
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall shows, as if it were UTC. */
function localMs(ms: number, timeZone: string): number {
	let format = formats.get(timeZone);
	if (format === undefined) {
		format = new Intl.DateTimeFormat('en-US', {
			timeZone,
			hourCycle: 'h23',
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric',
		});
		if (formats.size < 100) formats.set(timeZone, format);
	}
	const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
	const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
	return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** When it is that time on the wall. Where clocks skip it, the moment of the skip; where it comes twice, the first. */
function instantOf(wallMs: number, timeZone: string): number {
	const offsetAt = (ms: number): number => localMs(ms, timeZone) - Math.floor(ms / 1_000) * 1_000;
	const [before, after] = [wallMs - offsetAt(wallMs - dayMs), wallMs - offsetAt(wallMs + dayMs)];
	const earlier = Math.min(before, after);
	return localMs(earlier, timeZone) === wallMs ? earlier : Math.max(before, after);
}

/** The period around a moment. Weeks begin on Monday. */
export function periodAround(ms: number, unit: CalendarUnit, timeZone: string): Period {
	const wall = new Date(localMs(ms, timeZone));
	const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()];
	const sinceMonday = (wall.getUTCDay() + 6) % 7;
	const [from, to] = {
		day: [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)],
		week: [Date.UTC(year, month, day - sinceMonday), Date.UTC(year, month, day - sinceMonday + 7)],
		month: [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)],
	}[unit] as [number, number];
	return { fromMs: instantOf(from, timeZone), toMs: instantOf(to, timeZone) };
}

import type { TimeWindow } from '../../schema/api.ts';
import { ProblemError } from '../problem.ts';
import { duration } from '../settings.ts';

const hourMs = 3_600_000;
/** Beyond this a window is a typing error, and its arithmetic would leave what ClickHouse can hold. */
const maxWindowMs = 400 * 24 * hourMs;

/** `from` and `to` as Unix milliseconds, `now` or `now-15m`; the last hour when absent. Half-open. */
export function readWindow(from: string | undefined, to: string | undefined, nowMs: number): TimeWindow {
	const toMs = to === undefined ? nowMs : readTime('to', to, nowMs);
	const fromMs = from === undefined ? toMs - hourMs : readTime('from', from, nowMs);
	if (fromMs >= toMs) throw new ProblemError(400, 'BAD_WINDOW', `from (${fromMs}) must be before to (${toMs})`);
	if (toMs - fromMs > maxWindowMs) throw new ProblemError(400, 'BAD_WINDOW', 'a window is at most 400 days long');
	return { fromMs, toMs };
}

function readTime(name: string, value: string, nowMs: number): number {
	const expected = 'Unix milliseconds, `now`, or `now-` and a duration such as 15m or 7d';
	if (/^\d{1,14}$/.test(value)) return Number(value);
	if (value === 'now') return nowMs;
	if (value.startsWith('now-')) {
		try {
			return nowMs - duration(value.slice('now-'.length));
		} catch {
			// Reported below with the whole value.
		}
	}
	throw new ProblemError(400, 'BAD_TIME', `${name} is ${JSON.stringify(value)}; expected ${expected}`, { expected });
}

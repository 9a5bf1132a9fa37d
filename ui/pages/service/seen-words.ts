import { formatAgo } from '../../lib/time-format.ts';

export interface Seen {
	firstSeenMs: number;
	lastSeenMs: number;
}

/** What was seen a moment ago is still there: when it was seen last says nothing then. */
const PRESENT_MS = 600_000;

/** `12 d ago`, and `12 d ago, last 2 h ago` of what may be gone. */
export function seenWords({ firstSeenMs, lastSeenMs }: Seen, nowMs: number): string {
	const first = formatAgo(firstSeenMs, nowMs);
	return nowMs - lastSeenMs < PRESENT_MS ? first : `${first}, last ${formatAgo(lastSeenMs, nowMs)}`;
}

/** From the first sight of any to the last of any; undefined of none. */
export function seenTogether(all: readonly Seen[]): Seen | undefined {
	if (all.length === 0) return undefined;
	return {
		firstSeenMs: Math.min(...all.map(({ firstSeenMs }) => firstSeenMs)),
		lastSeenMs: Math.max(...all.map(({ lastSeenMs }) => lastSeenMs)),
	};
}

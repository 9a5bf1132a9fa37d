/** Up to here a store that is behind is only busy: its inserts gather for a second at most. */
const behindMs = 1_000;
const mostHoldMs = 500;
/** The longest hold is reached at a store this far behind; in between it grows evenly. */
const farBehindMs = 3_000;

/** A store that has taken nothing for so long is not overloaded but away, whether it says so or hangs. */
const awayMs = 10_000;

/**
 * How long an answer is held back when the oldest of what was acknowledged has waited for `lagMs`, and the store has taken nothing for
 * `idleMs`. Senders that wait for their
 * answers send less meanwhile: without it a machine that takes in more than it can store falls behind for as long as that
 * lasts, and pays for reading back what it would otherwise have kept in memory. It is little beside what exporters wait
 * for an answer, and bounded, so that an exporter's own queue doesn't have to drop what the spool has room for
 * (docs/adr/0065-answers-at-the-pace-of-the-store.md).
 */
export function holdMs(lagMs: number, idleMs: number): number {
	if (idleMs > awayMs) return 0;
	const share = (lagMs - behindMs) / (farBehindMs - behindMs);
	return Math.round(mostHoldMs * Math.min(1, Math.max(0, share)));
}

import { SEVERITIES } from '../../../schema/alert.ts';
import type { Firing } from '../../../schema/api-alerts.ts';

/** What nobody has taken on first, then by severity, then what began last. */
export function mostUrgent(firings: readonly Firing[]): Firing[] {
	const isTaken = ({ acknowledged, silencedUntilMs }: Firing): number =>
		acknowledged === null && silencedUntilMs === null ? 0 : 1;
	return firings.toSorted(
		(a, b) =>
			isTaken(a) - isTaken(b) ||
			SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
			b.startedMs - a.startedMs ||
			(a.firingId < b.firingId ? -1 : 1),
	);
}

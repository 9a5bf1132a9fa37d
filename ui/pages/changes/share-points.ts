import type { DeployAnswer } from '../../../schema/api-changes.ts';

/** `+4.4 to +7.9 points`: where the difference lies, in percentage points; empty where nothing can be said. */
export function pointsBetween({ low, high }: DeployAnswer['entry']['errors']): string {
	return low <= -1 && high >= 1 ? '' : `${points(low)} to ${points(high)} points`;
}

function points(share: number): string {
	const rounded = Math.round(share * 1_000) / 10;
	const sign = rounded > 0 ? '+' : rounded < 0 ? '−' : '';
	return `${sign}${Math.abs(rounded).toFixed(1)}`;
}

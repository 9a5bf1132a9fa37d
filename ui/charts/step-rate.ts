import type { TimeWindow } from '../../schema/api.ts';

/** Of a step that the window cuts. With less of it, one event more or less is most of what a rate would tell. */
export const LEAST_SHARE = 0.25;

/**
 * Events a second in the step that begins at `tMs`, over the part of it that lies in the window: whole windows of a steady service are a
 * straight line to their ends. Null where too little of the step does.
 */
export function stepRate(events: number, tMs: number, stepMs: number, { fromMs, toMs }: TimeWindow): number | null {
	const lengthMs = Math.min(tMs + stepMs, toMs) - Math.max(tMs, fromMs);
	return lengthMs < stepMs * LEAST_SHARE ? null : (events * 1_000) / lengthMs;
}

/** The same of all steps. */
export const stepRates = (
	events: readonly number[],
	timesMs: readonly number[],
	stepMs: number,
	window: TimeWindow,
): (number | null)[] => events.map((count, step) => stepRate(count, timesMs[step] ?? 0, stepMs, window));

export const secondsOf = ({ fromMs, toMs }: TimeWindow): number => Math.max(1, (toMs - fromMs) / 1_000);

import type { Intake } from './intake.ts';
import type { SelfMetrics } from './self-metrics.ts';

/** What is known only when somebody asks. */
export function measureIntake(intake: Intake, metrics: SelfMetrics): void {
	const { bytes, spans, oldestAgeMs, quarantinedSpans } = intake.describe();
	metrics.quarantinedSpans.set(quarantinedSpans);
	// Not counted with the inserts: of one whose answer got lost, it is known only later that it was stored.
	metrics.spansStored.reset();
	metrics.spansStored.inc(intake.storedSpans());
	metrics.ingestWatermark.set(intake.watermarkMs() / 1_000);
	metrics.spoolBytes.set(bytes);
	metrics.spoolSpans.set(spans);
	metrics.logSpoolRecords.set(intake.describeLogs().records);
	metrics.spoolAge.set((oldestAgeMs ?? 0) / 1_000);
	const { surprises, forgottenEarly } = intake.faults();
	metrics.spoolSurprises.reset();
	metrics.spoolSurprises.inc(surprises);
	metrics.retriesForgotten.reset();
	metrics.retriesForgotten.inc(forgottenEarly);
	metrics.answersHeld.reset();
	metrics.answersHeld.inc(intake.heldMs() / 1_000);
}

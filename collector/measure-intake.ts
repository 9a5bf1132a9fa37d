import type { Intake } from './intake.ts';
import type { SelfMetrics } from './self-metrics.ts';

/** What is known only when somebody asks. */
export function measureIntake(intake: Intake, metrics: SelfMetrics): void {
	const { bytes, spans, oldestAgeMs, postponedSpans, quarantinedSpans } = intake.describe();
	metrics.quarantinedSpans.set(quarantinedSpans);
	// Not counted with the inserts: of one whose answer got lost, it is known only later that it was stored.
	metrics.spansStored.reset();
	metrics.spansStored.inc(intake.storedSpans());
	metrics.ingestWatermark.set(intake.watermarkMs() / 1_000);
	metrics.spoolBytes.set(bytes);
	metrics.spoolSpans.set(spans);
	const logs = intake.describeLogs();
	metrics.logSpoolRecords.set(logs.records);
	metrics.postponedSpans.set(postponedSpans);
	metrics.postponedLogs.set(logs.postponedRecords);
	const { parts, distanceMs, isPaused } = intake.pressure();
	metrics.mostParts.set(parts ?? 0);
	metrics.insertDistance.set(distanceMs / 1_000);
	metrics.insertsPaused.set(isPaused ? 1 : 0);
	metrics.spoolAge.set((oldestAgeMs ?? 0) / 1_000);
	const { surprises, forgottenEarly } = intake.faults();
	metrics.spoolSurprises.reset();
	metrics.spoolSurprises.inc(surprises);
	metrics.retriesForgotten.reset();
	metrics.retriesForgotten.inc(forgottenEarly);
	metrics.answersHeld.reset();
	metrics.answersHeld.inc(intake.heldMs() / 1_000);
}

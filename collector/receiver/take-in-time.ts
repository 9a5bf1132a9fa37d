import { ProblemError } from '../problem.ts';
import type { PartialSuccess } from './otlp-response.ts';
import { takeRequest } from './take-request.ts';
import type { InflatedRequest, TakeOptions } from './take-request.ts';

/** Exporters give up after ten seconds, and some drop what they sent then. Source: OpenTelemetry, OTEL_EXPORTER_OTLP_TIMEOUT. */
const ANSWER_WITHIN_MS = 5_000;

/** The room of a request. */
interface KeptRoom {
	/** Gives it back no sooner than this is over. */
	keepFor(work: Promise<unknown>): void;
}

/**
 * Takes a request, or throws a ProblemError of 503 when that takes longer than a sender waits. Taking goes on then, is counted
 * when it is done, and whoever sends the same again is told that it is there. Where a retry would not be recognised it would
 * be stored twice: there the answer waits.
 */
export async function takeInTime(
	request: InflatedRequest,
	options: TakeOptions,
	room: KeptRoom,
): Promise<PartialSuccess | undefined> {
	const { fingerprint, answerWithinMs = ANSWER_WITHIN_MS } = options;
	const taken = takeRequest(request, options);
	if (fingerprint === undefined) return taken;
	room.keepFor(taken);
	const { promise: late, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(tooSlow(answerWithinMs)), answerWithinMs);
	try {
		return await Promise.race([taken, late]);
	} finally {
		clearTimeout(timer);
	}
}

const tooSlow = (waitedMs: number): ProblemError =>
	new ProblemError(
		503,
		'TOO_SLOW',
		`not as safe after ${waitedMs / 1_000} s as an answer promises; send it again: what gets there meanwhile is not stored twice`,
	);

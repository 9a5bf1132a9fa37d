import type { Evidence } from '../../schema/api-alerts.ts';
import type { TraceId } from '../../schema/span.ts';
import type { Pins } from '../keeping/pins.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';

/** Whom pins of evidence name. */
const author = 'alerts';
/** The newest; the room for pins is people's as well. */
const mostPinned = 200;

interface PinParts {
	pins: Pick<Pins, 'list' | 'pin' | 'unpin'>;
	log: Log;
}

/** Keeps the traces that a firing shows beyond the spans' own time. What can't be kept is told to the log and nobody else. */
export async function pinEvidence({ pins, log }: PinParts, project: string, evidence: Evidence): Promise<void> {
	const scope = { project };
	for (const sample of [evidence.violating, evidence.good]) {
		if (sample === null) continue;
		try {
			const known = await pins.list(scope, sample.traceId);
			if (known.pins.length === 0) await pins.pin(scope, sample.traceId as TraceId, author);
		} catch (error) {
			log.warn({ trace: sample.traceId, error: messageOf(error) }, 'a trace of a firing could not be pinned');
		}
	}
	const { pins: all } = await pins.list(scope);
	const own = all.filter((pin) => pin.author === author).sort((a, b) => b.pinnedMs - a.pinnedMs);
	for (const { traceId } of own.slice(mostPinned)) await pins.unpin(scope, traceId as TraceId, author);
}

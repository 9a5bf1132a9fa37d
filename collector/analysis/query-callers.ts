/** Who calls a database query, and from which place in the code. */
import type { CodePlace } from '../../schema/api-database.ts';

/** A span that may be above a call. */
export interface SpanAbove {
	spanId: string;
	parentSpanId: string;
	service: string;
	operation: string;
	/** Of kind server or consumer, or without a parent. */
	isEntry: boolean;
	code: CodePlace | undefined;
}

export interface Caller {
	/** The nearest request above a call in the same service; where there is none, the highest span found. Empty without any. */
	spanId: string;
	operation: string;
	/** Of the call itself, or of the nearest span above it, up to the request, that says where it stands. */
	code: CodePlace | undefined;
}

/** Deeper nesting within one service than any that was seen; it ends a circle too. */
const maxSteps = 64;

/** Nobody, when not even the parent is there, or it belongs to another service. */
export function callerOf(
	call: { parentSpanId: string; service: string; code: CodePlace | undefined },
	spans: ReadonlyMap<string, SpanAbove>,
): Caller {
	let { code } = call;
	let above: SpanAbove | undefined;
	let at = spans.get(call.parentSpanId);
	for (let step = 0; step < maxSteps && at !== undefined && at.service === call.service; step += 1) {
		above = at;
		code ??= at.code;
		if (at.isEntry) break;
		at = spans.get(at.parentSpanId);
	}
	return { spanId: above?.spanId ?? '', operation: above?.operation ?? '', code };
}

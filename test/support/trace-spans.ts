import { SPAN_KINDS } from '../../schema/span.ts';
import type { SpanKind } from '../../schema/span.ts';
import type { TraceSpans } from '../../schema/trace-spans.ts';

/** One span of a drawn case. Times are nanoseconds after `BASE_UNIX_NANO`. */
export interface DrawnSpan {
	id: bigint;
	parent?: bigint;
	start: number;
	end: number;
	service?: string;
	/** Where it ran; each service on a host of its own unless said. */
	host?: number;
	name?: string;
	/** As the name unless said. */
	operation?: string;
	kind?: SpanKind;
	type?: number;
	error?: boolean;
	statusCode?: number;
	httpStatus?: number;
	marks?: number;
	events?: number;
	links?: number;
}

export const BASE_UNIX_NANO = 1_763_884_800_000_000_000n;

/** Drawn spans as the store hands them over. */
export function traceSpans(drawn: readonly DrawnSpan[]): TraceSpans {
	const services = [...new Set(drawn.map((span) => span.service ?? 'shop'))];
	const nameOf = (span: DrawnSpan): string => span.name ?? `span ${span.id}`;
	const operationOf = (span: DrawnSpan): string => span.operation ?? nameOf(span);
	const names = [...new Set([...drawn.map(nameOf), ...drawn.map(operationOf)])];
	const placeOf = new Map(names.map((name, place) => [name, place]));
	return {
		count: drawn.length,
		spanId: BigUint64Array.from(drawn, (span) => span.id),
		parentSpanId: BigUint64Array.from(drawn, (span) => span.parent ?? 0n),
		startUnixNano: BigUint64Array.from(drawn, (span) => BASE_UNIX_NANO + BigInt(span.start)),
		durationNano: Float64Array.from(drawn, (span) => span.end - span.start),
		kind: Uint8Array.from(drawn, (span) => SPAN_KINDS.indexOf(span.kind ?? 'internal')),
		type: Uint8Array.from(drawn, (span) => span.type ?? 0),
		statusCode: Uint8Array.from(drawn, (span) => span.statusCode ?? 0),
		error: Uint8Array.from(drawn, (span) => (span.error === true ? 1 : 0)),
		marks: Uint32Array.from(drawn, (span) => span.marks ?? 0),
		httpStatus: Uint16Array.from(drawn, (span) => span.httpStatus ?? 0),
		events: Uint16Array.from(drawn, (span) => span.events ?? 0),
		links: Uint16Array.from(drawn, (span) => span.links ?? 0),
		clock: Uint32Array.from(drawn, (span) => span.host ?? services.indexOf(span.service ?? 'shop')),
		service: Uint32Array.from(drawn, (span) => services.indexOf(span.service ?? 'shop')),
		name: Uint32Array.from(drawn, (span) => placeOf.get(nameOf(span)) ?? 0),
		operation: Uint32Array.from(drawn, (span) => placeOf.get(operationOf(span)) ?? 0),
		services,
		names,
	};
}

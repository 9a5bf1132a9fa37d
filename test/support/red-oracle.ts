import type { OtlpSpan } from '../../schema/otlp-json.ts';

/** Requests, errors and exact quantiles of raw OTLP/JSON spans, by brute force and from the specification alone. */
export interface RedOracle {
	requests: number;
	errors: number;
	/** Exact duration at rank ceil(q · N), nanoseconds. */
	quantileNano(q: number): number;
}

const SERVER = 2;
const CLIENT = 3;
const CONSUMER = 5;

export const isEntry = (span: OtlpSpan): boolean =>
	span.kind === SERVER || span.kind === CONSUMER || (span.parentSpanId ?? '') === '';

/** Status error; or, where the status is unset, an HTTP answer of 5xx, or of 4xx to a client (semantic conventions, HTTP spans, "Status"). */
export function isError(span: OtlpSpan): boolean {
	const code = span.status?.code ?? 0;
	if (code !== 0) return code === 2;
	const status = span.attributes.find(
		({ key }) => key === 'http.response.status_code' || key === 'http.status_code',
	)?.value;
	const http = Number(status?.intValue ?? status?.stringValue ?? 0);
	return http >= 500 || (span.kind === CLIENT && http >= 400);
}

export function redOf(spans: readonly OtlpSpan[]): RedOracle {
	const durations = spans
		.map((span) => Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)))
		.map((nano) => Math.max(0, nano))
		.sort((a, b) => a - b);
	return {
		requests: spans.length,
		errors: spans.filter(isError).length,
		quantileNano: (q) => durations[Math.max(0, Math.ceil(q * durations.length) - 1)] ?? Number.NaN,
	};
}

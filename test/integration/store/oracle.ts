/** What the readers should answer, worked out over plain spans. */
import { isEntry, timeOf } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

export interface Window {
	fromMs: number;
	toMs: number;
}

export const durationOf = (span: PlainSpan): number =>
	span.endUnixNano > span.startUnixNano ? Number(span.endUnixNano - span.startUnixNano) : 0;

export const timeMs = (span: PlainSpan): number => Number(timeOf(span));

export const within = ({ fromMs, toMs }: Window, span: PlainSpan): boolean =>
	timeMs(span) >= fromMs && timeMs(span) < toMs;

export const serviceOf = ({ resource }: PlainSpan): string =>
	resource?.namespace ? `${resource.namespace}/${resource.service}` : (resource?.service ?? 'unknown_service');

export const entrySpans = (spans: readonly PlainSpan[]): PlainSpan[] => spans.filter(isEntry);

export const weightOf = (spans: readonly PlainSpan[]): number =>
	spans.reduce((total, span) => total + (span.weight ?? 1), 0);

/** Smallest duration whose cumulative weight reaches q of all. */
function exactQuantile(spans: readonly PlainSpan[], q: number): number | null {
	const sorted = spans.toSorted((a, b) => durationOf(a) - durationOf(b));
	const total = weightOf(sorted);
	let seen = 0;
	for (const span of sorted) {
		seen += span.weight ?? 1;
		if (seen >= q * total) return durationOf(span);
	}
	return null;
}

/** A quantile may be off by half a bucket of a histogram with 32 buckets a doubling. */
export function isQuantile(shown: number | null, spans: readonly PlainSpan[], q: number): boolean {
	const exact = exactQuantile(spans, q);
	if (exact === null || shown === null) return exact === shown;
	return Math.abs(shown - exact) <= exact * 0.011 + 1;
}

export interface OracleTrace {
	traceId: string;
	spans: PlainSpan[];
}

export function tracesOf(spans: readonly PlainSpan[]): OracleTrace[] {
	return [...Map.groupBy(spans, (span) => span.traceId)].map(([traceId, members]) => ({ traceId, spans: members }));
}

export function shuffled<Value>(values: readonly Value[], random: () => number): Value[] {
	return values
		.map((value) => ({ value, place: random() }))
		.sort((a, b) => a.place - b.place)
		.map(({ value }) => value);
}

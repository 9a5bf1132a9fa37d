import { decodeTrace, TRACE_MEDIA_TYPE } from '../../schema/trace-columns.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import type { SpanDetail } from '../../schema/api.ts';
import type { Api } from '../lib/api.ts';

const traceUrl = (traceId: string): string => `/traces/${encodeURIComponent(traceId)}`;

export async function fetchTrace(
	api: Api,
	traceId: string,
	at: number | undefined,
	signal: AbortSignal,
): Promise<Trace> {
	const response = await api.request(traceUrl(traceId), { query: { at }, accept: TRACE_MEDIA_TYPE, signal });
	return decodeTrace(await response.arrayBuffer());
}

/** Details of one span, for a query client: they never change, and a few screens of them are kept. */
export const spanQuery = (api: Api, traceId: string, spanId: string, at: number | undefined) => ({
	queryKey: ['span', traceId, spanId] as const,
	queryFn: ({ signal }: { signal: AbortSignal }) =>
		api.get<SpanDetail>(`${traceUrl(traceId)}/spans/${spanId}`, { at }, signal),
	staleTime: 60_000,
});

/** The trace as it was received, as a file. */
export async function downloadTrace(api: Api, traceId: string, at: number | undefined): Promise<void> {
	const response = await api.request(`${traceUrl(traceId)}/otlp`, { query: { at } });
	const address = URL.createObjectURL(await response.blob());
	const link = document.createElement('a');
	link.href = address;
	link.download = `trace-${traceId}.json`;
	link.click();
	URL.revokeObjectURL(address);
}

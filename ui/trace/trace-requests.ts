import { decodeTrace, TRACE_MEDIA_TYPE } from '../../schema/trace-columns.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import type { SpanDetail } from '../../schema/api.ts';
import type { SpanRankAnswer } from '../../schema/api-span-rank.ts';
import { saveFile } from '../lib/save-file.ts';
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

/** How slow a span was among its kind, for a query client. */
export const rankQuery = (api: Api, traceId: string, spanId: string, at: number | undefined) => ({
	queryKey: ['rank', traceId, spanId] as const,
	queryFn: ({ signal }: { signal: AbortSignal }) =>
		api.get<SpanRankAnswer>(`${traceUrl(traceId)}/spans/${spanId}/rank`, { at }, signal),
	staleTime: 60_000,
});

/** The trace as it was received, as OTLP/JSON. */
export const fetchOtlp = (api: Api, traceId: string, at: number | undefined): Promise<Response> =>
	api.request(`${traceUrl(traceId)}/otlp`, { query: { at } });

export async function downloadTrace(api: Api, traceId: string, at: number | undefined): Promise<void> {
	saveFile(await (await fetchOtlp(api, traceId, at)).blob(), `trace-${traceId}.json`);
}

import type { SpanDetail } from '../../schema/api.ts';
import type { TraceLogsAnswer } from '../../schema/api-logs.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import type { Api } from '../lib/api.ts';
import { TraceDocument } from './document/trace-document.ts';
import { fetchOtlp, rankQuery, spanQuery } from './trace-requests.ts';

export type RankQuery = ReturnType<typeof rankQuery>;

/** Where the parts of a trace come from: a server, or a file that the reader opened. */
export interface TraceSource {
	traceId: string;
	/** Where the server looks first; absent for files. */
	at?: number | undefined;
	isFile: boolean;
	/** For a query client. */
	span(spanId: string): {
		queryKey: readonly string[];
		queryFn: (context: { signal: AbortSignal }) => Promise<SpanDetail>;
		staleTime: number;
	};
	/** How slow a span was among its kind, for a query client; only where there is a server. */
	rank?: (spanId: string) => RankQuery;
	/** The whole document, fetched when it is first needed. */
	document(): Promise<TraceDocument>;
	/** Log records of the trace, where there is a server that has them: the first, or those around a moment in Unix nanoseconds. */
	logs?: (around: string) => Promise<TraceLogsAnswer>;
	/** Lets the document go. */
	close(): void;
}

export function serverSource(api: Api, trace: Trace, traceId: string, at: number | undefined): TraceSource {
	let opened: Promise<TraceDocument> | undefined;
	const open = async (): Promise<TraceDocument> => {
		const bytes = await (await fetchOtlp(api, traceId, at)).arrayBuffer();
		const document = new TraceDocument();
		await document.ask.open(bytes);
		await document.ask.rows(traceId, trace.id.slice(), trace.kind.slice());
		return document;
	};
	return {
		traceId,
		at,
		isFile: false,
		span: (spanId) => spanQuery(api, traceId, spanId, at),
		rank: (spanId) => rankQuery(api, traceId, spanId, at),
		logs: (around) => api.get<TraceLogsAnswer>(`/traces/${traceId}/logs`, { at, around }),
		document: () => {
			opened ??= open();
			// What failed may be asked again.
			opened.catch(() => (opened = undefined));
			return opened;
		},
		close: () => void opened?.then((document) => document.close()).catch(() => undefined),
	};
}

/** `name` tells files apart that have a span id in common. */
export function fileSource(document: TraceDocument, name: string, traceId: string): TraceSource {
	return {
		traceId,
		isFile: true,
		span: (spanId) => ({
			queryKey: ['file', name, traceId, spanId],
			queryFn: async () => {
				const detail = await document.ask.detail(spanId);
				if (detail === undefined) throw new Error(`The file has no span ${spanId}.`);
				return detail;
			},
			staleTime: Infinity,
		}),
		document: () => Promise.resolve(document),
		// The file goes on to serve its other traces; who opened it closes it.
		close: () => {},
	};
}

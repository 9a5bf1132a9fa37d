import { keysOf } from './facet-keys.ts';
import type { Api, QueryParameters } from '../../lib/api.ts';
import type { SearchView } from '../traces-query.ts';
import type { SpanRow, SpansAnswer, TracesAnswer, TraceSummary } from '../../../schema/api.ts';

/** What a browser and a spreadsheet take without pain. */
export const MOST_EXPORTED = 10_000;
const PAGE = 1_000;

export interface Exported {
	rows: Record<string, unknown>[];
	/** There were more than are exported. */
	isCut: boolean;
}

/** All rows of a search in its order, up to a bound. */
export async function readAll(
	api: Api,
	view: SearchView,
	query: QueryParameters & { columns?: string },
	signal: AbortSignal,
): Promise<Exported> {
	const rows: Record<string, unknown>[] = [];
	let place: QueryParameters = {};
	for (;;) {
		const page = await api.get<TracesAnswer | SpansAnswer>(`/${view}`, { ...query, ...place, limit: PAGE }, signal);
		if ('spans' in page) rows.push(...page.spans.map((span) => spanRecord(span, keysOf(query.columns ?? ''))));
		else rows.push(...page.traces.map(traceRecord));
		if (page.nextCursor === undefined) return { rows, isCut: false };
		if (rows.length >= MOST_EXPORTED) return { rows, isCut: true };
		place = { cursor: page.nextCursor, from: page.window.fromMs, to: page.window.toMs };
	}
}

function spanRecord({ columns, ...span }: SpanRow, keys: readonly string[]): Record<string, unknown> {
	return { ...span, ...Object.fromEntries(keys.map((key, i) => [key, columns?.[i] ?? ''])) };
}

const traceRecord = ({ services, ...trace }: TraceSummary): Record<string, unknown> => ({
	...trace,
	services: services.map(({ service, spans }) => `${service} ${spans}`).join('; '),
});

/** RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe in front: strangers wrote it. */
export function csvOf(rows: readonly Record<string, unknown>[]): string {
	const names = Object.keys(rows[0] ?? {});
	const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
	return lines.map((cells) => cells.map(csvCell).join(',')).join('\r\n') + '\r\n';
}

function csvCell(value: unknown): string {
	const text =
		typeof value === 'string' ? value.replace(/^[=+\-@\t\r]/, "'$&") : value === undefined ? '' : JSON.stringify(value);
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

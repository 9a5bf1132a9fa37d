/** Real traces of test/fixtures/nezha as OTLP/JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OtlpSpan } from '../../schema/otlp-json.ts';
import { projectRoot } from './product.ts';

export interface NezhaSpan extends OtlpSpan {
	service: string;
	parentSpanId: string;
}

const path = join(projectRoot, 'test/fixtures/nezha/2023-01-29_08_50_trace.csv');

/**
 * The file has no kinds and no statuses: a span whose parent is of another service, or that has none, is the server side of a
 * call, and that parent the client side. Every sixteenth, by its id, is said to have failed.
 */
export function nezhaSpans(nowMs: number): NezhaSpan[] {
	const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
	const rows = lines.map((line) => {
		const [traceId = '', spanId = '', parentId = '', pod = '', name = '', start = '', end = ''] = line.split(',');
		const service = pod.split('-').slice(0, -2).join('-');
		return { traceId, spanId, parentId, service, name, start, end };
	});
	// Old spans would be taken for wrong clocks: all are moved by the same, so that the newest ended a minute ago.
	const newest = rows.map(({ end }) => BigInt(end)).reduce((a, b) => (a > b ? a : b));
	const moved = (nano: string): string => String(BigInt(nano) + BigInt(nowMs - 60_000) * 1_000_000n - newest);
	const byId = new Map(rows.map((row) => [`${row.traceId} ${row.spanId}`, row]));
	const parentOf = (row: (typeof rows)[number]) => byId.get(`${row.traceId} ${row.parentId}`);
	const isServer = (row: (typeof rows)[number]) => parentOf(row)?.service !== row.service;
	const callers = new Set(rows.filter(isServer).map(parentOf));
	return rows.map((row) => ({
		service: row.service,
		traceId: row.traceId,
		spanId: row.spanId,
		parentSpanId: row.parentId === 'root' ? '' : row.parentId,
		name: row.name,
		kind: isServer(row) ? 2 : callers.has(row) ? 3 : 1,
		startTimeUnixNano: moved(row.start),
		endTimeUnixNano: moved(row.end),
		attributes: [],
		status: row.spanId.endsWith('0') ? { code: 2 } : {},
	}));
}

/** One request with these spans, each under its service. */
export const nezhaRequest = (spans: readonly NezhaSpan[]): string =>
	JSON.stringify({
		resourceSpans: [...Map.groupBy(spans, ({ service }) => service)].map(([service, members]) => ({
			resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
			scopeSpans: [{ scope: {}, spans: members.map((span) => ({ ...span, service: undefined })) }],
		})),
	});

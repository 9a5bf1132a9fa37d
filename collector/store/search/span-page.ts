import type { Sort } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { inScope } from '../read-scope.ts';
import type { Page, WindowScope } from '../reader-types.ts';
import { SPAN_ROW_COLUMNS } from '../span-rows.ts';
import type { SpanRowRecord } from '../span-rows.ts';
import { boundedIndex } from './search-page.ts';
import { inStretches } from './slowest-spans.ts';
import { FROM_SLICE } from './time-slices.ts';

/** What a span is sorted by, in milliseconds or nanoseconds. */
const spanKeys: Record<Sort, string> = {
	end: 'toUInt64(toUnixTimestamp64Milli(time))',
	'-end': 'toUInt64(toUnixTimestamp64Milli(time))',
	start: 'start_nano',
	'-start': 'start_nano',
	duration: 'duration_nano',
	'-duration': 'duration_nano',
};

/** Decides between spans that share trace and span id, as both sides of a call do in Zipkin's model; equal for copies. */
const TIE = 'cityHash64(kind, service, start_nano)';

/** No `LIMIT BY`: with it, ClickHouse would sort everything before it could cut. */
export function spanPageSql(
	scope: WindowScope,
	query: CompiledQuery,
	{ sort, columns }: Page,
	{ isContinued, starts }: { isContinued: boolean; starts?: readonly number[] | undefined },
): string {
	const key = spanKeys[sort];
	const [direction, comparison] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
	const after = isContinued
		? `(${key}, trace_id, span_id, ${TIE}) ${comparison} ({afterKey:UInt64}, toFixedString(unhex({afterTrace:String}), 16),
			toFixedString(unhex({afterSpan:String}), 8), {afterTie:UInt64})`
		: '1';
	return `
	SELECT ${SPAN_ROW_COLUMNS}${columns === undefined ? '' : `, [${columns.values.map((value) => `toString(${value})`).join(', ')}] AS chosen`},
		toString(${key}) AS sortKey, toString(${TIE}) AS tie
	FROM spans WHERE ${inScope(scope)} AND ${starts === undefined ? FROM_SLICE : inStretches(starts)} AND (${query.where}) AND ${after}
	ORDER BY ${key} ${direction}, trace_id ${direction}, span_id ${direction}, ${TIE} ${direction}
	LIMIT {limit:UInt32}`;
}

export interface SpanPageRow extends SpanRowRecord {
	sortKey: string;
	tie: string;
}

/**
 * Copies of a span stand next to each other: of each only one is kept, and more are read until there are enough.
 * @param sql of `spanPageSql`
 */
export async function readSpans(
	clickhouse: ClickHouse,
	sql: string,
	{ parameters, enough, signal }: { parameters: Parameters; enough: number; signal: AbortSignal | undefined },
): Promise<(SpanPageRow & { id: string })[]> {
	for (let limit = enough * 2; ; limit *= 4) {
		const read = await clickhouse.rows<SpanPageRow>(sql, { ...parameters, limit }, signal, boundedIndex);
		const rows = read.map((row) => ({ ...row, id: `${row.traceId}.${row.spanId}.${row.tie}` }));
		const distinct = rows.filter((row, index) => row.id !== rows[index - 1]?.id);
		if (distinct.length >= enough || read.length < limit) return distinct.slice(0, enough);
	}
}

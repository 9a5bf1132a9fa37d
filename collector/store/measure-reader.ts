import type { HistogramPoint } from '../../schema/api-measures.ts';
import type { TimeWindow } from '../../schema/api.ts';
import type { SpanField } from '../../schema/query-syntax.ts';
import { asksOnly } from '../analysis/query-of-fields.ts';
import type { ClickHouse } from './clickhouse.ts';
import { derivedParameters, derivedRows } from './derived/derived-rows.ts';
import type { DerivedMark } from './derived/deriver.ts';
import { RED_MINUTES } from './derived/red-minutes.ts';
import type { NativeTable } from './native-reader.ts';
import { inScope, scopeParameters } from './read-scope.ts';
import type { MeasuredQuery, MeasureReader, WindowScope } from './reader-types.ts';
import { BUCKET } from './red-sums.ts';

/** Fields by which the rollup counts, under the same names of columns as in `spans`. */
const ROLLED_UP: ReadonlySet<SpanField> = new Set<SpanField>([
	'service',
	'namespace',
	'env',
	'version',
	'operation',
	'kind',
	'type',
	'error',
	'entry',
]);

const HISTOGRAM_OF_SPANS = (scope: WindowScope, { where }: MeasuredQuery) => `
	SELECT toInt64(intDiv(toUnixTimestamp64Milli(time), {stepMs:Int64})) AS step, ${BUCKET} AS bucket,
		sum(weight) AS requests, sumIf(weight, error = 1) AS errors
	FROM spans WHERE ${inScope(scope)} AND (${where})
	GROUP BY step, bucket ORDER BY step, bucket`;

const HISTOGRAM_OF_MINUTES = (scope: WindowScope, { where }: MeasuredQuery) => `
	SELECT toInt64(intDiv(toUnixTimestamp(minute) * 1000, {stepMs:Int64})) AS step, toInt32(item.1) AS bucket,
		sum(item.2) AS requests, sumIf(item.2, error = 1) AS errors
	FROM (${derivedRows(RED_MINUTES, inEnvironment(scope, where))})
	ARRAY JOIN arrayZip(buckets, bucket_requests) AS item
	GROUP BY step, bucket ORDER BY step, bucket`;

const inEnvironment = ({ environment }: WindowScope, where: string): string =>
	environment === undefined ? where : `environment = {environment:String} AND (${where})`;

/** `mark`: up to where the rollup may be believed at this moment. */
export function createMeasureReader(clickhouse: ClickHouse, mark: () => DerivedMark): MeasureReader {
	return {
		async latencyHistogram(scope, query, stepMs) {
			const isRolledUp = stepMs % 60_000 === 0 && asksOnly(query.query, ROLLED_UP);
			const sql = isRolledUp ? HISTOGRAM_OF_MINUTES(scope, query) : HISTOGRAM_OF_SPANS(scope, query);
			const window = isRolledUp ? derivedParameters(scope, mark()) : scopeParameters(scope);
			const table = await clickhouse.columns(sql, { ...query.parameters, ...window, stepMs }, scope.signal);
			return histogramPoints(table, scope.window, stepMs);
		},
	};
}

function histogramPoints(table: NativeTable, window: TimeWindow, stepMs: number): HistogramPoint[] {
	const steps = table.numbers('step', 'int64');
	const buckets = table.numbers('bucket', 'int32');
	const requests = table.numbers('requests', 'float64');
	const errors = table.numbers('errors', 'float64');
	const points: HistogramPoint[] = [];
	let row = 0;
	for (let step = Math.floor(window.fromMs / stepMs); step * stepMs < window.toMs; step += 1) {
		const from = row;
		while (row < table.rows && Number(steps[row]) === step) row += 1;
		points.push({
			tMs: step * stepMs,
			buckets: [...buckets.subarray(from, row)],
			requests: [...requests.subarray(from, row)],
			errors: [...errors.subarray(from, row)],
		});
	}
	return points;
}

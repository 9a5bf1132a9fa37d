import type { HistogramPoint } from '../../../schema/api-measures.ts';
import type { Partial, TimeWindow } from '../../../schema/api.ts';
import type { SpanField } from '../../../schema/query-syntax.ts';
import { asksOnly, OF_SERVICES } from '../../analysis/query-of-fields.ts';
import { withoutAbsentMaps } from './absent-maps.ts';
import { rollupSettings } from '../engine/clickhouse-settings.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { NativeTable } from '../native/native-reader.ts';
import type { ReadBudget } from '../read-budget.ts';
import { scopeParameters } from '../read-scope.ts';
import type { MeasureReader } from '../reader-types.ts';
import { redSource } from './red-source.ts';
import type { RedMarks } from './red-source.ts';
import { BUCKET } from '../duration-bucket.ts';
import { stepOf } from './span-step.ts';
import { spansInScope } from '../whole-partitions.ts';

/** Fields by which the rollup of operations counts, likewise. */
export const ROLLED_UP: ReadonlySet<SpanField> = new Set<SpanField>([...OF_SERVICES, 'operation', 'kind', 'type']);

const HISTOGRAM_OF_SPANS = (spans: string) => `
	SELECT step, bucket, sum(weight) AS requests, sumIf(weight, error = 1) AS errors
	FROM (${spans}) GROUP BY step, bucket ORDER BY step, bucket`;

const HISTOGRAM_OF_ROWS = (rows: string) => `
	SELECT step, toInt32(item.1) AS bucket, sum(item.2) AS requests, sumIf(item.2, error = 1) AS errors
	FROM (${rows})
	ARRAY JOIN arrayZip(buckets, bucket_requests) AS item
	GROUP BY step, bucket ORDER BY step, bucket`;

/** `marks`: up to where the rollup may be believed at this moment. `budget`: for what the rollup can't answer. */
export function createMeasureReader(clickhouse: ClickHouse, marks: () => RedMarks, budget: ReadBudget): MeasureReader {
	return {
		async latencyHistogram(scope, query, stepMs) {
			const isRolledUp = stepMs % 60_000 === 0 && asksOnly(query.query, ROLLED_UP);
			const { where, parameters } = query;
			const ofServices = query.isOfServices === true;
			const { rows, parameters: bound } = redSource({ scope, where, parameters, stepMs, ofServices }, marks());
			const ofRows = async () => ({
				table: await clickhouse.columns(HISTOGRAM_OF_ROWS(rows), bound, scope.signal, rollupSettings),
			});
			const ofSpans = async () => {
				const { scope: within, ...rest } = await budget.within(scope, query);
				const asked = await withoutAbsentMaps(clickhouse, budget, within, query);
				const selected = `${stepOf(stepMs)}, ${BUCKET} AS bucket, weight, error`;
				const spans = spansInScope(selected, `(${asked.where})`, within, clickhouse.shards.length > 1);
				const ofScope = { ...asked.parameters, ...scopeParameters(within), stepMs };
				return { table: await clickhouse.columns(HISTOGRAM_OF_SPANS(spans), ofScope, scope.signal), ...rest };
			};
			const { table, ...rest }: { table: NativeTable; partial?: Partial } = await (isRolledUp ? ofRows() : ofSpans());
			return { points: histogramPoints(table, scope.window, stepMs), ...rest };
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

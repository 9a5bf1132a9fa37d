import type { SeriesAnswer } from '../../../schema/api-measures.ts';
import type { Partial, TimeWindow } from '../../../schema/api.ts';
import type { GroupKey } from '../../analysis/group-key.ts';
import { asksOnly } from '../../analysis/query-of-fields.ts';
import { withoutAbsentMaps } from './absent-maps.ts';
import { rollupSettings } from '../engine/clickhouse-settings.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { ROLLED_UP } from './measure-reader.ts';
import type { NativeTable } from '../native/native-reader.ts';
import type { ReadBudget } from '../read-budget.ts';
import { scopeParameters } from '../read-scope.ts';
import type { MeasuredQuery, WindowScope } from '../reader-types.ts';
import { redSource } from './red-source.ts';
import type { RedMarks } from './red-source.ts';
import { measureOf } from './series-measure.ts';
import type { Measure } from './series-measure.ts';
import { stepOf } from './span-step.ts';
import { spansInScope } from '../whole-partitions.ts';
import { groupSums, RedSums, SUMS, SUMS_OF_SPANS, sumsOf } from './red-sums.ts';

interface SeriesQuestion {
	query: MeasuredQuery;
	spans: 'entry' | 'all';
	by: readonly GroupKey[];
	stepMs: number;
	/** Groups with most requests. */
	limit: number;
	/** As the schema of the request has it: `p95`, `apdex(500ms)`. */
	measure: string;
}

type OneSeries = NonNullable<SeriesAnswer['other']>;

/** Sums of a group: over the window, and by number of the step since the epoch. */
interface SeriesGroup {
	/** In the order of `by`. */
	values: string[];
	total: RedSums;
	steps: Map<number, RedSums>;
}

export interface SeriesReader {
	/** Most requests first; `other` is what is beyond the limit, where anything is. */
	series(
		scope: WindowScope,
		question: SeriesQuestion,
	): Promise<{
		unit: SeriesAnswer['unit'];
		groups: (OneSeries & { values: string[] })[];
		other?: OneSeries;
		partial?: Partial;
	}>;
}

const APDEX_OF_SPANS = `
	sumIf(weight, error = 0 AND duration_nano <= {apdexNano:UInt64}) AS satisfied,
	sumIf(weight, error = 0 AND duration_nano > {apdexNano:UInt64} AND duration_nano <= 4 * {apdexNano:UInt64}) AS tolerating`;

const SERIES = (rows: string, by: readonly GroupKey[], measured: string, requests: string) => {
	const keys = by.map(({ sql }) => sql).join(', ');
	return `
	WITH top AS (
		SELECT CAST([${keys}] AS Array(String)) AS top_group FROM (${rows}) GROUP BY top_group ORDER BY ${requests} DESC, top_group LIMIT {limit:UInt32})
	SELECT step, if(in_group IN (SELECT top_group FROM top), in_group, ['']) AS shown,
		in_group NOT IN (SELECT top_group FROM top) AS is_other, ${measured}
	FROM (SELECT *, CAST([${keys}] AS Array(String)) AS in_group FROM (${rows}))
	GROUP BY step, shown, is_other`;
};

/**
 * Requests and durations by any attributes. `marks`: up to where the rollup may be believed at this moment. `budget`: for what
 * it can't answer.
 */
export function createSeriesReader(clickhouse: ClickHouse, marks: () => RedMarks, budget: ReadBudget): SeriesReader {
	return {
		async series(scope, question) {
			const { query, spans, by, stepMs, limit } = question;
			const measure = measureOf(question.measure);
			const hasApdex = measure.apdexNano !== undefined;
			const isRolledUp =
				!hasApdex && stepMs % 60_000 === 0 && asksOnly(query.query, ROLLED_UP) && by.every((key) => key.isRolledUp);
			const ofGroups = {
				...Object.assign({}, ...by.map((key) => key.parameters)),
				limit,
				...(hasApdex ? { apdexNano: measure.apdexNano } : {}),
			};
			const conditionOf = ({ where }: MeasuredQuery) => (spans === 'entry' ? `entry = 1 AND (${where})` : `(${where})`);
			const ofRows = async () => {
				const parameters = { ...query.parameters, ...ofGroups };
				const asked = redSource({ scope, where: conditionOf(query), parameters, stepMs }, marks());
				const sql = SERIES(asked.rows, by, SUMS, 'sum(requests)');
				return { table: await clickhouse.columns(sql, asked.parameters, scope.signal, rollupSettings) };
			};
			const ofSpans = async () => {
				const { scope: within, ...rest } = await budget.within(scope, query);
				const asked = await withoutAbsentMaps(clickhouse, budget, within, query);
				const found = spansInScope(`*, ${stepOf(stepMs)}`, conditionOf(asked), within, clickhouse.shards.length > 1);
				const sql = SERIES(found, by, measuresOfSpans(hasApdex), 'sum(weight)');
				const bound = { ...asked.parameters, ...ofGroups, ...scopeParameters(within), stepMs };
				return { table: await clickhouse.columns(sql, bound, scope.signal), ...rest };
			};
			const { table, ...rest }: { table: NativeTable; partial?: Partial } = await (isRolledUp ? ofRows() : ofSpans());
			const { groups, other } = foldGroups(table, by.length, hasApdex);
			const draw = (group: SeriesGroup): OneSeries => drawSeries(group, measure, scope.window, stepMs);
			return {
				unit: measure.unit,
				groups: groups.map((group) => ({ values: group.values, ...draw(group) })),
				...(other === undefined ? {} : { other: draw(other) }),
				...rest,
			};
		},
	};
}

const measuresOfSpans = (hasApdex: boolean): string =>
	hasApdex ? `${SUMS_OF_SPANS}, ${APDEX_OF_SPANS}` : SUMS_OF_SPANS;

function foldGroups(
	table: NativeTable,
	keys: number,
	hasApdex: boolean,
): { groups: SeriesGroup[]; other?: SeriesGroup } {
	const groups = new Map<string, SeriesGroup>();
	const steps = table.numbers('step', 'int64');
	const isOther = table.numbers('is_other', 'uint8');
	const { ends, table: texts } = table.nested('shown');
	const values = texts.strings('items');
	const sums = groupSums(table, hasApdex);
	for (let row = 0; row < table.rows; row += 1) {
		const group = values.slice(row === 0 ? 0 : (ends[row - 1] ?? 0), ends[row]).slice(0, keys);
		const key = isOther[row] === 1 ? '' : JSON.stringify(group);
		const found = groups.get(key) ?? { values: group, total: new RedSums(), steps: new Map() };
		groups.set(key, found);
		found.total.add(sums(row));
		sumsOf(found.steps, Number(steps[row])).add(sums(row));
	}
	const other = groups.get('');
	groups.delete('');
	const sorted = [...groups.values()].sort((a, b) => b.total.requests - a.total.requests);
	return { groups: sorted, ...(other === undefined ? {} : { other }) };
}

/** A step that the window cuts counts the part that lies in it. */
function drawSeries({ total, steps }: SeriesGroup, measure: Measure, window: TimeWindow, stepMs: number): OneSeries {
	const nothing = new RedSums();
	const points: OneSeries['points'] = [];
	for (let step = Math.floor(window.fromMs / stepMs); step * stepMs < window.toMs; step += 1) {
		const fromMs = Math.max(step * stepMs, window.fromMs);
		const toMs = Math.min((step + 1) * stepMs, window.toMs);
		points.push({ tMs: step * stepMs, value: measure.of(steps.get(step) ?? nothing, (toMs - fromMs) / 1_000) });
	}
	const value = measure.of(total, (window.toMs - window.fromMs) / 1_000);
	return { requests: total.requests, value, points };
}

import type { SeriesAnswer } from '../../../schema/api-measures.ts';
import type { Partial, TimeWindow } from '../../../schema/api.ts';
import type { ColumnPlan } from '../../analysis/column-plan.ts';
import { isOfFields, OF_SERVICES } from '../../analysis/query-of-fields.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import { columnsWithoutAbsent, withoutAbsentMaps } from './absent-maps.ts';
import { rollupSettings } from '../engine/clickhouse-settings.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { ROLLED_UP } from './measure-reader.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { keyColumns, numberedGroups, OTHERS } from './numbered-groups.ts';
import type { ReadBudget } from '../read-budget.ts';
import { scopeParameters } from '../read-scope.ts';
import type { MeasuredQuery, WindowScope } from '../reader-types.ts';
import { redSource } from './red-source.ts';
import type { RedMarks } from './red-source.ts';
import { measuredSums, RedSums, sumsOf } from './red-sums.ts';
import { measureOf, summedFor } from './series-measure.ts';
import type { Measure } from './series-measure.ts';
import { stepOf } from './span-step.ts';
import { spansInScope } from '../whole-partitions.ts';
import { ROLLUP_ROWS, SPANS, sumsBy } from './sums-sql.ts';
import type { Counted } from './sums-sql.ts';

interface SeriesQuestion {
	query: MeasuredQuery;
	spans: 'entry' | 'all';
	by: ColumnPlan;
	stepMs: number;
	/** Groups with most requests. */
	limit: number;
	/** As the schema of the request has it: `p95`, `apdex(500ms)`. */
	measure: string;
}

type OneSeries = NonNullable<SeriesAnswer['other']>;

/** Sums of a group: over the window, and by number of the step since the epoch. */
interface SeriesGroup {
	/** In the order of the keys of `by`. */
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

/**
 * Requests and durations by any attributes. `marks`: up to where the rollup may be believed at this moment. `budget`: for what
 * it can't answer.
 */
export function createSeriesReader(clickhouse: ClickHouse, marks: () => RedMarks, budget: ReadBudget): SeriesReader {
	return {
		async series(scope, question) {
			const { query, by, stepMs } = question;
			const measure = measureOf(question.measure);
			const hasApdex = measure.apdexNano !== undefined;
			const isRolledUp = !hasApdex && stepMs % 60_000 === 0 && isOfFields(query.query, by.keys, ROLLED_UP);
			const { table, ...rest }: { table: NativeTable; partial?: Partial } = isRolledUp
				? { table: await readRows(clickhouse, marks(), scope, question) }
				: await readSpans(clickhouse, budget, scope, question);
			const { groups, other } = foldGroups(table, hasApdex);
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

const conditionOf = ({ where }: CompiledQuery, spans: SeriesQuestion['spans']): string =>
	spans === 'entry' ? `entry = 1 AND (${where})` : `(${where})`;

function readRows(
	clickhouse: ClickHouse,
	marks: RedMarks,
	scope: WindowScope,
	{ query, spans, by, stepMs, limit, ...asked }: SeriesQuestion,
): Promise<NativeTable> {
	const parameters = { ...query.parameters, ...by.parameters, limit };
	const ofServices = isOfFields(query.query, by.keys, OF_SERVICES);
	const source = redSource({ scope, where: conditionOf(query, spans), parameters, stepMs, ofServices }, marks);
	const rows = `SELECT ${['*', ...keyColumns(by.values)].join(', ')} FROM (${source.rows})`;
	const sql = seriesSql(
		{ largest: rows, rows, requests: 'requests', counted: ROLLUP_ROWS },
		by,
		measureOf(asked.measure),
	);
	return clickhouse.columns(sql, source.parameters, scope.signal, rollupSettings);
}

async function readSpans(
	clickhouse: ClickHouse,
	budget: ReadBudget,
	scope: WindowScope,
	{ spans, stepMs, limit, ...asked }: SeriesQuestion,
): Promise<{ table: NativeTable; partial?: Partial }> {
	const { scope: within, ...rest } = await budget.within(scope, asked.query);
	const [query, by] = await Promise.all([
		withoutAbsentMaps(clickhouse, budget, within, asked.query),
		columnsWithoutAbsent(clickhouse, budget, within, asked.by),
	]);
	const isSharded = clickhouse.shards.length > 1;
	const select = (...columns: string[]) =>
		spansInScope(columns.join(', '), conditionOf(query, spans), within, isSharded);
	const keys = keyColumns(by.values);
	const measure = measureOf(asked.measure);
	const read = {
		largest: select('weight', ...keys),
		rows: select('*', stepOf(stepMs), ...keys),
		requests: 'weight',
		counted: SPANS,
	};
	const { apdexNano } = measure;
	const parameters = {
		...query.parameters,
		...by.parameters,
		...scopeParameters(within),
		...(apdexNano === undefined ? {} : { apdexNano }),
		limit,
		stepMs,
	};
	return { table: await clickhouse.columns(seriesSql(read, by, measure), parameters, scope.signal), ...rest };
}

/** Subqueries that have `keyColumns`: what tells the largest groups, and what is counted, which has `step`. */
interface Read {
	largest: string;
	rows: string;
	/** A column of `largest`. */
	requests: string;
	counted: Counted;
}

function seriesSql({ largest, rows, requests, counted }: Read, by: ColumnPlan, measure: Measure): string {
	const numbered = numberedGroups(largest, by.keys.length, requests);
	const placed = `SELECT *, ${numbered.place} AS place FROM (${rows})`;
	const sums = sumsBy(['step', 'place'], placed, counted, summedFor(measure));
	return `WITH ${numbered.with} SELECT *, ${numbered.groups}[place] AS in_group FROM (${sums})`;
}

function foldGroups(table: NativeTable, hasApdex: boolean): { groups: SeriesGroup[]; other?: SeriesGroup } {
	const byPlace = new Map<number, SeriesGroup>();
	const steps = table.numbers('step', 'int64');
	const places = table.numbers('place', 'uint16');
	const { ends, table: texts } = table.nested('in_group');
	const values = texts.strings('items');
	const sums = measuredSums(table, hasApdex);
	for (let row = 0; row < table.rows; row += 1) {
		const place = places[row] ?? 0;
		let group = byPlace.get(place);
		if (group === undefined) {
			const own = values.slice(row === 0 ? 0 : ends[row - 1], ends[row]);
			byPlace.set(place, (group = { values: own, total: new RedSums(), steps: new Map() }));
		}
		group.total.add(sums(row));
		sumsOf(group.steps, Number(steps[row])).add(sums(row));
	}
	const other = byPlace.get(OTHERS);
	byPlace.delete(OTHERS);
	const groups = [...byPlace].sort(([a], [b]) => a - b).map(([, group]) => group);
	return { groups, ...(other === undefined ? {} : { other }) };
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

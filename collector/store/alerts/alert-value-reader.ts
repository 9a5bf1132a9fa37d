import { MAX_ALERT_GROUPS } from '../../../schema/alert.ts';
import type { ColumnPlan } from '../../analysis/column-plan.ts';
import { isOfFields } from '../../analysis/query-of-fields.ts';
import type { AlertQuestion, AlertTick, AlertValueReader } from './alert-types.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import { RED_MINUTES } from '../derived/red-minutes.ts';
import { ROLLED_UP } from '../counts/measure-reader.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { IN_WINDOW, scopeParameters } from '../read-scope.ts';
import type { ReadScope, WindowScope } from '../reader-types.ts';
import type { RedMarks } from '../counts/red-source.ts';
import { measuredSums, RedSums } from '../counts/red-sums.ts';
import { ROLLUP_ROWS, SPANS, sumsBy } from '../counts/sums-sql.ts';
import type { Summed } from '../counts/sums-sql.ts';
import type { GroupSums } from '../counts/red-sums.ts';
import { measureOf, summedFor } from '../counts/series-measure.ts';
import type { Measure } from '../counts/series-measure.ts';
import { SlidingSums } from './sliding-sums.ts';

const minuteMs = 60_000;
/** What one statement reads of a long range. */
const sliceMs = 86_400_000;
/** Of one statement. Windows that are judged may have fewer: `MAX_ALERT_GROUPS`. */
const maxGroups = 5 * MAX_ALERT_GROUPS;
/**
 * Alerting has a thread a question, and asks few at once: it never takes both cores of a small machine from people who read,
 * and never waits for them, as what runs in the background does.
 */
const alertSettings = { max_threads: 1, priority: '1' } as const;

/** `marks`: up to where the rollup may be believed at this moment. */
export function createAlertValueReader(clickhouse: ClickHouse, marks: () => RedMarks): AlertValueReader {
	return {
		isRolledUp: (question) => planOf(question, { fromMs: 0, toMs: question.everyMs }).isRolledUp,
		async values(scope, question, range) {
			const plan = planOf(question, range);
			const slider = new Slider(plan, question);
			const ticks: AlertTick[] = [];
			for (let fromMs = plan.originMs; fromMs < range.toMs; fromMs += plan.sliceMs) {
				const window = { fromMs, toMs: Math.min(range.toMs, fromMs + plan.sliceMs) };
				const table = await readCells(clickhouse, { project: scope.project, window }, plan, marks, scope);
				if (!slider.feed(table)) return { kind: 'tooManyGroups' };
				slider.slideTo(window.toMs, ticks);
			}
			return { kind: 'values', ticks };
		},
	};
}

/** How a question is cut into cells that windows are put together of. */
interface Plan {
	question: AlertQuestion;
	range: { fromMs: number; toMs: number };
	measures: readonly Measure[];
	/** Cells are numbered from here. */
	originMs: number;
	stepMs: number;
	sliceMs: number;
	isRolledUp: boolean;
	summed: Summed;
	apdexNano: number | undefined;
}

function planOf(question: AlertQuestion, range: Plan['range']): Plan {
	const { query, by, windowMs, everyMs } = question;
	const measures = question.measures.map(measureOf);
	const apdexNano = measures.find((measure) => measure.apdexNano !== undefined)?.apdexNano;
	const originMs = range.fromMs - windowMs;
	// One window is one cell; several share theirs.
	const stepMs = range.fromMs === range.toMs ? windowMs : commonStep(windowMs, everyMs);
	const isRolledUp =
		apdexNano === undefined &&
		stepMs % minuteMs === 0 &&
		originMs % minuteMs === 0 &&
		isOfFields(query.query, by.keys, ROLLED_UP);
	return {
		question,
		range,
		measures,
		originMs,
		stepMs,
		sliceMs: Math.max(1, Math.floor(sliceMs / stepMs)) * stepMs,
		isRolledUp,
		summed: { durations: measures.some((measure) => summedFor(measure).durations), apdex: apdexNano !== undefined },
		apdexNano,
	};
}

function commonStep(a: number, b: number): number {
	while (b > 0) [a, b] = [b, a % b];
	return a;
}

const CELLS = ['in_group', 'step'];

/** Rows, or spans, that know their group and the number of their step. */
const placed = (rows: string, instant: string, { values }: ColumnPlan): string => `
	SELECT *, CAST([${values.map((value) => `toString(${value})`).join(', ')}] AS Array(String)) AS in_group,
		toInt64(intDiv(${instant} - {originMs:Int64}, {stepMs:Int64})) AS step
	FROM (${rows})`;

function readCells(
	clickhouse: ClickHouse,
	scope: WindowScope,
	{ question, originMs, stepMs, isRolledUp, summed, apdexNano }: Plan,
	marks: () => RedMarks,
	{ signal }: ReadScope,
): Promise<NativeTable> {
	const { query, spans, by } = question;
	const where = spans === 'entry' ? `entry = 1 AND (${query.where})` : query.where;
	const steps = Math.ceil((scope.window.toMs - scope.window.fromMs) / stepMs);
	const parameters: Parameters = {
		...query.parameters,
		...by.parameters,
		...(apdexNano === undefined ? {} : { apdexNano }),
		originMs,
		stepMs,
		// Ordered by group, so many rows reach beyond the last group that is allowed where there are more.
		rows: (maxGroups + 1) * steps,
	};
	const { minutes, hours } = marks();
	const rows = isRolledUp
		? placed(derivedRows(RED_MINUTES, where, readWindow(scope, minutes, hours)), 'toUnixTimestamp(minute) * 1000', by)
		: placed(`SELECT * FROM spans WHERE ${IN_WINDOW} AND (${where})`, 'toUnixTimestamp64Milli(time)', by);
	const counted = sumsBy(CELLS, rows, isRolledUp ? ROLLUP_ROWS : SPANS, summed);
	const sql = `${counted} ORDER BY in_group, step LIMIT {rows:UInt32}`;
	const bound = isRolledUp ? derivedParameters(scope, minutes) : scopeParameters(scope);
	return clickhouse.columns(sql, { ...parameters, ...bound }, signal, alertSettings);
}

interface GroupCells {
	sliding: SlidingSums;
	/** Not yet within reach of the window, oldest first. */
	coming: { step: number; sums: GroupSums }[];
}

/** Puts windows together of cells that come slice by slice. */
class Slider {
	readonly #plan: Plan;
	readonly #keys: number;
	readonly #groups = new Map<string, GroupCells>();
	#nextMs: number;

	constructor(plan: Plan, question: AlertQuestion) {
		this.#plan = plan;
		this.#keys = question.by.keys.length;
		this.#nextMs = plan.range.fromMs;
		if (this.#keys === 0) this.#groups.set('[]', { sliding: new SlidingSums(), coming: [] });
	}

	/** False where there are too many groups. */
	feed(table: NativeTable): boolean {
		const steps = table.numbers('step', 'int64');
		const { ends, table: texts } = table.nested('in_group');
		const values = texts.strings('items');
		const sums = measuredSums(table, this.#plan.apdexNano !== undefined);
		for (let row = 0; row < table.rows; row += 1) {
			const key = JSON.stringify(values.slice(row === 0 ? 0 : (ends[row - 1] ?? 0), ends[row]).slice(0, this.#keys));
			let group = this.#groups.get(key);
			if (group === undefined) {
				if (this.#groups.size >= maxGroups) return false;
				this.#groups.set(key, (group = { sliding: new SlidingSums(), coming: [] }));
			}
			group.coming.push({ step: Number(steps[row]), sums: sums(row) });
		}
		return true;
	}

	/** Adds the windows that end by `untilMs`. */
	slideTo(untilMs: number, ticks: AlertTick[]): void {
		const { question, range, originMs, stepMs } = this.#plan;
		for (; this.#nextMs <= Math.min(untilMs, range.toMs); this.#nextMs += question.everyMs) {
			const fromStep = Math.floor((this.#nextMs - question.windowMs - originMs) / stepMs);
			const toStep = Math.floor((this.#nextMs - originMs) / stepMs);
			ticks.push({ tMs: this.#nextMs, groups: this.#window(fromStep, toStep) });
		}
	}

	#window(fromStep: number, toStep: number): AlertTick['groups'] {
		const { measures, question } = this.#plan;
		const seconds = question.windowMs / 1_000;
		const groups: AlertTick['groups'] = new Map();
		for (const [key, group] of this.#groups) {
			let taken = 0;
			for (; (group.coming[taken]?.step ?? toStep) < toStep; taken += 1) {
				const cell = group.coming[taken];
				if (cell !== undefined) group.sliding.add(cell.step, cell.sums);
			}
			if (taken > 0) group.coming.splice(0, taken);
			const sums = group.sliding.from(fromStep);
			if (group.sliding.isEmpty && this.#keys > 0) {
				if (group.coming.length === 0) this.#groups.delete(key);
				continue;
			}
			const total = group.sliding.isEmpty ? new RedSums() : sums;
			groups.set(key, { requests: total.requests, values: measures.map((measure) => measure.of(total, seconds)) });
		}
		return groups;
	}
}

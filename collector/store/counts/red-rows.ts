import { BUCKETS_PER_DOUBLING } from '../../../schema/histogram.ts';
import { rollupSettings } from '../engine/clickhouse-settings.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { conditionsByHour, conditionsByMinute } from '../derived/derived-conditions.ts';
import type { Conditions, ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, readBeside, readWindow, within } from '../derived/derived-rows.ts';
import type { DerivedTable } from '../derived/derived-table.ts';
import type { InsertRow } from '../derived/insert-rows.ts';
import { STATUS_CLASS } from '../derived/red-minutes.ts';
import type { Times } from '../derived/window-times.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { comparedScope } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { rollupOf } from './red-source.ts';
import type { RedMarks, RedQuestion } from './red-source.ts';
import { BUCKET } from '../duration-bucket.ts';
import { histograms } from './red-sums.ts';
import type { GroupSums } from './red-sums.ts';
import { tableInMemory } from './rows-in-memory.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** So many minutes or hours of a step are added up where they lie; fewer cost less to hand over than to plan a sum of. */
const manyInStep = 10;

export type RedKey =
	'service_namespace' | 'service' | 'environment' | 'version' | 'operation' | 'kind' | 'type' | 'status_class';

export interface RowsQuestion extends RedQuestion {
	/** What the answer is counted by, besides steps and errors. */
	keys: readonly RedKey[];
	/** Each row tells when its last span ended. */
	hasLastTime?: boolean;
	/**
	 * Of questions `ofServices`: the same as `where` and the environment of the scope, of rows in memory. Where it is said, these are
	 * not counted from spans.
	 */
	matches?: (row: InsertRow) => boolean;
}

/** A statement, what it binds, and rows beside its own. */
interface RowsStatement {
	sql: string;
	parameters: Parameters;
	inMemory: NativeTable | undefined;
}

/** The rows of `redRows`, in tables with the same columns. */
export async function readRedRows(
	clickhouse: ClickHouse,
	question: RowsQuestion,
	marks: RedMarks,
): Promise<NativeTable[]> {
	const { signal } = question.scope;
	const tables = redRows(question, marks).map(async ({ sql, parameters, inMemory }) => {
		const found = await clickhouse.columns(sql, parameters, signal, rollupSettings);
		return inMemory === undefined ? [found] : [found, inMemory];
	});
	return (await Promise.all(tables)).flat();
}

/**
 * Rows that add up to all spans of the window and of the one that it is compared with, each once, with `later` telling one from
 * the other. Nothing is added up by the engine that needn't be, and every place stands for itself: what this costs is planning
 * (docs/adr/0061-as-little-to-plan-as-can-be.md), and to add up is a matter of nanoseconds for whoever reads the answer.
 *
 * Two statements where one can't tell the windows apart: where they overlap, as a week does with a longer window before, and where
 * steps are shorter than the minutes that the one before is read by.
 */
function redRows(question: RowsQuestion, marks: RedMarks): RowsStatement[] {
	const { scope, stepMs } = question;
	const compared = comparedScope(scope);
	if (compared.window.toMs > scope.window.fromMs || stepMs < minuteMs) {
		const before = { ...question, scope: compared, stepMs: Math.max(minuteMs, stepMs) };
		return [statement(question, [scope], '1', marks), statement(before, [compared], '0', marks)];
	}
	return [statement(question, [scope, compared], undefined, marks)];
}

/** @param later what it is for all rows; each row's own otherwise, of the first window or of the other */
function statement(
	question: RowsQuestion,
	scopes: readonly [WindowScope, ...WindowScope[]],
	later: '0' | '1' | undefined,
	allMarks: RedMarks,
): RowsStatement {
	const { stepMs, parameters } = question;
	const [scope] = scopes;
	const { tables, marks, and } = rollupOf(question, allMarks);
	const windows = windowsOf(question, scopes, allMarks);
	const [{ times }] = windows;
	const conditions = conditionsOf(stepMs, times, windows, tables.minutes);
	const isLater = (column: string, from: string): string => `${later ?? `${column} >= ${from}`} AS later`;
	const ofRows = (instant: 'hour' | 'minute', from: string) => (found: string) =>
		rowsOf(question, {
			table: tables[`${instant}s`].name,
			instant,
			later: isLater(instant, from),
			where: within(found, and),
		});
	const places = [
		...conditions.hours.map(ofRows('hour', times.second('hourFromMs'))),
		...conditions.minutes.map(ofRows('minute', times.second('wholeFromMs'))),
		...conditions.spans.map((found) => countsOf(question, isLater('time', times.time('fromMs')), within(found, and))),
	];
	return {
		sql: places.join('\n\tUNION ALL '),
		parameters: { ...derivedParameters(scope, marks.minutes, marks.hours), ...parameters },
		inMemory: inMemory(question, windows, later),
	};
}

/** Steps that are shorter than a minute are counted from spans alone. */
function windowsOf(
	{ stepMs, matches, ofServices = false }: RowsQuestion,
	scopes: readonly [WindowScope, ...WindowScope[]],
	{ services, ...operations }: RedMarks,
): [ReadWindow, ...ReadWindow[]] {
	const { minutes, hours } = ofServices ? services : operations;
	const isCounted = ofServices && matches !== undefined && stepMs % minuteMs === 0;
	const [first, ...others] = scopes;
	const waiting = isCounted ? services.waiting?.(first.project) : undefined;
	const read = (scope: WindowScope): ReadWindow =>
		waiting === undefined ? readWindow(scope, minutes, hours) : readBeside(scope, minutes, hours, waiting);
	return [read(first), ...others.map(read)];
}

function inMemory(
	{ matches = () => true }: RowsQuestion,
	windows: readonly ReadWindow[],
	later: '0' | '1' | undefined,
): NativeTable | undefined {
	const rows = windows.flatMap(({ inMemory: found }, place) => {
		const isLater = later === undefined ? place === 0 : later === '1';
		return found.filter(matches).map((row) => ({ row, isLater }));
	});
	return rows.length === 0 ? undefined : tableInMemory(rows);
}

function conditionsOf(
	stepMs: number,
	{ time }: Times,
	windows: readonly ReadWindow[],
	{ hasLastTime = false }: DerivedTable,
): Conditions {
	if (stepMs % hourMs === 0) return conditionsByHour(windows, hasLastTime);
	if (stepMs % minuteMs === 0) return conditionsByMinute(windows, hasLastTime);
	return { hours: [], minutes: [], spans: [`time >= ${time('fromMs')} AND time < ${time('toMs')}`] };
}

interface Place {
	table: string;
	instant: 'hour' | 'minute';
	later: string;
	where: string;
}

function rowsOf({ keys, stepMs, hasLastTime }: RowsQuestion, { table, instant, later, where }: Place): string {
	const unitMs = instant === 'hour' ? hourMs : minuteMs;
	const from = `FROM ${table} AS counted WHERE ${where}`;
	if (stepMs < manyInStep * unitMs) {
		return `SELECT ${keys.join(', ')}, error, ${later}, toUnixTimestamp(${instant}) AS atSeconds, requests, spans, total_nano,
			${hasLastTime === true ? 'last_time, ' : ''}buckets, bucket_requests ${from}`;
	}
	const step = stepMs / 1_000;
	return `SELECT ${keys.join(', ')}, error, ${later}, toUInt32(intDiv(toUnixTimestamp(${instant}), ${step}) * ${step}) AS atSeconds,
			sum(counted.requests) AS requests, sum(counted.spans) AS spans, sum(counted.total_nano) AS total_nano,
			${hasLastTime === true ? 'max(counted.last_time) AS last_time, ' : ''}
			groupArrayArray(counted.buckets) AS buckets, groupArrayArray(counted.bucket_requests) AS bucket_requests ${from}
		GROUP BY ${keys.join(', ')}, error, later, atSeconds`;
}

function countsOf({ keys, stepMs, hasLastTime }: RowsQuestion, later: string, where: string): string {
	const named = keys.map((key) => (key === 'status_class' ? `${STATUS_CLASS} AS status_class` : key));
	return `SELECT ${named.join(', ')}, error, ${later}, toUInt32(intDiv(toUnixTimestamp64Milli(time), ${stepMs}) * ${stepMs / 1_000}) AS atSeconds,
			sum(weight) AS requests, count() AS spans, sum(weight * duration_nano) AS total_nano,
			${hasLastTime === true ? 'max(time) AS last_time, ' : ''}[bucket] AS buckets, [sum(weight)] AS bucket_requests
		FROM spans WHERE ${where}
		GROUP BY ${keys.join(', ')}, error, later, atSeconds, toInt16(${BUCKET}) AS bucket`;
}

/** What a row of the answers to `redRows` counts. */
export interface CountedRow {
	sums: GroupSums;
	/** Of the window that is asked for, not of the one that it is compared with. */
	isLater: boolean;
	/** In the step that it belongs to. */
	atMs: number;
}

/** `apdexBucket`: requests up to its edge are satisfied, those up to four times that tolerating. */
export function countedRows(table: NativeTable, apdexBucket?: number): (row: number) => CountedRow {
	const histogram = histograms(table, ['buckets', 'bucket_requests'], 'int16');
	const requests = table.numbers('requests', 'float64');
	const totalNano = table.numbers('total_nano', 'float64');
	const spans = table.numbers('spans', 'uint64');
	const error = table.numbers('error', 'uint8');
	const later = table.numbers('later', 'uint8');
	const atSeconds = table.numbers('atSeconds', 'uint32');
	return (row) => {
		const isError = error[row] === 1;
		const sums: GroupSums = {
			...histogram(row),
			requests: requests[row] ?? 0,
			errors: isError ? (requests[row] ?? 0) : 0,
			totalNano: totalNano[row] ?? 0,
			spans: Number(spans[row] ?? 0),
			satisfied: 0,
			tolerating: 0,
		};
		if (apdexBucket !== undefined && !isError) {
			sums.satisfied = requestsUpTo(sums, apdexBucket);
			sums.tolerating = requestsUpTo(sums, apdexBucket + 2 * BUCKETS_PER_DOUBLING) - sums.satisfied;
		}
		return { sums, isLater: later[row] === 1, atMs: (atSeconds[row] ?? 0) * 1_000 };
	};
}

function requestsUpTo({ buckets, bucketRequests }: GroupSums, last: number): number {
	let requests = 0;
	for (let index = 0; index < buckets.length; index += 1) {
		if ((buckets[index] ?? 0) <= last) requests += bucketRequests[index] ?? 0;
	}
	return requests;
}

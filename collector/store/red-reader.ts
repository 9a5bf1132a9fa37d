import type { Operation, RedAnswer } from '../../schema/api.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../schema/span.ts';
import type { ClickHouse } from './clickhouse.ts';
import { createInstanceReader } from './instance-reader.ts';
import type { NativeTable } from './native-reader.ts';
import { comparedScope, ofService } from './read-scope.ts';
import type { RedFilter, RedReader, ServiceName, WindowScope } from './reader-types.ts';
import { pointsBefore, redPoints, statusClasses } from './red-points.ts';
import { redSource } from './red-source.ts';
import type { RedMarks, RedQuestion } from './red-source.ts';
import { APDEX_SUMS, groupSums, RedSums, SUMS, sumsOf } from './red-sums.ts';
import { createSightReader } from './sight-reader.ts';
import { createServicesReader } from './services-reader.ts';

/** More operations than a screen can show; a service with more has ids in its names. */
const maxOperations = 2_000;

/** The rows are read once: places and their number are worked out over what is left after grouping. */
const OPERATIONS = (rows: string) => `
	SELECT * FROM (
		SELECT *, dense_rank() OVER (ORDER BY operationNano DESC, operation, kind, type) AS place,
			uniqExact((operation, kind, type)) OVER () AS operations
		FROM (
			SELECT *, sum(totalNano) OVER (PARTITION BY operation, kind, type) AS operationNano
			FROM (SELECT operation, kind, type, step, ${SUMS} FROM (${rows}) GROUP BY operation, kind, type, step)))
	WHERE place <= {maxOperations:UInt32}`;

/** Not cut by itself: an operation that took less time then would look as if it had not been there. */
const OPERATIONS_BEFORE = (rows: string) => `
	SELECT operation, kind, type, step, ${SUMS} FROM (${rows}) GROUP BY operation, kind, type, step`;

const RED = (hasApdex: boolean) => (rows: string) => `
	SELECT step, status_class, ${SUMS}${hasApdex ? `, ${APDEX_SUMS}` : ''}
	FROM (${rows}) GROUP BY step, status_class`;

const NEW_VERSIONS = ({ environment }: WindowScope, service: ServiceName) => `
	SELECT version, environment, toUnixTimestamp64Milli(min(first_time)) AS firstSeenMs FROM service_versions
	WHERE project = {project:String} AND version != '' AND ${ofService(service)}
		${environment === undefined ? '' : 'AND environment = {environment:String}'}
	GROUP BY version, environment HAVING firstSeenMs >= {fromMs:Int64} AND firstSeenMs < {toMs:Int64}
	ORDER BY firstSeenMs, version, environment LIMIT 100`;

function ofFilter({ operation, kind }: RedFilter): string {
	const which = operation === undefined ? 'entry = 1' : 'operation = {operation:String}';
	return kind === undefined ? which : `${which} AND kind = {kind:UInt8}`;
}

/** Requests, errors and durations out of the rollup, weighted by sampling. `marks`: up to where it may be believed. */
export function createRedReader(clickhouse: ClickHouse, marks: () => RedMarks): RedReader {
	const columns = (sql: (rows: string) => string, question: RedQuestion): Promise<NativeTable> => {
		const { rows, parameters } = redSource(question, marks());
		return clickhouse.columns(sql(rows), parameters, question.scope.signal);
	};
	const sight = createSightReader(clickhouse, () => marks().versions);
	return {
		...createServicesReader(clickhouse, marks),
		environments: ({ project, window, signal }) =>
			sight.values({ project, window, ...(signal === undefined ? {} : { signal }) }, 'environment'),
		...createInstanceReader(clickhouse),
		namespacesOf: (scope, service) =>
			sight.values(scope, 'service_namespace', { where: 'service = {service:String}', parameters: { service } }),
		async operations(scope, service, stepMs) {
			const parameters = { ...service, maxOperations };
			const now: RedQuestion = { scope, where: ofService(service), parameters, stepMs };
			const before = { ...now, scope: comparedScope(scope), parameters: { ...service } };
			const [table, tableBefore] = await Promise.all([columns(OPERATIONS, now), columns(OPERATIONS_BEFORE, before)]);
			const operations = foldOperations(table, tableBefore, scope, stepMs);
			const of = table.rows === 0 ? 0 : Number(table.numbers('operations', 'uint64')[0]);
			if (of <= maxOperations) return { operations };
			const reason = `the ${maxOperations} operations that took most time`;
			return { operations, partial: { reason, seen: operations.length, of } };
		},
		async red(scope, service, filter) {
			const where = `${ofService(service)} AND ${ofFilter(filter)}`;
			const { stepMs, operation, kind, apdexBucket } = filter;
			const parameters = {
				...service,
				...(operation === undefined ? {} : { operation }),
				...(kind === undefined ? {} : { kind: SPAN_KINDS.indexOf(kind) }),
				...(apdexBucket === undefined ? {} : { apdexBucket }),
			};
			const hasApdex = apdexBucket !== undefined;
			const ofServices = operation === undefined && kind === undefined;
			const now = { scope, where, parameters, stepMs, ofServices };
			const before = { ...now, scope: comparedScope(scope) };
			const [table, tableBefore] = await Promise.all([columns(RED(hasApdex), now), columns(RED(hasApdex), before)]);
			return toSeries(table, tableBefore, scope, filter);
		},
		newVersions(scope, service) {
			const { fromMs, toMs } = scope.window;
			const { project, environment, signal } = scope;
			const parameters = { project, fromMs, toMs, ...service, ...(environment === undefined ? {} : { environment }) };
			return clickhouse.rows(NEW_VERSIONS(scope, service), parameters, signal);
		},
	};
}

function bySteps(table: NativeTable, hasApdex: boolean): Map<number, RedSums> {
	const steps = new Map<number, RedSums>();
	const step = table.numbers('step', 'int64');
	const sums = groupSums(table, hasApdex);
	for (let row = 0; row < table.rows; row += 1) sumsOf(steps, Number(step[row])).add(sums(row));
	return steps;
}

function toSeries(
	table: NativeTable,
	tableBefore: NativeTable,
	scope: WindowScope,
	{ stepMs, apdexBucket }: RedFilter,
): Pick<RedAnswer, 'points' | 'before'> {
	const hasApdex = apdexBucket !== undefined;
	const steps = bySteps(table, hasApdex);
	const classes = statusClasses(table);
	const points = redPoints(steps, scope.window, stepMs).map((point) => {
		const step = point.tMs / stepMs;
		const apdex = hasApdex ? { apdex: steps.get(step)?.apdex() ?? null } : {};
		return { ...point, ...apdex, statusClasses: classes(step) };
	});
	return { points, before: redPoints(bySteps(tableBefore, hasApdex), comparedScope(scope).window, stepMs) };
}

interface OperationGroup {
	operation: string;
	kind: number;
	type: number;
	now: RedSums;
	before: RedSums;
	steps: Map<number, RedSums>;
	stepsBefore: Map<number, RedSums>;
}

function foldOperations(now: NativeTable, before: NativeTable, scope: WindowScope, stepMs: number): Operation[] {
	const groups = new Map<string, OperationGroup>();
	eachOperation(now, (operation, kind, type, row, sums, step) => {
		const key = JSON.stringify([operation, kind, type]);
		const found = groups.get(key);
		const group = found ?? newGroup({ operation, kind, type });
		groups.set(key, group);
		const of = sums(row);
		group.now.add(of);
		sumsOf(group.steps, step).add(of);
	});
	eachOperation(before, (operation, kind, type, row, sums, step) => {
		const group = groups.get(JSON.stringify([operation, kind, type]));
		if (group === undefined) return;
		const of = sums(row);
		group.before.add(of);
		sumsOf(group.stepsBefore, step).add(of);
	});
	return [...groups.values()].map((group) => toOperation(group, scope, stepMs)).sort(byTotal);
}

const newGroup = (names: Pick<OperationGroup, 'operation' | 'kind' | 'type'>): OperationGroup => ({
	...names,
	now: new RedSums(),
	before: new RedSums(),
	steps: new Map(),
	stepsBefore: new Map(),
});

function eachOperation(
	table: NativeTable,
	visit: (
		operation: string,
		kind: number,
		type: number,
		row: number,
		sums: ReturnType<typeof groupSums>,
		step: number,
	) => void,
): void {
	const operations = table.dictionary('operation');
	const kinds = table.numbers('kind', 'uint8');
	const types = table.numbers('type', 'uint8');
	const steps = table.numbers('step', 'int64');
	const sums = groupSums(table, false);
	for (let row = 0; row < table.rows; row += 1) {
		const operation = operations.dictionary[operations.ids[row] ?? 0] ?? '';
		visit(operation, kinds[row] ?? 0, types[row] ?? 0, row, sums, Number(steps[row]));
	}
}

const toOperation = (group: OperationGroup, scope: WindowScope, stepMs: number): Operation => ({
	operation: group.operation,
	kind: SPAN_KINDS[group.kind] ?? 'unspecified',
	type: SPAN_TYPES[group.type] ?? 'custom',
	...group.now.red(),
	totalNano: group.now.totalNano,
	spans: group.now.spans,
	before: group.before.red(),
	points: redPoints(group.steps, scope.window, stepMs),
	pointsBefore: pointsBefore(group.stepsBefore, comparedScope(scope).window, stepMs),
});

const byTotal = (a: Operation, b: Operation): number =>
	b.totalNano - a.totalNano || (a.operation < b.operation ? -1 : Number(a.operation > b.operation));

import type { Operation, RedAnswer } from '../../../schema/api.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { InsertRow } from '../derived/insert-rows.ts';
import { createInstanceReader } from './instance-reader.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { createOperationSights } from './operation-sights.ts';
import { comparedScope, inEnvironment, isIn, isOfService, ofService } from '../read-scope.ts';
import type { RedFilter, RedReader, ServiceName, WindowScope } from '../reader-types.ts';
import { pointsBefore, redPoints, StatusClasses } from './red-points.ts';
import { countedRows, readRedRows } from './red-rows.ts';
import type { RedKey, RowsQuestion } from './red-rows.ts';
import type { RedMarks } from './red-source.ts';
import { RedSums, sumsOf } from './red-sums.ts';
import { createSightReader } from './sight-reader.ts';
import { createServicesReader } from './services-reader.ts';

/** More operations than a screen can show; a service with more has ids in its names. */
const maxOperations = 2_000;
const maxNewVersions = 100;
const OPERATION_KEYS: readonly RedKey[] = ['operation', 'kind', 'type'];

const NEW_VERSIONS = (scope: WindowScope, service: ServiceName) => `
	SELECT version, environment, toUnixTimestamp64Milli(min(first_time)) AS firstSeenMs, count() OVER () AS found
	FROM service_versions
	WHERE project = {project:String} AND version != '' AND ${ofService(service)}
		AND ${inEnvironment(scope)}
	GROUP BY version, environment HAVING firstSeenMs >= {fromMs:Int64} AND firstSeenMs < {toMs:Int64}
	ORDER BY firstSeenMs DESC, version DESC, environment DESC LIMIT ${maxNewVersions}`;

function ofFilter({ operation, kind }: RedFilter): string {
	const which = operation === undefined ? 'entry = 1' : 'operation = {operation:String}';
	return kind === undefined ? which : `${which} AND kind = {kind:UInt8}`;
}

/** Requests, errors and durations out of the rollup, weighted by sampling. `marks`: up to where it may be believed. */
export function createRedReader(clickhouse: ClickHouse, marks: () => RedMarks): RedReader {
	const read = (question: RowsQuestion): Promise<NativeTable[]> => readRedRows(clickhouse, question, marks());
	const sight = createSightReader(clickhouse, () => marks().versions);
	return {
		...createServicesReader(clickhouse, marks),
		environments: ({ project, window, signal }) =>
			sight.values({ project, window, ...(signal === undefined ? {} : { signal }) }, 'environment'),
		...createInstanceReader(clickhouse),
		...createOperationSights(clickhouse, marks),
		namespacesOf: (scope, service) =>
			sight.values(scope, 'service_namespace', { where: 'service = {service:String}', parameters: { service } }),
		async operations(scope, service, stepMs) {
			const keys = OPERATION_KEYS;
			const tables = await read({ scope, where: ofService(service), parameters: { ...service }, stepMs, keys });
			const { operations, of } = foldOperations(tables, scope, stepMs);
			if (of <= maxOperations) return { operations };
			const reason = `the ${maxOperations} operations that took most time`;
			return { operations, partial: { reason, seen: operations.length, of } };
		},
		async red(scope, service, filter) {
			const where = `${ofService(service)} AND ${ofFilter(filter)}`;
			const { stepMs, operation, kind } = filter;
			const parameters = {
				...service,
				...(operation === undefined ? {} : { operation }),
				...(kind === undefined ? {} : { kind: SPAN_KINDS.indexOf(kind) }),
			};
			const ofServices = operation === undefined && kind === undefined;
			const matches = ({ entry, names }: InsertRow): boolean =>
				entry === 1 && isOfService(service, names) && isIn(scope, names.environment);
			const tables = await read({ scope, where, parameters, stepMs, ofServices, keys: ['status_class'], matches });
			return toSeries(tables, scope, filter);
		},
		async newVersions(scope, service) {
			const { fromMs, toMs } = scope.window;
			const { project, environment, signal } = scope;
			const parameters = { project, fromMs, toMs, ...service, ...(environment === undefined ? {} : { environment }) };
			const rows = await clickhouse.rows<NewVersionRow>(NEW_VERSIONS(scope, service), parameters, signal);
			const versions = rows
				.map(({ version, environment: of, firstSeenMs }) => ({ version, environment: of, firstSeenMs }))
				.reverse();
			return { versions, total: rows[0]?.found ?? 0 };
		},
	};
}

type NewVersionRow = RedAnswer['versions'][number] & { found: number };

function toSeries(
	tables: readonly NativeTable[],
	scope: WindowScope,
	{ stepMs, apdexBucket }: RedFilter,
): Pick<RedAnswer, 'points' | 'before'> {
	const steps = new Map<number, RedSums>();
	const stepsBefore = new Map<number, RedSums>();
	const classes = new StatusClasses();
	for (const table of tables) {
		const counted = countedRows(table, apdexBucket);
		const statusClass = table.numbers('status_class', 'uint8');
		for (let row = 0; row < table.rows; row += 1) {
			const { sums, isLater, atMs } = counted(row);
			const step = Math.floor(atMs / stepMs);
			sumsOf(isLater ? steps : stepsBefore, step).add(sums);
			if (isLater) classes.add(step, statusClass[row] ?? 0, sums.requests);
		}
	}
	const points = redPoints(steps, scope.window, stepMs).map((point) => {
		const step = point.tMs / stepMs;
		const apdex = apdexBucket === undefined ? {} : { apdex: steps.get(step)?.apdex() ?? null };
		return { ...point, ...apdex, statusClasses: classes.of(step) };
	});
	return { points, before: redPoints(stepsBefore, comparedScope(scope).window, stepMs) };
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

/** Operations of the window, with what they took in the one before, those that took most time first. */
function foldOperations(
	tables: readonly NativeTable[],
	scope: WindowScope,
	stepMs: number,
): { operations: Operation[]; of: number } {
	const groups = new Map<string, OperationGroup>();
	for (const table of tables) {
		const groupAt = groupsByOperation(groups, table);
		const counted = countedRows(table);
		for (let row = 0; row < table.rows; row += 1) {
			const { sums, isLater, atMs } = counted(row);
			const group = groupAt(row);
			(isLater ? group.now : group.before).add(sums);
			sumsOf(isLater ? group.steps : group.stepsBefore, Math.floor(atMs / stepMs)).add(sums);
		}
	}
	const inWindow = [...groups.values()].filter(({ steps }) => steps.size > 0);
	const shown = inWindow.sort(byTotal).slice(0, maxOperations);
	return { operations: shown.map((group) => toOperation(group, scope, stepMs)), of: inWindow.length };
}

/** By the place of the name in its dictionary, because there are far more rows than operations. */
function groupsByOperation(groups: Map<string, OperationGroup>, table: NativeTable): (row: number) => OperationGroup {
	const operations = table.dictionary('operation');
	const kinds = table.numbers('kind', 'uint8');
	const types = table.numbers('type', 'uint8');
	const byPlaces = new Map<number, OperationGroup>();
	return (row) => {
		const [place, kind, type] = [operations.ids[row] ?? 0, kinds[row] ?? 0, types[row] ?? 0];
		const places = (place * 256 + kind) * 256 + type;
		const known = byPlaces.get(places);
		if (known !== undefined) return known;
		const operation = operations.dictionary[place] ?? '';
		const key = JSON.stringify([operation, kind, type]);
		const group = groups.get(key) ?? newGroup({ operation, kind, type });
		groups.set(key, group);
		byPlaces.set(places, group);
		return group;
	};
}

const newGroup = (names: Pick<OperationGroup, 'operation' | 'kind' | 'type'>): OperationGroup => ({
	...names,
	now: new RedSums(),
	before: new RedSums(),
	steps: new Map(),
	stepsBefore: new Map(),
});

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

const byTotal = (a: OperationGroup, b: OperationGroup): number =>
	b.now.totalNano - a.now.totalNano || (a.operation < b.operation ? -1 : Number(a.operation > b.operation));

import type { Operation, RedPoint, Service, TimeWindow } from '../../schema/api.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../schema/span.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { NativeTable } from './native-reader.ts';
import { IN_WINDOW, inScope, scopeParameters } from './read-scope.ts';
import type { RedFilter, RedReader, ServiceName, WindowScope } from './reader-types.ts';
import { RedSums, SUMS, sumsOf } from './red-sums.ts';
import type { GroupSums } from './red-sums.ts';

/** More operations than a screen can show; a service with more has ids in its names. */
const maxOperations = 2_000;

const SERVICES = (scope: WindowScope) => `
	SELECT service_namespace, service, environment,
		toInt64(intDiv(toUnixTimestamp64Milli(time), {stepMs:Int64})) AS step,
		toUInt8(time < fromUnixTimestamp64Milli({splitMs:Int64}, 'UTC')) AS before,
		toUnixTimestamp64Milli(max(time)) AS lastMs, ${SUMS}
	FROM spans WHERE ${inScope(scope)} AND entry = 1
	GROUP BY service_namespace, service, environment, step, before`;

const VERSIONS = (scope: WindowScope) => `
	SELECT service_namespace AS namespace, service, environment, version, toUnixTimestamp64Milli(min(time)) AS firstSeenMs
	FROM spans WHERE ${inScope(scope)} AND version != ''
	GROUP BY service_namespace, service, environment, version
	ORDER BY firstSeenMs, version
	LIMIT 20 BY service_namespace, service, environment`;

const ENVIRONMENTS = `SELECT DISTINCT environment FROM spans WHERE ${IN_WINDOW} ORDER BY environment`;

const NAMESPACES = (scope: WindowScope) => `
	SELECT DISTINCT service_namespace AS namespace
	FROM spans WHERE ${inScope(scope)} AND service = {service:String} ORDER BY namespace`;

const OPERATIONS = (scope: WindowScope, service: ServiceName) => `
	SELECT operation, kind, type, ${SUMS}
	FROM spans WHERE ${inScope(scope)} AND ${ofService(service)}
	GROUP BY operation, kind, type
	ORDER BY totalNano DESC, operation, kind, type
	LIMIT ${maxOperations}`;

const RED = (scope: WindowScope, service: ServiceName, filter: RedFilter) => `
	SELECT toInt64(intDiv(toUnixTimestamp64Milli(time), {stepMs:Int64})) AS step, ${SUMS}
	FROM spans WHERE ${inScope(scope)} AND ${ofService(service)} AND ${ofFilter(filter)}
	GROUP BY step`;

const ofService = ({ namespace }: ServiceName): string =>
	`service = {service:String}${namespace === undefined ? '' : ' AND service_namespace = {namespace:String}'}`;

function ofFilter({ operation, kind }: RedFilter): string {
	const which = operation === undefined ? 'entry = 1' : 'operation = {operation:String}';
	return kind === undefined ? which : `${which} AND kind = {kind:UInt8}`;
}

interface OperationRow extends GroupSums {
	operation: string;
	kind: number;
	type: number;
}

interface VersionRow {
	namespace: string;
	service: string;
	environment: string;
	version: string;
	firstSeenMs: number;
}

/** Requests, errors and durations, counted from the spans themselves and weighted by sampling. */
export function createRedReader(clickhouse: ClickHouse): RedReader {
	return {
		async services(scope, stepMs) {
			const { fromMs, toMs } = scope.window;
			const both = { ...scope, window: { fromMs: fromMs - (toMs - fromMs), toMs } };
			const parameters = { ...scopeParameters(both), stepMs, splitMs: fromMs };
			const [table, versions] = await Promise.all([
				clickhouse.columns(SERVICES(scope), parameters, scope.signal),
				clickhouse.rows<VersionRow>(VERSIONS(scope), scopeParameters(scope), scope.signal),
			]);
			return foldServices(table, versions, scope.window, stepMs);
		},
		async environments(scope) {
			const rows = await clickhouse.rows<{ environment: string }>(ENVIRONMENTS, scopeParameters(scope), scope.signal);
			return rows.map((row) => row.environment);
		},
		async namespacesOf(scope, service) {
			const parameters = { ...scopeParameters(scope), service };
			const rows = await clickhouse.rows<{ namespace: string }>(NAMESPACES(scope), parameters, scope.signal);
			return rows.map((row) => row.namespace);
		},
		async operations(scope, service) {
			const parameters = { ...scopeParameters(scope), ...service };
			const rows = await clickhouse.rows<OperationRow>(OPERATIONS(scope, service), parameters, scope.signal);
			return rows.map(toOperation);
		},
		async red(scope, service, filter) {
			const { stepMs, operation, kind } = filter;
			const parameters = {
				...scopeParameters(scope),
				...service,
				stepMs,
				...(operation === undefined ? {} : { operation }),
				...(kind === undefined ? {} : { kind: SPAN_KINDS.indexOf(kind) }),
			};
			const table = await clickhouse.columns(RED(scope, service, filter), parameters, scope.signal);
			const steps = new Map<number, RedSums>();
			const step = table.numbers('step', 'int64');
			const sums = groupSums(table);
			for (let row = 0; row < table.rows; row += 1) sumsOf(steps, Number(step[row])).add(sums(row));
			return points(steps, scope.window, stepMs);
		},
	};
}

function groupSums(table: NativeTable): (row: number) => GroupSums {
	const { ends, table: buckets } = table.nested('buckets');
	const bucket = buckets.numbers('items', 'int32');
	const bucketRequests = table.nested('bucketRequests').table.numbers('items', 'float64');
	const requests = table.numbers('requests', 'float64');
	const errors = table.numbers('errors', 'float64');
	const totalNano = table.numbers('totalNano', 'float64');
	const spans = table.numbers('spans', 'uint64');
	return (row) => {
		const from = row === 0 ? 0 : (ends[row - 1] ?? 0);
		return {
			buckets: bucket.subarray(from, ends[row]),
			bucketRequests: bucketRequests.subarray(from, ends[row]),
			requests: requests[row] ?? 0,
			errors: errors[row] ?? 0,
			totalNano: totalNano[row] ?? 0,
			spans: Number(spans[row] ?? 0),
		};
	};
}

interface ServiceGroup {
	namespace: string;
	service: string;
	environment: string;
	now: RedSums;
	before: RedSums;
	steps: Map<number, RedSums>;
	lastSeenMs: number;
}

const serviceKey = (namespace: string, service: string, environment: string): string =>
	JSON.stringify([namespace, service, environment]);

function foldServices(table: NativeTable, versions: VersionRow[], window: TimeWindow, stepMs: number): Service[] {
	const namespaces = table.dictionary('service_namespace');
	const services = table.dictionary('service');
	const environments = table.dictionary('environment');
	const step = table.numbers('step', 'int64');
	const before = table.numbers('before', 'uint8');
	const lastMs = table.numbers('lastMs', 'int64');
	const sums = groupSums(table);
	const groups = new Map<string, ServiceGroup>();
	for (let row = 0; row < table.rows; row += 1) {
		const namespace = namespaces.dictionary[namespaces.ids[row] ?? 0] ?? '';
		const service = services.dictionary[services.ids[row] ?? 0] ?? '';
		const environment = environments.dictionary[environments.ids[row] ?? 0] ?? '';
		const key = serviceKey(namespace, service, environment);
		const group = groups.get(key) ?? newGroup(namespace, service, environment);
		groups.set(key, group);
		if (before[row] === 1) {
			group.before.add(sums(row));
			continue;
		}
		group.now.add(sums(row));
		sumsOf(group.steps, Number(step[row])).add(sums(row));
		group.lastSeenMs = Math.max(group.lastSeenMs, Number(lastMs[row]));
	}
	const versionsOf = Map.groupBy(versions, (row) => serviceKey(row.namespace, row.service, row.environment));
	return [...groups]
		.filter(([, group]) => group.now.spans > 0)
		.map(([key, group]) => toService(group, versionsOf.get(key) ?? [], window, stepMs))
		.sort((a, b) => b.totalNano - a.totalNano || (a.service < b.service ? -1 : 1));
}

const newGroup = (namespace: string, service: string, environment: string): ServiceGroup => ({
	namespace,
	service,
	environment,
	now: new RedSums(),
	before: new RedSums(),
	steps: new Map(),
	lastSeenMs: 0,
});

function toService(group: ServiceGroup, versions: VersionRow[], window: TimeWindow, stepMs: number): Service {
	const { namespace, service, environment, now, lastSeenMs } = group;
	return {
		service,
		namespace,
		environment,
		...now.red(),
		requestsPerSecond: (now.requests * 1_000) / (window.toMs - window.fromMs),
		errorRatio: now.requests === 0 ? 0 : now.errors / now.requests,
		totalNano: now.totalNano,
		spans: now.spans,
		before: group.before.red(),
		lastSeenMs,
		versions: versions.map(({ version, firstSeenMs }) => ({ version, firstSeenMs })),
		points: points(group.steps, window, stepMs),
	};
}

/** A point for every step that touches the window, at multiples of the step since the epoch; the outer ones may be partial. */
function points(steps: ReadonlyMap<number, RedSums>, window: TimeWindow, stepMs: number): RedPoint[] {
	const empty = new RedSums().red();
	const all: RedPoint[] = [];
	for (let step = Math.floor(window.fromMs / stepMs); step * stepMs < window.toMs; step += 1) {
		all.push({ tMs: step * stepMs, ...(steps.get(step)?.red() ?? empty) });
	}
	return all;
}

function toOperation(row: OperationRow): Operation {
	const sums = new RedSums();
	sums.add(row);
	return {
		operation: row.operation,
		kind: SPAN_KINDS[row.kind] ?? 'unspecified',
		type: SPAN_TYPES[row.type] ?? 'custom',
		...sums.red(),
		totalNano: sums.totalNano,
	};
}

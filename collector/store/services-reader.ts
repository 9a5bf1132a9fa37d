import type { Service, TimeWindow } from '../../schema/api.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { NativeTable } from './native-reader.ts';
import type { RedReader, ServicesFilter } from './reader-types.ts';
import { pointsBefore, redPoints } from './red-points.ts';
import { comparedScope } from './read-scope.ts';
import { redSource } from './red-source.ts';
import type { RedMarks } from './red-source.ts';
import { APDEX_SUMS, groupSums, RedSums, SUMS_OF_FEW, sumsOf } from './red-sums.ts';

const SERVICES = (rows: string, hasApdex: boolean) => `
	SELECT service_namespace, service, environment, version, step,
		toUnixTimestamp64Milli(max(last_time)) AS lastMs, ${SUMS_OF_FEW}${hasApdex ? `, ${APDEX_SUMS}` : ''}
	FROM (${rows})
	GROUP BY service_namespace, service, environment, version, step`;

const SERVICES_BEFORE = (rows: string) => `
	SELECT service_namespace, service, environment, step, ${SUMS_OF_FEW} FROM (${rows})
	GROUP BY service_namespace, service, environment, step`;

const FIRST_SEEN = `
	SELECT service_namespace AS namespace, service, environment, version,
		toUnixTimestamp64Milli(min(first_time)) AS firstSeenMs
	FROM service_versions WHERE project = {project:String}
	GROUP BY service_namespace, service, environment, version`;

interface VersionRow {
	namespace: string;
	service: string;
	environment: string;
	version: string;
	firstSeenMs: number;
}

const maxVersions = 20;
const minuteMs = 60_000;

export function createServicesReader(clickhouse: ClickHouse, marks: () => RedMarks): Pick<RedReader, 'services'> {
	return {
		async services(scope, filter) {
			const { stepMs, spans, apdexBucket } = filter;
			const where = spans === 'entry' ? 'entry = 1' : '1';
			const hasApdex = apdexBucket !== undefined;
			const question = { scope, where, parameters: hasApdex ? { apdexBucket } : {}, stepMs, ofServices: true };
			const now = redSource(question, marks());
			const compared = comparedScope(scope);
			// Shorter steps would be read from spans.
			const beforeStepMs = Math.max(minuteMs, stepMs);
			const before = redSource({ ...question, scope: compared, parameters: {}, stepMs: beforeStepMs }, marks());
			const { signal, project } = scope;
			const [table, tableBefore, firstSeen] = await Promise.all([
				clickhouse.columns(SERVICES(now.rows, hasApdex), now.parameters, signal),
				clickhouse.columns(SERVICES_BEFORE(before.rows), before.parameters, signal),
				clickhouse.rows<VersionRow>(FIRST_SEEN, { project }, signal),
			]);
			return foldServices({ table, tableBefore, firstSeen, window: scope.window, compared: compared.window, filter });
		},
	};
}

interface Found {
	table: NativeTable;
	tableBefore: NativeTable;
	firstSeen: VersionRow[];
	window: TimeWindow;
	compared: TimeWindow;
	filter: ServicesFilter;
}

interface ServiceGroup {
	namespace: string;
	service: string;
	environment: string;
	now: RedSums;
	before: RedSums;
	steps: Map<number, RedSums>;
	stepsBefore: Map<number, RedSums>;
	/** Requests, and since when it is seen here at least. */
	versions: Map<string, { requests: number; sinceMs: number }>;
	lastSeenMs: number;
}

const serviceKey = (namespace: string, service: string, environment: string): string =>
	JSON.stringify([namespace, service, environment]);

function foldServices({ table, tableBefore, firstSeen, window, compared, filter }: Found): Service[] {
	const groups = groupsOf(table, filter);
	const keyBefore = keysOf(tableBefore);
	const sumsBefore = groupSums(tableBefore, false);
	const stepBefore = tableBefore.numbers('step', 'int64');
	for (let row = 0; row < tableBefore.rows; row += 1) {
		const group = groups.get(keyBefore(row).key);
		if (group === undefined) continue;
		const of = sumsBefore(row);
		group.before.add(of);
		sumsOf(group.stepsBefore, Number(stepBefore[row])).add(of);
	}
	const known = new Map(
		firstSeen.map((row) => [
			`${serviceKey(row.namespace, row.service, row.environment)} ${row.version}`,
			row.firstSeenMs,
		]),
	);
	return [...groups]
		.map(([key, group]) => ({
			...toService(group, (version) => known.get(`${key} ${version}`), window, filter),
			pointsBefore: filter.stepMs < minuteMs ? [] : pointsBefore(group.stepsBefore, compared, filter.stepMs),
		}))
		.sort((a, b) => b.totalNano - a.totalNano || (a.service < b.service ? -1 : 1));
}

function keysOf(table: NativeTable) {
	const namespaces = table.dictionary('service_namespace');
	const services = table.dictionary('service');
	const environments = table.dictionary('environment');
	return (row: number) => {
		const namespace = namespaces.dictionary[namespaces.ids[row] ?? 0] ?? '';
		const service = services.dictionary[services.ids[row] ?? 0] ?? '';
		const environment = environments.dictionary[environments.ids[row] ?? 0] ?? '';
		return { namespace, service, environment, key: serviceKey(namespace, service, environment) };
	};
}

function groupsOf(table: NativeTable, { apdexBucket }: ServicesFilter): Map<string, ServiceGroup> {
	const groups = new Map<string, ServiceGroup>();
	const keys = keysOf(table);
	const versions = table.dictionary('version');
	const step = table.numbers('step', 'int64');
	const lastMs = table.numbers('lastMs', 'int64');
	const sums = groupSums(table, apdexBucket !== undefined);
	for (let row = 0; row < table.rows; row += 1) {
		const { key, ...names } = keys(row);
		const group = groups.get(key) ?? newGroup(names);
		groups.set(key, group);
		const of = sums(row);
		group.now.add(of);
		sumsOf(group.steps, Number(step[row])).add(of);
		group.lastSeenMs = Math.max(group.lastSeenMs, Number(lastMs[row]));
		const version = versions.dictionary[versions.ids[row] ?? 0] ?? '';
		const seen = group.versions.get(version);
		const sinceMs = Math.min(seen?.sinceMs ?? Infinity, Number(lastMs[row]));
		group.versions.set(version, { requests: (seen?.requests ?? 0) + of.requests, sinceMs });
	}
	return groups;
}

const newGroup = (names: Pick<ServiceGroup, 'namespace' | 'service' | 'environment'>): ServiceGroup => ({
	...names,
	now: new RedSums(),
	before: new RedSums(),
	steps: new Map(),
	stepsBefore: new Map(),
	versions: new Map(),
	lastSeenMs: 0,
});

function toService(
	group: ServiceGroup,
	firstSeenMs: (version: string) => number | undefined,
	window: TimeWindow,
	{ stepMs, apdexBucket }: ServicesFilter,
): Omit<Service, 'pointsBefore'> {
	const { namespace, service, environment, now, lastSeenMs } = group;
	const versions = [...group.versions]
		.filter(([version]) => version !== '')
		.map(([version, { requests, sinceMs }]) => ({ version, requests, firstSeenMs: firstSeenMs(version) ?? sinceMs }))
		.sort((a, b) => a.firstSeenMs - b.firstSeenMs || (a.version < b.version ? -1 : 1))
		.slice(-maxVersions);
	return {
		service,
		namespace,
		environment,
		...now.red(),
		requestsPerSecond: (now.requests * 1_000) / (window.toMs - window.fromMs),
		errorRatio: now.requests === 0 ? 0 : now.errors / now.requests,
		totalNano: now.totalNano,
		...(apdexBucket === undefined ? {} : { apdex: now.apdex() }),
		spans: now.spans,
		before: group.before.red(),
		lastSeenMs,
		versions,
		points: redPoints(group.steps, window, stepMs),
	};
}

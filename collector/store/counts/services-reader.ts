import type { Service, TimeWindow } from '../../../schema/api.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { NativeTable } from '../native/native-reader.ts';
import type { RedReader, ServicesFilter, WindowScope } from '../reader-types.ts';
import { pointsBefore, redPoints } from './red-points.ts';
import type { InsertRow } from '../derived/insert-rows.ts';
import { comparedScope, isIn } from '../read-scope.ts';
import { countedRows, readRedRows } from './red-rows.ts';
import type { RedKey } from './red-rows.ts';
import type { RedMarks } from './red-source.ts';
import { RedSums, sumsOf } from './red-sums.ts';

const KEYS: readonly RedKey[] = ['service_namespace', 'service', 'environment', 'version'];

const SEEN = `
	SELECT service_namespace AS namespace, service, environment, version,
		toUnixTimestamp64Milli(min(first_time)) AS firstSeenMs, toUnixTimestamp64Milli(max(last_time)) AS lastSeenMs
	FROM service_versions WHERE project = {project:String}
	GROUP BY service_namespace, service, environment, version`;

interface VersionRow {
	namespace: string;
	service: string;
	environment: string;
	version: string;
	firstSeenMs: number;
	lastSeenMs: number;
}

const maxVersions = 20;
const minuteMs = 60_000;

export function createServicesReader(clickhouse: ClickHouse, marks: () => RedMarks): Pick<RedReader, 'services'> {
	return {
		async services(scope, filter) {
			const { stepMs, spans } = filter;
			const where = spans === 'entry' ? 'entry = 1' : '1';
			const matches = ({ entry, names }: InsertRow): boolean =>
				(spans !== 'entry' || entry === 1) && isIn(scope, names.environment);
			const question = {
				scope,
				where,
				parameters: {},
				stepMs,
				ofServices: true,
				keys: KEYS,
				hasLastTime: true,
				matches,
			};
			const { signal, project } = scope;
			const [seen, tables] = await Promise.all([
				clickhouse.rows<VersionRow>(SEEN, { project }, signal),
				readRedRows(clickhouse, question, marks()),
			]);
			return foldServices(groupsOf(tables, filter), seen, scope, filter);
		},
	};
}

interface Sight {
	firstSeenMs: number;
	lastSeenMs: number;
}

interface ServiceGroup {
	namespace: string;
	service: string;
	environment: string;
	now: RedSums;
	before: RedSums;
	steps: Map<number, RedSums>;
	stepsBefore: Map<number, RedSums>;
	/** Requests, and from when to when it is seen here at least. */
	versions: Map<string, Sight & { requests: number }>;
}

const unseen: Sight = { firstSeenMs: Infinity, lastSeenMs: -Infinity };

const widened = (a: Sight, b: Sight): Sight => ({
	firstSeenMs: Math.min(a.firstSeenMs, b.firstSeenMs),
	lastSeenMs: Math.max(a.lastSeenMs, b.lastSeenMs),
});

const serviceKey = (namespace: string, service: string, environment: string): string =>
	JSON.stringify([namespace, service, environment]);

const keyOf = ({ namespace, service, environment }: Pick<ServiceGroup, 'namespace' | 'service' | 'environment'>) =>
	serviceKey(namespace, service, environment);

function foldServices(
	groups: readonly ServiceGroup[],
	seen: readonly VersionRow[],
	scope: WindowScope,
	filter: ServicesFilter,
): Service[] {
	const { stepMs } = filter;
	const compared = comparedScope(scope).window;
	const known = Map.groupBy(seen, (row) => serviceKey(row.namespace, row.service, row.environment));
	return groups
		.map((group) => ({
			...toService(group, known.get(keyOf(group)) ?? [], scope.window, filter),
			pointsBefore: stepMs < minuteMs ? [] : pointsBefore(group.stepsBefore, compared, stepMs),
		}))
		.sort((a, b) => b.totalNano - a.totalNano || (a.service < b.service ? -1 : 1));
}

/** Services of the window, with what they did in the one before. */
function groupsOf(tables: readonly NativeTable[], { stepMs, apdexBucket }: ServicesFilter): ServiceGroup[] {
	const groups = new Map<string, ServiceGroup>();
	for (const table of tables) addRows(groups, table, stepMs, apdexBucket);
	return [...groups.values()].filter(({ steps }) => steps.size > 0);
}

function addRows(
	groups: Map<string, ServiceGroup>,
	table: NativeTable,
	stepMs: number,
	apdexBucket: number | undefined,
): void {
	const groupAt = groupsByName(groups, table);
	const versions = table.dictionary('version');
	const lastMs = table.numbers('last_time', 'int64');
	// Rows out of the store don't tell.
	const firstMs = table.numbers('first_time', 'int64');
	const counted = countedRows(table, apdexBucket);
	for (let row = 0; row < table.rows; row += 1) {
		const { sums, isLater, atMs } = counted(row);
		const group = groupAt(row);
		(isLater ? group.now : group.before).add(sums);
		sumsOf(isLater ? group.steps : group.stepsBefore, Math.floor(atMs / stepMs)).add(sums);
		if (!isLater) continue;
		const endedMs = Number(lastMs[row]);
		const version = versions.dictionary[versions.ids[row] ?? 0] ?? '';
		const seen = group.versions.get(version) ?? { ...unseen, requests: 0 };
		group.versions.set(version, seen);
		seen.requests += sums.requests;
		seen.firstSeenMs = Math.min(seen.firstSeenMs, Number(firstMs[row] ?? endedMs));
		seen.lastSeenMs = Math.max(seen.lastSeenMs, endedMs);
	}
}

/** By the places of names in their dictionaries, because there are far more rows than services. */
function groupsByName(groups: Map<string, ServiceGroup>, table: NativeTable): (row: number) => ServiceGroup {
	const namespaces = table.dictionary('service_namespace');
	const services = table.dictionary('service');
	const environments = table.dictionary('environment');
	const byPlaces = new Map<number, ServiceGroup>();
	return (row) => {
		const [namespace, service, environment] = [
			namespaces.ids[row] ?? 0,
			services.ids[row] ?? 0,
			environments.ids[row] ?? 0,
		];
		const places = (namespace * services.dictionary.length + service) * environments.dictionary.length + environment;
		const known = byPlaces.get(places);
		if (known !== undefined) return known;
		const names = {
			namespace: namespaces.dictionary[namespace] ?? '',
			service: services.dictionary[service] ?? '',
			environment: environments.dictionary[environment] ?? '',
		};
		const key = serviceKey(names.namespace, names.service, names.environment);
		const group = groups.get(key) ?? newGroup(names);
		groups.set(key, group);
		byPlaces.set(places, group);
		return group;
	};
}

const newGroup = (names: Pick<ServiceGroup, 'namespace' | 'service' | 'environment'>): ServiceGroup => ({
	...names,
	now: new RedSums(),
	before: new RedSums(),
	steps: new Map(),
	stepsBefore: new Map(),
	versions: new Map(),
});

function toService(
	group: ServiceGroup,
	known: readonly VersionRow[],
	window: TimeWindow,
	{ stepMs, apdexBucket }: ServicesFilter,
): Omit<Service, 'pointsBefore'> {
	const { namespace, service, environment, now } = group;
	const knownVersions = new Map(known.map((row) => [row.version, row]));
	const seen = [...group.versions.values(), ...known].reduce<Sight>(widened, unseen);
	const versions = [...group.versions]
		.filter(([version]) => version !== '')
		.map(([version, { requests, ...here }]) => ({
			version,
			requests,
			...widened(here, knownVersions.get(version) ?? unseen),
		}))
		.sort((a, b) => a.firstSeenMs - b.firstSeenMs || (a.version < b.version ? -1 : 1));
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
		...seen,
		versions: versions.slice(-maxVersions),
		versionsOf: versions.length,
		points: redPoints(group.steps, window, stepMs),
	};
}

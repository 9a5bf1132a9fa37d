import type { IngestService } from '../../schema/api-ingest.ts';
import type { ClickHouse } from './engine/clickhouse.ts';
import type { ReadWindow } from './derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from './derived/derived-rows.ts';
import type { DerivedMark } from './derived/derived-mark.ts';
import { RED_MINUTES } from './derived/red-minutes.ts';
import type { WindowScope } from './reader-types.ts';
import { IN_WINDOW } from './read-scope.ts';

const minuteMs = 60_000;
const rateMs = 5 * minuteMs;
const scopesMs = 15 * minuteMs;
const dayMs = 86_400_000;
const maxServices = 200;
const maxOfService = 20;

const SERVICES = (read: ReadWindow) => `
	SELECT service_namespace AS namespace, service, sum(spans) AS spanCount,
		sumIf(spans, minute >= fromUnixTimestamp64Milli({rateFromMs:Int64}, 'UTC')) AS recent,
		toUnixTimestamp64Milli(max(last_time)) AS lastSeenMs, count() OVER () AS serviceCount
	FROM (${derivedRows(RED_MINUTES, '1', read)})
	GROUP BY namespace, service ORDER BY spanCount DESC, namespace, service LIMIT ${maxServices}`;

/** Values are tagged; those of the SDK are texts. */
const SDKS = `
	SELECT service_namespace AS namespace, service, substring(attributes['telemetry.sdk.language'], 2) AS language,
		substring(attributes['telemetry.sdk.name'], 2) AS name, substring(attributes['telemetry.sdk.version'], 2) AS version,
		count() OVER (PARTITION BY namespace, service) AS found
	FROM resources
	WHERE project = {project:String} AND day >= toDate({fromDay:Int32}) AND (language != '' OR name != '')
	GROUP BY namespace, service, language, name, version
	ORDER BY namespace, service, language, name, version LIMIT ${maxOfService} BY namespace, service`;

const SCOPES = `
	SELECT namespace, service, scopes.name AS name, scopes.version AS version, sum(spanCount) AS spans,
		count() OVER (PARTITION BY namespace, service) AS found
	FROM (
		SELECT service_namespace AS namespace, service, scope_id, count() AS spanCount FROM spans
		WHERE ${IN_WINDOW} GROUP BY namespace, service, scope_id
	) AS used
	INNER JOIN (
		SELECT id, any(name) AS name, any(version) AS version FROM scopes
		WHERE project = {project:String} AND day >= toDate({fromDay:Int32}) GROUP BY id
	) AS scopes ON scopes.id = used.scope_id
	WHERE name != ''
	GROUP BY namespace, service, name, version
	ORDER BY namespace, service, spans DESC, name, version LIMIT ${maxOfService} BY namespace, service`;

interface OfService {
	namespace: string;
	service: string;
}
type ServiceRecord = OfService & {
	spanCount: string | number;
	recent: string | number;
	lastSeenMs: string | number;
	serviceCount: string | number;
};
/** `found`: how many the service has. */
type SdkRecord = OfService & IngestService['sdks'][number] & { found: string | number };
type ScopeRecord = OfService & { name: string; version: string; spans: string | number; found: string | number };

export interface IngestReader {
	/** What services sent in the window, which ends now, and how many services there are. */
	services(scope: WindowScope): Promise<{ services: IngestService[]; of: number }>;
}

export function createIngestReader(clickhouse: ClickHouse, mark: () => DerivedMark): IngestReader {
	return {
		async services(scope) {
			const { project, window, signal } = scope;
			const rateFromMs = Math.floor((window.toMs - rateMs) / minuteMs) * minuteMs;
			const at = mark();
			const bound = { ...derivedParameters(scope, at), rateFromMs };
			const found = await clickhouse.rows<ServiceRecord>(SERVICES(readWindow(scope, at)), bound, signal);
			const newestMs = Math.max(...found.map(({ lastSeenMs }) => Number(lastSeenMs)), 0);
			const fromDay = Math.floor(window.toMs / dayMs) - 1;
			const near = { project, fromDay, fromMs: newestMs - scopesMs, toMs: newestMs + 1 };
			const [sdks, scopes] = await Promise.all([
				clickhouse.rows<SdkRecord>(SDKS, { project, fromDay }, signal),
				clickhouse.rows<ScopeRecord>(SCOPES, near, signal),
			]);
			const [sdksOf, scopesOf] = [Map.groupBy(sdks, nameOf), Map.groupBy(scopes, nameOf)];
			const services = found.map((each) => ({
				service: each.service,
				namespace: each.namespace,
				spans: Number(each.spanCount),
				spansPerSecond: (Number(each.recent) * 1_000) / (window.toMs - rateFromMs),
				lastSeenMs: Number(each.lastSeenMs),
				sdks: (sdksOf.get(nameOf(each)) ?? []).map(({ language, name, version }) => ({ language, name, version })),
				sdksOf: foundOf(sdksOf.get(nameOf(each))),
				scopes: (scopesOf.get(nameOf(each)) ?? []).map(({ name, version, spans }) => ({
					name,
					version,
					spans: Number(spans),
				})),
				scopesOf: foundOf(scopesOf.get(nameOf(each))),
			}));
			return { services, of: Number(found[0]?.serviceCount ?? 0) };
		},
	};
}

const foundOf = (rows: readonly { found: string | number }[] = []): number => Number(rows[0]?.found ?? 0);

const nameOf = ({ namespace, service }: OfService): string => JSON.stringify([namespace, service]);

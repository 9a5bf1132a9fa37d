import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { IN_WINDOW, scopeParameters } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';

/** What was seen at all, out of the few rows that say when: nothing is counted. */
export interface SightReader {
	/**
	 * Distinct values of a column that `spans` and `service_versions` both have, in order: of those seen first before the end
	 * of the window and last after its beginning, by day. `where` confines both tables.
	 */
	values(
		scope: WindowScope,
		column: 'environment' | 'service_namespace',
		and?: { where: string; parameters: Parameters },
	): Promise<string[]>;
}

const SEEN = (column: string, where: string): string => `
		SELECT ${column} AS value FROM service_versions
		WHERE project = {project:String} AND _day >= toDate(fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC'))
			AND _day <= toDate(fromUnixTimestamp64Milli({toMs:Int64}, 'UTC'))
			AND last_time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
			AND first_time < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC') AND (${where})`;

/** What is stored and not seen yet; to plan this costs more than all of the above. */
const WAITING = (column: string, where: string): string => `
		SELECT ${column} AS value FROM spans
		WHERE ${IN_WINDOW} AND _writer = {writer:UUID} AND _commit > {derivedTo:UInt64} AND (${where})`;

/** `mark`: up to where service_versions may be believed. */
export function createSightReader(clickhouse: ClickHouse, mark: () => DerivedMark): SightReader {
	return {
		async values(scope, column, { where, parameters } = { where: '1', parameters: {} }) {
			const marked = mark();
			const { writer, derivedTo } = marked;
			const bound = { ...scopeParameters(scope), writer, derivedTo, ...parameters };
			const read = async (from: string): Promise<string[]> => {
				const sql = `SELECT DISTINCT value FROM (${from}) ORDER BY value`;
				return (await clickhouse.rows<{ value: string }>(sql, bound, scope.signal)).map(({ value }) => value);
			};
			const isAnyWaiting = marked.waitingFromMs < scope.window.toMs;
			const waiting = column === 'environment' && isAnyWaiting ? marked.environmentsWaiting() : undefined;
			if (!isAnyWaiting || waiting !== undefined) {
				const seen = await read(SEEN(column, where));
				if ([...(waiting ?? [])].every((value) => seen.includes(value))) return seen;
			}
			return read(`${SEEN(column, where)} UNION ALL ${WAITING(column, where)}`);
		},
	};
}

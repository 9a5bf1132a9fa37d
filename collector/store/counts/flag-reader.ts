import { LEAST_GAP_MS, LONGEST_GAP_MS } from '../../analysis/flag-changes.ts';
import type { FlagSight, FlagSlot } from '../../analysis/flag-changes.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { OTHER } from '../derived/red-caps.ts';
import { inEnvironment, ofService } from '../read-scope.ts';
import type { ServiceName, WindowScope } from '../reader-types.ts';

/** Variants of feature flags of which something may have changed in the window. */
export interface FlagSights {
	sights: FlagSight[];
	/** How many flags there are of which something may have changed, and how many of them are missing. */
	found: number;
	unread: number;
	/** How many have too many variants, or are beyond what a service may have: nothing is said of them. */
	beyond: number;
}

export interface FlagReader {
	/** `sinceMs`: what was not seen since then is as good as new. */
	flags(scope: WindowScope, sinceMs: number, service?: ServiceName): Promise<FlagSights>;
}

const hourMs = 3_600_000;
/** Hours of variants that are read at once; of flags beyond it nothing is. */
const maxSlots = 100_000;
/** Services and flags that a statement names. */
const maxNamed = 500;

/** Wider than what is asked for, as `flagChanges` wants it. */
const beforeMs = 2 * (LONGEST_GAP_MS + LEAST_GAP_MS);
const afterMs = LONGEST_GAP_MS + 2 * LEAST_GAP_MS;

const FLAG = 'namespace, service, environment, flag';
const at = (name: string): string => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;

const rowsOf = (scope: WindowScope, service: ServiceName | undefined, fromMs: string, toMs: string): string => `
	SELECT service_namespace AS namespace, service, environment, flag, variant,
		toUnixTimestamp64Milli(min(first_time)) AS firstMs, toUnixTimestamp64Milli(max(last_time)) AS lastMs,
		sum(kept.evaluations) AS spans
	FROM flag_hours AS kept
	WHERE project = {project:String} AND _day >= toDate(${at(fromMs)}) AND _day <= toDate(${at(toMs)})
		AND hour >= ${at(fromMs)} AND hour < ${at(toMs)}
		AND ${inEnvironment(scope)}
		AND ${service === undefined ? '1' : ofService(service)}`;

/** When it last began, after however short a time without it. */
const BEGUN = `arrayMax(arrayMap((slot, before) -> if(slot.1 - before >= ${LEAST_GAP_MS}, slot.1, 0), slots,
	arrayPushFront(arrayPopBack(arrayMap(slot -> slot.2, slots)), toInt64(-${LEAST_GAP_MS}))))`;

/**
 * Of the flags that changed last, whole flags up to the limit. A flag of one variant changes only where it is new, and one whose variants
 * are all seen again within an hour does not.
 */
const CHANGED = (scope: WindowScope, service: ServiceName | undefined): string => `
	SELECT ${FLAG}, variant, slots, isBeyond, found FROM (
		SELECT *, sum(length(slots)) OVER (ORDER BY place) AS slotsUpTo, max(place) OVER () AS found
		FROM (
			SELECT *, dense_rank() OVER (ORDER BY isBeyond DESC, changedMs DESC, ${FLAG}) AS place
			FROM (
				SELECT *, max(flag = '${OTHER}' OR variant = '${OTHER}' AND lastMs >= {fromMs:Int64} - ${LONGEST_GAP_MS})
						OVER (PARTITION BY ${FLAG}) AS isBeyond,
					max(if(lastMs + ${LEAST_GAP_MS} <= flagLastMs, greatest(lastMs, begunMs), begunMs)) OVER (PARTITION BY ${FLAG}) AS changedMs
				FROM (
					SELECT *, ${BEGUN} AS begunMs, slots[-1].2 AS lastMs, max(lastMs) OVER (PARTITION BY ${FLAG}) AS flagLastMs,
						min(slots[1].1) OVER (PARTITION BY ${FLAG}) AS flagFirstMs, count() OVER (PARTITION BY ${FLAG}) AS variants
					FROM (
						SELECT ${FLAG}, variant, arraySort(groupArray((firstMs, lastMs, spans))) AS slots
						FROM (${rowsOf(scope, service, 'hourlyMs', 'untilMs')} GROUP BY ${FLAG}, variant, hour)
						GROUP BY ${FLAG}, variant)))
			WHERE isBeyond OR changedMs >= {fromMs:Int64} AND (variants > 1 OR flagFirstMs >= {fromMs:Int64})))
	WHERE slotsUpTo <= {limit:UInt32}
	ORDER BY place, variant`;

/** Of these flags, and perhaps others. */
const OLDER = (scope: WindowScope, service: ServiceName | undefined): string => `
	${rowsOf(scope, service, 'sinceMs', 'hourlyMs')} AND variant != '${OTHER}'
		AND (empty({services:Array(String)}) OR service IN {services:Array(String)})
		AND (empty({flags:Array(String)}) OR flag IN {flags:Array(String)})
	GROUP BY ${FLAG}, variant`;

/** To plan the others takes ten times as long, and most have none. */
const SOME = 'SELECT 1 FROM flag_hours WHERE project = {project:String} LIMIT 1';

type Row = FlagSight & { isBeyond: number; found: number };
type OlderRow = Omit<FlagSight, 'slots'> & { firstMs: number; lastMs: number; spans: number };

export const createFlagReader = (clickhouse: ClickHouse, limit: number = maxSlots): FlagReader => ({
	async flags(scope, sinceMs, service) {
		const { project, window, environment, signal } = scope;
		const { fromMs, toMs } = window;
		const some = await clickhouse.rows(SOME, { project }, signal);
		if (some.length === 0) return { sights: [], found: 0, unread: 0, beyond: 0 };
		const hourlyMs = Math.floor((fromMs - beforeMs) / hourMs) * hourMs;
		const bounds = { fromMs, hourlyMs, sinceMs: Math.min(sinceMs, hourlyMs), untilMs: toMs + afterMs };
		const parameters = { project, ...bounds, ...(environment === undefined ? {} : { environment }), ...service };
		const rows = await clickhouse.rows<Row>(CHANGED(scope, service), { ...parameters, limit }, signal);
		const read = rows.filter(({ isBeyond }) => isBeyond === 0);
		const found = rows[0]?.found ?? 0;
		const counts = { found, unread: found - flagsIn(rows).size, beyond: flagsIn(rows).size - flagsIn(read).size };
		if (read.length === 0) return { sights: [], ...counts };
		const named = { services: fewOf(read.map((row) => row.service)), flags: fewOf(read.map((row) => row.flag)) };
		const older = await clickhouse.rows<OlderRow>(OLDER(scope, service), { ...parameters, ...named }, signal);
		return { sights: joined(read, older), ...counts };
	},
});

const keyOf = ({ namespace, service, environment, flag }: Omit<FlagSight, 'slots' | 'variant'>): string =>
	JSON.stringify([namespace, service, environment, flag]);
const flagsIn = (rows: readonly FlagSight[]): Set<string> => new Set(rows.map(keyOf));

/** None, for all, where they are too many to be named. */
function fewOf(names: readonly string[]): string[] {
	const found = [...new Set(names)];
	return found.length > maxNamed ? [] : found;
}

/** What is older is one slot before those by hour. */
function joined(rows: readonly Row[], older: readonly OlderRow[]): FlagSight[] {
	const wanted = flagsIn(rows);
	const sights = new Map<string, FlagSight>();
	const add = (sight: Omit<FlagSight, 'slots'>, slots: readonly FlagSlot[]): void => {
		const { namespace, service, environment, flag, variant } = sight;
		const key = `${keyOf(sight)} ${variant}`;
		const before = sights.get(key)?.slots ?? [];
		sights.set(key, { namespace, service, environment, flag, variant, slots: [...before, ...slots] });
	};
	for (const row of older) if (wanted.has(keyOf(row))) add(row, [[row.firstMs, row.lastMs, row.spans]]);
	for (const row of rows) if (row.variant !== OTHER) add(row, row.slots);
	return [...sights.values()];
}

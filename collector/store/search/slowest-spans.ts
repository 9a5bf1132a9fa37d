import type { TimeWindow } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { inEnvironment, scopeParameters } from '../read-scope.ts';
import { STRETCH_MS } from '../stretch.ts';
import type { WindowScope } from '../reader-types.ts';

const stretchSeconds = STRETCH_MS / 1_000;
const START = 'toStartOfFiveMinutes(time)';
/** What a column of seconds holds. */
const lastSecond = 2 ** 32 - 1;

/** So many at once are planned within some milliseconds. */
const mostStretches = 1_000;
const growth = 4;

/** Those in which something matches, by the longest that one of them took; the longest first. */
export interface Stretches {
	/** In seconds since the epoch. */
	starts: Uint32Array;
	mostNano: BigUint64Array;
	/** Of which it isn't known, so that they are read for every page. */
	unknown?: readonly number[];
}

/** The first and, exclusively, the last stretch that a window touches. */
export function stretchesOf({ fromMs, toMs }: TimeWindow): { first: number; end: number } {
	const within = (seconds: number) => Math.min(Math.max(seconds, 0), lastSecond);
	const first = Math.floor(fromMs / 1_000 / stretchSeconds) * stretchSeconds;
	return { first: within(first), end: within(Math.ceil(toMs / 1_000)) };
}

/** Whether few stretches of the window can be enough for a page of so many rows. */
export function isWorthAsking({ window }: WindowScope, { isOfServices }: CompiledQuery, enough: number): boolean {
	const { first, end } = stretchesOf(window);
	return isOfServices === true && (end - first) / stretchSeconds >= 2 * (enough + 2);
}

/**
 * Answered from a projection, in which parts of spans keep it themselves (schema/clickhouse/0070_slowest_by_service.sql), as long as
 * nothing is named but its columns: so it is as exact as spans are, and stretches are whole where the window cuts them.
 */
const MOST_BY_STRETCH = (scope: WindowScope, { where }: CompiledQuery): string => {
	const { first, end } = stretchesOf(scope.window);
	return `
	SELECT toUnixTimestamp(${START}) AS start, max(duration_nano) AS mostNano
	FROM spans WHERE project = {project:String} AND ${START} >= ${first} AND ${START} < ${end}
		AND ${inEnvironment(scope)} AND (${where})
	GROUP BY ${START} ORDER BY mostNano DESC`;
};

export async function readStretches(
	clickhouse: ClickHouse,
	scope: WindowScope,
	query: CompiledQuery,
): Promise<Stretches> {
	const parameters = { ...query.parameters, ...scopeParameters(scope) };
	const table = await clickhouse.columns(MOST_BY_STRETCH(scope, query), parameters, scope.signal);
	return { starts: table.numbers('start', 'uint32'), mostNano: table.numbers('mostNano', 'uint64') };
}

/** The part of a window that lies in these stretches. */
export const inStretches = (starts: readonly number[]): string => `${START} IN (${starts.join(', ')})`;

interface SlowestPage {
	window: TimeWindow;
	/** Duration of the row that the page comes after. */
	afterNano: string | undefined;
	/** Rows that are read. */
	enough: number;
}

/**
 * How many stretches hold that many spans of the page: each of those after the ones that may hold what comes before has one, at
 * least, which took as long as its longest. Of equals all are taken, so that no span elsewhere took as long.
 */
function enoughStretches(mostNano: BigUint64Array, afterNano: string | undefined, wanted: number): number {
	const before = afterNano === undefined ? 0 : mostNano.findIndex((most) => most < BigInt(afterNano));
	const least = before < 0 ? undefined : mostNano[before + wanted - 1];
	if (least === undefined) return mostNano.length;
	const more = mostNano.findIndex((most) => most < least);
	return more < 0 ? mostNano.length : more;
}

/**
 * The slowest that match, from few stretches of the window where these are enough: a page is, when its last row took longer
 * than anything elsewhere. Copies, what lies beyond the ends of the window, and what was deleted meanwhile may make it too short;
 * then more are read.
 * @param read yields up to `enough` rows, the slowest first; of the whole window where no stretches are given
 */
export async function readSlowest<Row extends { sortKey: string }>(
	{ starts, mostNano, unknown = [] }: Stretches,
	{ window, afterNano, enough }: SlowestPage,
	read: (starts?: readonly number[]) => Promise<Row[]>,
): Promise<Row[]> {
	if (starts.length + unknown.length === 0) return [];
	const { first, end } = stretchesOf(window);
	// The window cuts two of them.
	for (let wanted = enough + 2; ; wanted *= growth) {
		const chosen = enoughStretches(mostNano, afterNano, wanted);
		const stretches = [...unknown, ...starts.subarray(0, chosen)];
		if (stretches.length > mostStretches || stretches.length * 2 > (end - first) / stretchSeconds) return read();
		const rows = await read(stretches);
		const elsewhere = mostNano[chosen];
		const last = rows[enough - 1];
		if (elsewhere === undefined || (last !== undefined && BigInt(last.sortKey) > elsewhere)) return rows;
	}
}

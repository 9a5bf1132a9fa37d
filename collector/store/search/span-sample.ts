import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';

/** Spans that stand for all that match, where these are too many to be read. */
export interface SpanSample {
	/** One in so many; 1: all of them. */
	every: number;
	of: 'span' | 'trace';
	/** What they fulfil, with `AND` in front; of all spans nothing. */
	condition: string;
	/** Sums of what was counted, over all services: of the sample, and of all spans that match. */
	counted: readonly number[];
	all: readonly number[];
}

export const ALL_SPANS: SpanSample = { every: 1, of: 'span', condition: '', counted: [], all: [] };

/** What is counted of the spans of each service; the spans first. */
type CountsByService = ReadonlyMap<string, readonly number[]>;
/** Of spans that fulfil a condition, with `AND` in front. */
type CountByService = (condition: string) => Promise<CountsByService>;

/** @param spans yields these columns of the spans that match and fulfil a condition; `aggregates` are over them */
export const countByService =
	(
		clickhouse: ClickHouse,
		aggregates: readonly string[],
		spans: (columns: string, condition: string) => string,
		parameters: Parameters,
		signal?: AbortSignal,
	): CountByService =>
	async (condition) => {
		const sql = `SELECT service, [${aggregates.join(', ')}] AS counts FROM (${spans('service', condition)}) GROUP BY service`;
		const rows = await clickhouse.rows<{ service: string; counts: number[] }>(sql, parameters, signal);
		return new Map(rows.map(({ service, counts }) => [service, counts]));
	};

/** So many spans more or less than a service's share may be chance: of a trace all are in the sample, or none is. */
const chanceSpans = 100;

/**
 * Traces whose ids begin low, as long as ids are random: spans lie in the order of their ids, so that only these are read. Ids
 * may as well begin with a time, or with zeros where a tracer has but 64 bits; such a service would be in the sample whole
 * or not at all. So it is counted whether each service has its share, and where one has not, spans are taken by a hash of their
 * ids, for which all are read.
 */
export async function sampleSpans(most: number, count: CountByService): Promise<SpanSample> {
	const ofAll = await count('');
	const all = total(ofAll);
	const every = Math.max(1, Math.ceil((all[0] ?? 0) / most));
	if (every === 1) return { ...ALL_SPANS, counted: all, all };
	const ofTraces = await count(oneTraceIn(every));
	if (isFair(ofAll, ofTraces, every))
		return { every, of: 'trace', condition: oneTraceIn(every), counted: total(ofTraces), all };
	return { every, of: 'span', condition: oneSpanIn(every), counted: total(await count(oneSpanIn(every))), all };
}

const oneTraceIn = (every: number): string => {
	const end = Math.floor(2 ** 32 / every)
		.toString(16)
		.padStart(8, '0');
	return ` AND trace_id < toFixedString(unhex('${end}'), 16)`;
};

const oneSpanIn = (every: number): string => ` AND cityHash64(span_id) % ${every} = 0`;

/** Of each service, and of all that is counted of it, between half and twice its share. */
function isFair(all: CountsByService, some: CountsByService, every: number): boolean {
	return [...all].every(([service, counts]) =>
		counts.every((of, at) => {
			const share = of / every;
			const found = some.get(service)?.[at] ?? 0;
			return found >= share / 2 - chanceSpans && found <= share * 2 + chanceSpans;
		}),
	);
}

function total(byService: CountsByService): number[] {
	const sums: number[] = [];
	for (const counts of byService.values())
		for (const [at, count] of counts.entries()) sums[at] = (sums[at] ?? 0) + count;
	return sums;
}

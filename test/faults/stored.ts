import type { ClickHouse } from '../../collector/store/engine/clickhouse.ts';
import { until } from '../support/product.ts';
import type { Ledger } from './ledger.ts';

/** What a promise came to, of spans or of log records. */
export interface Kept {
	acknowledged: number;
	lost: number;
	doubled: number;
	foreign: number;
}

/** How many copies of each span are stored, or of each log record. */
export type Copies = ReadonlyMap<number, number>;

export interface Stored {
	spans: Copies;
	logs: Copies;
}

const rollupMs = 300_000;
const SPANS_OF_SERVICES = 'SELECT service, count() AS spans FROM spans GROUP BY service';
const ROLLED_UP = 'SELECT service, sum(spans) AS spans FROM red_minutes GROUP BY service';

export async function storedCopies(clickhouse: ClickHouse): Promise<Stored> {
	const copiesIn = async (table: keyof Stored): Promise<Copies> => {
		const rows = await clickhouse.rows<{ id: string; copies: number }>(
			`SELECT toString(reinterpretAsUInt64(reverse(span_id))) AS id, count() AS copies FROM ${table} GROUP BY id`,
			{},
		);
		return new Map(rows.map(({ id, copies }) => [Number(id), copies]));
	};
	return { spans: await copiesIn('spans'), logs: await copiesIn('logs') };
}

/** Holds what is stored against what clients were told, and against what was stored `before`, of which nothing may go. */
export function keptOf(stored: Copies, ledger: Ledger, before: Copies = new Map()): Kept {
	const [acknowledged, sent] = [ledger.ids('acknowledged'), ledger.ids('sent')];
	const isMissing = (id: number): boolean => !stored.has(id);
	const isDoubled = ([id, copies]: [number, number]): boolean =>
		copies > (before.get(id) ?? 1) && (sent.has(id) || before.has(id));
	// Spans of the ledgers before this one come late where nobody was told of them.
	const isForeign = (id: number): boolean => id >= ledger.firstId && !sent.has(id) && !before.has(id);
	return {
		acknowledged: acknowledged.size,
		lost: [...acknowledged, ...before.keys()].filter(isMissing).length,
		doubled: [...stored].filter(isDoubled).length,
		foreign: [...stored.keys()].filter(isForeign).length,
	};
}

/** Spans in the rollup by minute, and in the table of spans. */
export interface RolledUp {
	rolledUp: number;
	stored: number;
	/** Services that the rollup counts differently, each with both figures. */
	differing: string[];
}

/** Waits until the rollup has as many spans as are stored, which it collects for half a minute. */
export async function rolledUp(clickhouse: ClickHouse): Promise<RolledUp> {
	const spansOf = async (query: string): Promise<Map<string, number>> => {
		const rows = await clickhouse.rows<{ service: string; spans: number }>(query, {});
		return new Map(rows.map(({ service, spans }) => [service, spans]));
	};
	const sum = (spans: Map<string, number>): number => [...spans.values()].reduce((total, each) => total + each, 0);
	const stored = await spansOf(SPANS_OF_SERVICES);
	const isComplete = async () => (sum(await spansOf(ROLLED_UP)) >= sum(stored) ? true : undefined);
	await until(isComplete, 'the rollup', rollupMs).catch(() => undefined);
	const counted = await spansOf(ROLLED_UP);
	const differing = [...stored]
		.filter(([service, spans]) => counted.get(service) !== spans)
		.map(([service, spans]) => `${counted.get(service) ?? 0} of ${spans} of ${service}`);
	return { rolledUp: sum(counted), stored: sum(stored), differing };
}

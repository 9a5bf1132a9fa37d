import type { TimeWindow } from '../../../schema/api.ts';
import type { Brush } from '../../../schema/api-difference.ts';
import type { KeyCounts } from '../../analysis/difference.ts';
import { withinDurations } from '../../analysis/duration-bounds.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { durationSql, fieldsSql, numberOfBucket, numbersSql, resourcesSql, textsSql } from './difference-sql.ts';
import { FIELD_KEYS, keyOfField, keyOfResource, keyOfSpan } from '../derived/attribute-keys.ts';
import type { PlacedKey } from '../derived/attribute-keys.ts';
import { scopeParameters } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { countByService, sampleSpans } from './span-sample.ts';
import { spansInScope } from '../whole-partitions.ts';

/** Some of the spans of a query. */
export interface Selection extends Brush {
	/** Compiled with another prefix than the query that it selects from. */
	query: CompiledQuery;
	/** Where the rest lies, in place of everywhere in the scope where nothing is selected. */
	against?: TimeWindow;
}

export interface Difference {
	/** Spans compared, on either side. */
	selected: number;
	rest: number;
	keys: KeyCounts[];
	/** All that match; more than were compared where there are too many. */
	matching: number;
}

export interface DifferenceReader {
	/** Counts every attribute of span and resource on both sides of a selection. */
	compare(scope: WindowScope, query: CompiledQuery, selection: Selection): Promise<Difference>;
}

/** Up to so many spans all of them are compared; of more, some that stand for all. */
const maxSpans = 1_000_000;

interface KeyRow {
	key: string;
	spans: number;
	distinct: number;
	/** Smallest first: minus the difference of shares, value, selected, rest. */
	top: [order: number, value: string, selected: number, rest: number][];
	inAll?: [buckets: number[], counts: number[]];
	ofSelected?: [buckets: number[], counts: number[]];
}

export function createDifferenceReader(clickhouse: ClickHouse, most = maxSpans): DifferenceReader {
	const isSharded = clickhouse.shards.length > 1;
	return {
		async compare(scope, query, selection) {
			const selected = withinDurations(selection.query, selection);
			const matching = matchingSql(scope, query, { ...selection, query: selected }, isSharded);
			const parameters = {
				...query.parameters,
				...selected.parameters,
				...scopeParameters(scope),
				...sideParameters(selection),
			};
			const count = countByService(clickhouse, ['count()', 'sum(sel)'], matching, parameters, scope.signal);
			const { condition, counted, all } = await sampleSpans(most, count);
			const [compared = 0, isSelected = 0] = counted;
			const sides = { selected: isSelected, rest: compared - isSelected };
			const keys =
				sides.selected === 0 || sides.rest === 0
					? []
					: await readKeys(clickhouse, scope, (columns) => matching(columns, condition), { ...parameters, ...sides });
			return { ...sides, keys, matching: all[0] ?? 0 };
		},
	};
}

/** Some columns of the spans that fulfil one more condition, and whether each is selected. */
function matchingSql(
	scope: WindowScope,
	query: CompiledQuery,
	selection: Selection,
	isSharded: boolean,
): (columns: string, more: string) => string {
	const isSelected = [`(${selection.query.where})`, ...brushConditions(selection)].join(' AND ');
	return (columns, more) => {
		const condition = `(${query.where})${more}${onSides(isSelected, selection)}`;
		return spansInScope(`${columns}, toUInt8(${isSelected}) AS sel`, condition, scope, isSharded);
	};
}

/** Between two windows that don't touch lies nothing that is compared. */
const onSides = (isSelected: string, { against }: Selection): string =>
	against === undefined
		? ''
		: ` AND ((${isSelected}) OR (time >= fromUnixTimestamp64Milli({againstFromMs:Int64}, 'UTC')
			AND time < fromUnixTimestamp64Milli({againstToMs:Int64}, 'UTC')))`;

function brushConditions({ fromMs, toMs }: Brush): string[] {
	return [
		...(fromMs === undefined ? [] : ["time >= fromUnixTimestamp64Milli({brushFromMs:Int64}, 'UTC')"]),
		...(toMs === undefined ? [] : ["time < fromUnixTimestamp64Milli({brushToMs:Int64}, 'UTC')"]),
	];
}

const sideParameters = ({ fromMs, toMs, against }: Selection): Parameters => ({
	brushFromMs: fromMs ?? 0,
	brushToMs: toMs ?? 0,
	...(against === undefined ? {} : { againstFromMs: against.fromMs, againstToMs: against.toMs }),
});

async function readKeys(
	clickhouse: ClickHouse,
	{ signal }: WindowScope,
	matching: (columns: string) => string,
	parameters: Parameters,
): Promise<KeyCounts[]> {
	const read = async (sql: string, placed: (key: string) => PlacedKey) => {
		const rows = await clickhouse.rows<KeyRow>(sql, parameters, signal);
		return rows.map((row) => toKeyCounts(row, placed(row.key)));
	};
	const found = await Promise.all([
		read(fieldsSql(matching), (key) => (FIELD_KEYS.has(key) ? keyOfField(key) : keyOfSpan(key))),
		read(textsSql('attributes_string', matching), keyOfSpan),
		read(textsSql('attributes_bool', matching), keyOfSpan),
		read(numbersSql('attributes_int64', matching), keyOfSpan),
		read(numbersSql('attributes_double', matching), keyOfSpan),
		read(durationSql(matching), keyOfField),
		read(resourcesSql(matching), keyOfResource),
	]);
	return joinTypes(found.flat());
}

function toKeyCounts(row: KeyRow, placed: PlacedKey): KeyCounts {
	const unit = placed.scope === 'field' ? 'nano' : 'number';
	return {
		...placed,
		spans: row.spans,
		distinct: row.distinct,
		values: row.top.map(([, value, selected, rest]) => ({ value, selected, rest })),
		...(row.inAll === undefined ? {} : { numbers: { unit, ...numbersOf(row.inAll, row.ofSelected) } }),
	};
}

function numbersOf([buckets, counts]: [number[], number[]], ofSelected: KeyRow['ofSelected']) {
	const selectedOf = new Map(ofSelected?.[0].map((bucket, index) => [bucket, ofSelected[1][index] ?? 0]));
	const selected = buckets.map((bucket) => selectedOf.get(bucket) ?? 0);
	return {
		values: buckets.map(numberOfBucket),
		selected,
		rest: counts.map((count, index) => count - (selected[index] ?? 0)),
	};
}

/** An attribute that came with several types is one key. */
function joinTypes(found: readonly KeyCounts[]): KeyCounts[] {
	const byKey = new Map<string, KeyCounts>();
	for (const counts of found) {
		const known = byKey.get(`${counts.scope} ${counts.key}`);
		const joined: KeyCounts =
			known === undefined
				? counts
				: {
						...(known.spans >= counts.spans ? known : counts),
						spans: known.spans + counts.spans,
						distinct: known.distinct + counts.distinct,
						values: joinValues([...known.values, ...counts.values]),
					};
		byKey.set(`${counts.scope} ${counts.key}`, joined);
	}
	return [...byKey.values()];
}

/** `500` as a number and `500` as a text are found by the same search. */
function joinValues(values: KeyCounts['values']): KeyCounts['values'] {
	const joined = new Map<string, { value: string; selected: number; rest: number }>();
	for (const { value, selected, rest } of values) {
		const known = joined.get(value);
		joined.set(value, { value, selected: selected + (known?.selected ?? 0), rest: rest + (known?.rest ?? 0) });
	}
	return [...joined.values()];
}

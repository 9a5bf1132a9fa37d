import { ATTRIBUTE_TYPES } from '../../../schema/api-attributes.ts';
import type { AttributeKey, KeysAnswer, ValuesAnswer } from '../../../schema/api-attributes.ts';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import type { Partial, TimeWindow } from '../../../schema/api.ts';
import type { Key } from '../../../schema/query-syntax.ts';
import { attributeNames } from '../../analysis/query-attribute-names.ts';
import { escapeLike } from '../../analysis/query-value-test.ts';
import { FIELD_KEYS, keyOfField, keyOfResource, keyOfSpan } from '../derived/attribute-keys.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { ALL_SPANS, OTHER_KEYS, READ_SPANS } from '../derived/attribute-values.ts';
import type { WindowScope } from '../reader-types.ts';
import { cutPartial, joinPartials } from '../../partials.ts';

/** What there is to choose from while somebody types, by whole hours. Environments are not told apart. */
export interface CompletionReader {
	keys(scope: WindowScope, prefix: string, limit: number): Promise<KeysAnswer>;
	/** Undefined for keys that have no values to choose from. */
	values(scope: WindowScope, key: Key, prefix: string, limit: number): Promise<ValuesAnswer | undefined>;
}

const hourMs = 3_600_000;

const IN_HOURS = `project = {project:String}
	AND _day >= toDate(fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')) AND _day <= toDate(fromUnixTimestamp64Milli({toMs:Int64}, 'UTC'))
	AND hour >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') AND hour < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`;

const KEYS = `
	SELECT scope, key, argMax(type, ofType) AS type, sum(ofType) AS spans, countIf(scope < ${OTHER_KEYS}) OVER () AS found
	FROM (
		SELECT scope, key, type, sum(spans) AS ofType FROM attribute_values
		WHERE ${IN_HOURS} AND (scope < ${OTHER_KEYS} AND key ILIKE {holds:String} OR scope = ${OTHER_KEYS})
		GROUP BY scope, key, type)
	GROUP BY scope, key
	ORDER BY scope = ${OTHER_KEYS} DESC, key ILIKE {begins:String} DESC, spans DESC, key, scope
	LIMIT {limit:UInt32} + 1`;

const VALUES = `
	SELECT value, sum(spans) AS spans, countIf(value != '') OVER () AS found FROM attribute_values
	WHERE ${IN_HOURS} AND scope IN {scopes:Array(UInt8)} AND key IN {names:Array(String)} AND (value = '' OR value ILIKE {holds:String})
	GROUP BY value
	ORDER BY value = '' DESC, value ILIKE {begins:String} DESC, spans DESC, value
	LIMIT {limit:UInt32} + 1`;

/** Of the spans that came in those hours, how many were read. */
const SAMPLED = `
	SELECT sumIf(spans, scope = ${READ_SPANS}) AS seen, sumIf(spans, scope = ${ALL_SPANS}) AS of
	FROM attribute_values WHERE ${IN_HOURS} AND scope IN (${ALL_SPANS}, ${READ_SPANS})`;

interface Found {
	/** How many there are beside those that were read. */
	found: number;
}
interface KeyRow extends Found {
	scope: number;
	key: string;
	type: number;
	spans: number;
}

interface ValueRow extends Found {
	value: string;
	spans: number;
}

export function createCompletionReader(clickhouse: ClickHouse): CompletionReader {
	const sampled = async ({ project, signal }: WindowScope, window: TimeWindow): Promise<Partial | undefined> => {
		const [counted] = await clickhouse.rows<{ seen: number; of: number }>(SAMPLED, { project, ...window }, signal);
		return counted && cutPartial(ESTIMATED, counted.seen, counted.of, 'spans');
	};
	return {
		async keys(scope, prefix, limit) {
			const window = wholeHours(scope);
			const parameters = { project: scope.project, ...window, ...patterns(prefix), limit };
			const [rows, estimated] = await Promise.all([
				clickhouse.rows<KeyRow>(KEYS, parameters, scope.signal),
				sampled(scope, window),
			]);
			const keys = rows.filter((row) => row.scope !== OTHER_KEYS).slice(0, limit);
			return {
				window,
				keys: keys.map(toKey),
				others: rows.find((row) => row.scope === OTHER_KEYS)?.spans ?? 0,
				...joinPartials(cutPartial(MOST_FREQUENT, keys.length, foundOf(rows), 'keys'), estimated),
			};
		},
		async values(scope, key, prefix, limit) {
			const where = placeOf(key);
			if (where === undefined) return undefined;
			const window = wholeHours(scope);
			const parameters = { project: scope.project, ...window, ...where, ...patterns(prefix), limit };
			const [rows, estimated] = await Promise.all([
				clickhouse.rows<ValueRow>(VALUES, parameters, scope.signal),
				sampled(scope, window),
			]);
			const values = rows
				.filter(({ value }) => value !== '')
				.slice(0, limit)
				.map(({ value, spans }) => ({ value, spans }));
			return {
				window,
				values,
				others: rows.find(({ value }) => value === '')?.spans ?? 0,
				...joinPartials(cutPartial(MOST_FREQUENT, values.length, foundOf(rows), 'values'), estimated),
			};
		},
	};
}

const MOST_FREQUENT = 'the most frequent only';
const ESTIMATED = 'how many spans have each is estimated from some of them';

const foundOf = ([first]: readonly Found[]): number => first?.found ?? 0;

const wholeHours = ({ window }: WindowScope) => ({
	fromMs: Math.floor(window.fromMs / hourMs) * hourMs,
	toMs: Math.ceil(window.toMs / hourMs) * hourMs,
});

const patterns = (prefix: string) => ({ holds: `%${escapeLike(prefix)}%`, begins: `${escapeLike(prefix)}%` });

const [FIELD, SPAN, RESOURCE] = [0, 1, 2];

function toKey({ scope, key, type, spans }: KeyRow): AttributeKey {
	if (scope === RESOURCE) return { ...keyOfResource(key), type: ATTRIBUTE_TYPES[type] ?? 'text', spans };
	if (scope === FIELD && FIELD_KEYS.has(key)) return { ...keyOfField(key), type: 'text', spans };
	const isWhole = PROMOTED_ATTRIBUTES.some(({ attribute, storage }) => attribute === key && storage === 'int64');
	return { ...keyOfSpan(key), type: isWhole ? 'integer' : (ATTRIBUTE_TYPES[type] ?? 'text'), spans };
}

/** Where the values of a key are kept, under the name it has today. */
function placeOf(key: Key): { scopes: number[]; names: readonly string[] } | undefined {
	if (key.kind === 'trace') return undefined;
	if (key.kind === 'span') return FIELD_KEYS.has(key.field) ? { scopes: [FIELD], names: [key.field] } : undefined;
	const { names } = attributeNames(key.key);
	switch (key.scope) {
		case 'any':
			return { scopes: [...ofSpan(names), RESOURCE], names };
		case 'span':
			return { scopes: ofSpan(names), names };
		case 'resource':
			return { scopes: [RESOURCE], names };
		default:
			return undefined;
	}
}

/** Promoted attributes are counted beside the fields; an attribute that is named like a field is not. */
const ofSpan = (names: readonly string[]): number[] =>
	names.some((name) => PROMOTED_ATTRIBUTES.some(({ attribute }) => attribute === name)) ? [FIELD, SPAN] : [SPAN];

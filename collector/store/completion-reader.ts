import { ATTRIBUTE_TYPES } from '../../schema/api-attributes.ts';
import type { AttributeKey, KeysAnswer, ValuesAnswer } from '../../schema/api-attributes.ts';
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { Key } from '../../schema/query-syntax.ts';
import { attributeNames } from '../analysis/query-attribute-names.ts';
import { escapeLike } from '../analysis/query-value-test.ts';
import { FIELD_KEYS, keyOfField, keyOfResource, keyOfSpan } from './attribute-keys.ts';
import type { ClickHouse } from './clickhouse.ts';
import { OTHER_KEYS } from './derived/attribute-values.ts';
import type { WindowScope } from './reader-types.ts';

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
	SELECT scope, key, argMax(type, ofType) AS type, sum(ofType) AS spans
	FROM (
		SELECT scope, key, type, sum(spans) AS ofType FROM attribute_values
		WHERE ${IN_HOURS} AND (key ILIKE {holds:String} OR scope = ${OTHER_KEYS})
		GROUP BY scope, key, type)
	GROUP BY scope, key
	ORDER BY scope = ${OTHER_KEYS} DESC, key ILIKE {begins:String} DESC, spans DESC, key, scope
	LIMIT {limit:UInt32} + 1`;

const VALUES = `
	SELECT value, sum(spans) AS spans FROM attribute_values
	WHERE ${IN_HOURS} AND scope IN {scopes:Array(UInt8)} AND key IN {names:Array(String)} AND (value = '' OR value ILIKE {holds:String})
	GROUP BY value
	ORDER BY value = '' DESC, value ILIKE {begins:String} DESC, spans DESC, value
	LIMIT {limit:UInt32} + 1`;

interface KeyRow {
	scope: number;
	key: string;
	type: number;
	spans: number;
}

export function createCompletionReader(clickhouse: ClickHouse): CompletionReader {
	return {
		async keys(scope, prefix, limit) {
			const window = wholeHours(scope);
			const parameters = { project: scope.project, ...window, ...patterns(prefix), limit };
			const rows = await clickhouse.rows<KeyRow>(KEYS, parameters, scope.signal);
			const keys = rows.filter((row) => row.scope !== OTHER_KEYS).slice(0, limit);
			return {
				window,
				keys: keys.map(toKey),
				others: rows.find((row) => row.scope === OTHER_KEYS)?.spans ?? 0,
			};
		},
		async values(scope, key, prefix, limit) {
			const where = placeOf(key);
			if (where === undefined) return undefined;
			const window = wholeHours(scope);
			const parameters = { project: scope.project, ...window, ...where, ...patterns(prefix), limit };
			const rows = await clickhouse.rows<{ value: string; spans: number }>(VALUES, parameters, scope.signal);
			const values = rows.filter(({ value }) => value !== '').slice(0, limit);
			return { window, values, others: rows.find(({ value }) => value === '')?.spans ?? 0 };
		},
	};
}

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

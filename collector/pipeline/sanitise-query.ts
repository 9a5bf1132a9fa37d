import { QueryCache } from './query-cache.ts';
import { sanitiseCommand, sanitiseRedis } from './query-command.ts';
import { QueryHash } from './query-hash.ts';
import { sanitiseJson } from './query-json.ts';
import { sanitiseSql } from './sanitise-sql.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { guessedSql, sqlDialect } from './sql-dialect.ts';
import { KEYWORD, keywordAt } from './sql-keywords.ts';
import { SqlTokens } from './sql-tokens.ts';

export interface SanitisedQuery {
	/** The query with `?` for every value. */
	text: string;
	/** The low-cardinality name: `SELECT orders customers`, `HMSET`. Empty when the query names no operation. */
	summary: string;
	/** 16 hexadecimal digits: the same for queries of one system that differ in values and blanks alone. */
	fingerprint: string;
	/** How many statements or commands stand in `text`; those that repeat the one before are not in it. */
	statements: number;
}

type Unmarked = Omit<SanitisedQuery, 'fingerprint'> & { addTo?: (hash: QueryHash) => void };

const LANGUAGES: ReadonlyMap<string, (query: string) => Unmarked> = new Map([
	['redis', sanitiseRedis],
	['valkey', sanitiseRedis],
	['memcached', sanitiseCommand],
	['mongodb', sanitiseJson],
	['elasticsearch', sanitiseJson],
	['opensearch', sanitiseJson],
]);

/** Words with which SQL begins, and hardly any other language. */
const BEGINS_SQL = new Set<number>([
	KEYWORD.select,
	KEYWORD.insert,
	KEYWORD.update,
	KEYWORD.delete,
	KEYWORD.merge,
	KEYWORD.define,
	KEYWORD.drop,
	KEYWORD.call,
	KEYWORD.with,
	KEYWORD.explain,
	KEYWORD.begin,
	KEYWORD.grant,
]);
const FIRST_WORD = /^[\s({;]*([A-Za-z]{2,16})\b/;

/** `system` is a value of `db.system.name`, empty when it isn't known. `tokens` is working space. */
export function sanitiseQuery(system: string, query: string, tokens: SqlTokens = new SqlTokens()): SanitisedQuery {
	const dialect = sqlDialect(system) ?? (LANGUAGES.has(system) ? undefined : guessedDialect(query));
	const { addTo, ...sanitised } =
		dialect === undefined ? inOtherLanguage(system, query) : sanitiseSql(query, dialect, tokens);
	const hash = new QueryHash().add(system).add('\n');
	if (addTo === undefined) hash.add(sanitised.text);
	else addTo(hash);
	return { ...sanitised, fingerprint: hash.digest() };
}

/** SQL by its first word: comments before it are taken for SQL too, since no other language of queries has them. */
function guessedDialect(query: string): SqlDialect | undefined {
	const begin = query.slice(0, 256).trimStart();
	if (begin.startsWith('/*') || begin.startsWith('--')) return guessedSql;
	const word = FIRST_WORD.exec(begin)?.[1] ?? '';
	return BEGINS_SQL.has(keywordAt(word, 0, word.length)) ? guessedSql : undefined;
}

function inOtherLanguage(system: string, query: string): Unmarked {
	const sanitise = LANGUAGES.get(system);
	if (sanitise !== undefined) return sanitise(query);
	return /^\s*[[{]/.test(query) ? sanitiseJson(query) : sanitiseCommand(query);
}

/**
 * The summary of a call that ran several statements at once. `batchSize` is `db.operation.batch.size`.
 * Source: semantic conventions, registry, `db.query.summary`.
 */
export function batchSummary(query: Pick<SanitisedQuery, 'summary' | 'statements'>, batchSize: number): string {
	if (batchSize < 2) return query.summary;
	const isOneKind = query.statements === 1 && query.summary !== '';
	return isOneKind && query.summary.length <= 255 - 'BATCH '.length ? `BATCH ${query.summary}` : 'BATCH';
}

const DEFAULT_BOUNDS = { maxEntries: 4_096, maxBytes: 16 * 1024 * 1024 };

/** What V8 takes for an entry of a Map, three objects and the headers of the strings. */
const ENTRY_BYTES = 256;

/** Working space, and the results of the texts that come again and again. One for each thread. */
export class QuerySanitiser {
	readonly #tokens = new SqlTokens();
	readonly #cache: QueryCache<{ system: string; query: SanitisedQuery }>;

	constructor(bounds: { maxEntries: number; maxBytes: number } = DEFAULT_BOUNDS) {
		this.#cache = new QueryCache(bounds);
	}

	get cacheHits(): number {
		return this.#cache.hits;
	}

	get cacheMisses(): number {
		return this.#cache.misses;
	}

	sanitise(system: string, query: string): SanitisedQuery {
		// The system isn't part of the key, since joining the two would copy every text. One text rarely goes to two systems.
		const kept = this.#cache.get(query);
		if (kept?.system === system) return kept.query;
		const sanitised = sanitiseQuery(system, query, this.#tokens);
		const characters = query.length + sanitised.text.length + sanitised.summary.length;
		this.#cache.set(query, { system, query: sanitised }, characters * 2 + ENTRY_BYTES);
		return sanitised;
	}
}

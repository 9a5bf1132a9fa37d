/** What a word can mean to the summary and to the folding of lists. 0 stands for every other word. */
export const KEYWORD = {
	none: 0,
	/** An operation wherever it stands: no other word is spelt like it. */
	select: 1,
	/** Operations where a statement begins, or behind WITH and EXPLAIN. */
	insert: 2,
	update: 3,
	delete: 4,
	merge: 5,
	/** CREATE, ALTER, DROP, TRUNCATE …: the kind of object comes next. */
	define: 6,
	/** DROP and TRUNCATE, which take a list. */
	drop: 7,
	call: 8,
	/** A command whose next word is what it works on. */
	command: 9,
	/** A command that works on nothing with a lasting name. */
	bareCommand: 10,
	begin: 11,
	explain: 12,
	with: 13,
	from: 14,
	join: 15,
	into: 16,
	using: 17,
	/** TABLE, INDEX, VIEW, … */
	objectKind: 18,
	/** Words between an operation and its target. */
	modifier: 19,
	/** WHERE, SET, GROUP …: no further targets behind the commas that follow. */
	endOfTargets: 20,
	/** UNION, EXCEPT, INTERSECT, MINUS. */
	setOperator: 21,
	batch: 22,
	boolean: 23,
	null: 24,
	in: 25,
	values: 26,
	/** SAVEPOINT, DEALLOCATE: the name that follows is made up for the moment. */
	passingName: 27,
	distinct: 28,
	as: 29,
	grant: 30,
	if: 31,
	exists: 32,
	/** A command of its own, and the end of UPDATE's targets. */
	set: 33,
} as const;
export type Keyword = (typeof KEYWORD)[keyof typeof KEYWORD];

const WORDS: readonly (readonly [keyword: Keyword, words: string])[] = [
	[KEYWORD.select, 'SELECT'],
	[KEYWORD.insert, 'INSERT REPLACE UPSERT'],
	[KEYWORD.update, 'UPDATE'],
	[KEYWORD.delete, 'DELETE'],
	[KEYWORD.merge, 'MERGE'],
	[KEYWORD.define, 'CREATE ALTER RENAME'],
	[KEYWORD.drop, 'DROP TRUNCATE LOCK'],
	[KEYWORD.call, 'CALL EXEC EXECUTE'],
	[KEYWORD.command, 'USE COPY DESCRIBE OPTIMIZE REFRESH REINDEX'],
	[
		KEYWORD.bareCommand,
		'COMMIT ROLLBACK SHOW START RELEASE END FETCH CLOSE DECLARE PREPARE DISCARD LISTEN NOTIFY UNLISTEN RESET VACUUM ANALYZE CHECKPOINT PRAGMA LOAD ATTACH DETACH KILL FLUSH UNLOCK HANDLER DO CLUSTER COMMENT',
	],
	[KEYWORD.begin, 'BEGIN'],
	[KEYWORD.explain, 'EXPLAIN'],
	[KEYWORD.with, 'WITH'],
	[KEYWORD.from, 'FROM'],
	[KEYWORD.join, 'JOIN STRAIGHT_JOIN'],
	[KEYWORD.into, 'INTO'],
	[KEYWORD.using, 'USING'],
	[
		KEYWORD.objectKind,
		'TABLE INDEX VIEW SCHEMA DATABASE PROCEDURE PROC FUNCTION TRIGGER USER ROLE SEQUENCE TYPE DOMAIN EXTENSION TABLESPACE KEYSPACE DICTIONARY POLICY SYNONYM PACKAGE COLUMNFAMILY AGGREGATE',
	],
	[
		KEYWORD.modifier,
		'OR IGNORE ABORT FAIL LOW_PRIORITY HIGH_PRIORITY DELAYED QUICK OVERWRITE ONLY LATERAL TEMP TEMPORARY UNLOGGED UNIQUE GLOBAL LOCAL EXTERNAL MATERIALIZED CLUSTERED NONCLUSTERED FULLTEXT SPATIAL NOT CONCURRENTLY RECURSIVE IMMEDIATE TOP ALL ONLINE OFFLINE VIRTUAL BITMAP VERBOSE ON',
	],
	[
		KEYWORD.endOfTargets,
		'WHERE GROUP ORDER HAVING LIMIT OFFSET RETURNING WINDOW QUALIFY FOR CONNECT PIVOT UNPIVOT OUTPUT PREWHERE SETTINGS OPTION',
	],
	[KEYWORD.setOperator, 'UNION EXCEPT INTERSECT MINUS'],
	[KEYWORD.batch, 'BATCH'],
	[KEYWORD.boolean, 'TRUE FALSE'],
	[KEYWORD.null, 'NULL'],
	[KEYWORD.in, 'IN'],
	[KEYWORD.values, 'VALUES VALUE'],
	[KEYWORD.passingName, 'SAVEPOINT DEALLOCATE'],
	[KEYWORD.distinct, 'DISTINCT'],
	[KEYWORD.as, 'AS'],
	[KEYWORD.grant, 'GRANT REVOKE'],
	[KEYWORD.if, 'IF'],
	[KEYWORD.exists, 'EXISTS'],
	[KEYWORD.set, 'SET'],
];

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
	WORDS.flatMap(([keyword, words]) => words.split(' ').map((word) => [word, keyword] as const)),
);
const LONGEST = Math.max(...[...KEYWORDS.keys()].map((word) => word.length));

/** What the word from `start` to `end` means, in any case. */
export function keywordAt(text: string, start: number, end: number): Keyword {
	const length = end - start;
	if (length < 2 || length > LONGEST) return KEYWORD.none;
	return KEYWORDS.get(text.slice(start, end).toUpperCase()) ?? KEYWORD.none;
}

/**
 * A table that is made of committed spans: each span is accounted for in it exactly once. To add one, see
 * docs/howto/add-a-derived-table.md.
 */
export interface DerivedTable {
	/** Made of the rows of this derived table, instead of spans. */
	from?: DerivedTable;
	/** Readers count from spans what it lacks, so that under load it does not wait for its turn. */
	isCounted?: boolean;
	/** How long spans wait at least for it, where readers don't mind: a longer wait makes fewer rows. */
	everyMs?: number;
	/** About how many spans one range has; so many don't wait. */
	maxSpans?: number;
	/**
	 * Where estimates do: of a unit with more spans than about twice this only some inserts are read, and `store` has to
	 * multiply what it counts by its second argument.
	 */
	sampleSpans?: number;
	/** Of spans with feature flags alone: nothing is asked of inserts that are known to have none. */
	isOfFlags?: boolean;
	/** It has a column `last_time`: when the last of the spans of a row ended. */
	hasLastTime?: boolean;
	/** The table, and the name its progress is kept under. */
	name: string;
	/** What `select` yields; besides them the table has `_day Date`, `_writer UUID` and `_commit UInt64`. */
	columns: string;
	/**
	 * A query over `spans`, or over the table it is made from, with this condition. It has to be additive: what it says of two sets of spans together is what it
	 * says of each, added up by whoever reads the table.
	 */
	select: (where: string) => string;
	/**
	 * What adds up to what `select` would yield of spans, for readers, who count from them what isn't derived yet. A table that is
	 * made of another has to say it.
	 */
	ofSpans?: (where: string) => string;
	/** What is stored instead of that, where the two differ in names. Its spans are of one project and day, which it may bind. */
	store?: (where: string, factor?: string) => string;
}

const dayMs = 86_400_000;

/** Bound by `rangeParameters`. `time` prunes partitions, `_commit` has an index. */
const SPANS_IN_RANGE = `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({dayStartMs:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({dayEndMs:Int64}, 'UTC')
	AND _writer = {writer:UUID} AND _commit > {after:UInt64} AND _commit <= {upTo:UInt64}`;

const ROWS_IN_RANGE = `project = {project:String} AND _day = toDate({day:Int32})
	AND _writer = {writer:UUID} AND _commit > {after:UInt64} AND _commit <= {upTo:UInt64}`;

/** Spans of a project that ended on one day, since the epoch, and lie at one shard. All of an insert of spans lie in one. */
export interface Unit {
	project: string;
	day: number;
	/** At which of several shards; 0 where it isn't said. */
	shard?: number;
}

/** Spans of commits after the first up to and with the last. */
export interface CommitRange {
	writer: string;
	after: number;
	upTo: number;
}

const SAMPLED = `${SPANS_IN_RANGE} AND _commit IN {sampled:Array(UInt64)}`;
const FACTOR = `(SELECT count() / greatest(countIf(_commit IN {sampled:Array(UInt64)}), 1) FROM spans WHERE ${SPANS_IN_RANGE})`;

/**
 * One insert, one part: all of the range's rows of the unit, or none. The table is partitioned by project and `_day`.
 * `isSampled`: made of the commits in `sampled` alone.
 */
export const deriveSql = (
	{ name, columns, select, store = select, from }: DerivedTable,
	isSampled: boolean,
): string => `
	INSERT INTO ${name} (${columns}, _day, _writer, _commit)
	SELECT ${columns}, toDate({day:Int32}), {writer:UUID}, {upTo:UInt64} FROM (${
		isSampled ? store(SAMPLED, FACTOR) : store(from === undefined ? SPANS_IN_RANGE : ROWS_IN_RANGE, '1')
	})`;

export const rangeParameters = (
	{ project, day }: Unit,
	{ writer, after, upTo }: CommitRange,
	sampled: number[] = [],
) => ({
	sampled,
	project,
	day,
	dayStartMs: day * dayMs,
	dayEndMs: (day + 1) * dayMs,
	writer,
	after,
	upTo,
});

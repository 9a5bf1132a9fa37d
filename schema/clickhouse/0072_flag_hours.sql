-- Which variants of feature flags spans were given, by hour. First, last and how often add up however often rows are joined.
-- A derived table: collector/store/derived/flag-hours.ts, which also bounds how many flags and variants a day keeps.
CREATE TABLE IF NOT EXISTS {database}.flag_hours {on_cluster}
(
	project LowCardinality(String),
	hour DateTime('UTC'),
	service_namespace LowCardinality(String),
	service LowCardinality(String),
	environment LowCardinality(String),
	flag LowCardinality(String),
	variant LowCardinality(String),
	-- Spans with this variant.
	evaluations SimpleAggregateFunction(sum, UInt64),
	first_time SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
	last_time SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
	_day Date,
	_writer UUID,
	_commit SimpleAggregateFunction(max, UInt64),
	INDEX by_commit _commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:AggregatingMergeTree}
PARTITION BY (project, _day)
ORDER BY (project, service, service_namespace, environment, flag, variant, hour, _day, _writer)
SETTINGS
	-- What is older is asked of a few flags, each a few rows of each day.
	index_granularity = 1024,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

-- When each version of a service was first and last seen, by day. First and last sight don't change by being noted twice, so
-- rows of different commits may be joined. A derived table: collector/store/derived/derived-table.ts.
CREATE TABLE IF NOT EXISTS {database}.service_versions {on_cluster}
(
	project LowCardinality(String),
	service_namespace LowCardinality(String),
	service LowCardinality(String),
	environment LowCardinality(String),
	version LowCardinality(String),
	first_time SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
	last_time SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
	_day Date,
	_writer UUID,
	_commit SimpleAggregateFunction(max, UInt64),
	INDEX by_commit _commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:AggregatingMergeTree}
PARTITION BY (project, _day)
ORDER BY (project, service, service_namespace, environment, version, _day, _writer)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

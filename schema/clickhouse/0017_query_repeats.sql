-- The same query again and again under one parent span (N+1), by minute of the last of them. Derived from whole buckets of
-- five minutes of spans, as service_edges is: only the rows of a bucket's highest version hold.
CREATE TABLE IF NOT EXISTS {database}.query_repeats {on_cluster}
(
	project LowCardinality(String),
	bucket DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	version UInt64 CODEC(ZSTD(1)),
	minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	-- 255 in the row that says that the bucket was derived, from how many `spans`, and in `calls` up to when.
	type UInt8,
	environment LowCardinality(String),
	service_namespace LowCardinality(String),
	service LowCardinality(String),
	query UInt64 CODEC(ZSTD(1)),
	system LowCardinality(String),
	namespace LowCardinality(String),
	-- Spans that have such repeats below them.
	parents UInt64 CODEC(ZSTD(1)),
	calls Float64 CODEC(ZSTD(1)),
	most_repeats UInt64 CODEC(ZSTD(1)),
	-- Time in which at least one of the repeats ran, over all parents.
	busy_nano Float64 CODEC(ZSTD(1)),
	spans UInt64 CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}(version)
PARTITION BY (project, toDate(bucket))
ORDER BY (project, bucket, minute, type, query, service_namespace, service, environment, system, namespace)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

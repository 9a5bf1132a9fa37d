-- What red_minutes has, without its operations, kinds and types: for who looks at whole services.
-- A derived table: collector/store/derived/derived-table.ts.
CREATE TABLE IF NOT EXISTS {database}.service_minutes {on_cluster}
(
	project LowCardinality(String),
	minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	service_namespace LowCardinality(String) CODEC(ZSTD(1)),
	service LowCardinality(String) CODEC(ZSTD(1)),
	environment LowCardinality(String) CODEC(ZSTD(1)),
	version LowCardinality(String) CODEC(ZSTD(1)),
	entry UInt8 CODEC(ZSTD(1)),
	error UInt8 CODEC(ZSTD(1)),
	-- First digit of the HTTP status code, 0 where there is none.
	status_class UInt8 CODEC(ZSTD(1)),
	requests Float64 CODEC(ZSTD(1)),
	spans UInt64 CODEC(T64, ZSTD(1)),
	total_nano Float64 CODEC(ZSTD(1)),
	first_time DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	last_time DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	-- schema/histogram.ts: which buckets, and how many requests in each.
	buckets Array(Int16) CODEC(ZSTD(1)),
	bucket_requests Array(Float64) CODEC(ZSTD(1)),
	_day Date CODEC(ZSTD(1)),
	_writer UUID CODEC(ZSTD(1)),
	_commit UInt64 CODEC(ZSTD(1)),
	INDEX by_writer _writer TYPE minmax GRANULARITY 1,
	INDEX by_commit _commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (project, _day)
-- All services of an hour lie together, and one service's hour is a granule of them.
ORDER BY (project, toStartOfHour(minute), entry, service, minute)
SETTINGS
	index_granularity = 256,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

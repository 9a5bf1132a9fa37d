-- Database calls by minute of their end, grouped by query. Calls and buckets are weighted by sampling, spans are not.
-- A derived table: collector/store/derived/derived-table.ts.
CREATE TABLE IF NOT EXISTS {database}.query_minutes {on_cluster}
(
	project LowCardinality(String),
	minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	service_namespace LowCardinality(String) CODEC(ZSTD(1)),
	service LowCardinality(String) CODEC(ZSTD(1)),
	environment LowCardinality(String) CODEC(ZSTD(1)),
	-- The fingerprint; of calls without a text a hash of their operation.
	query UInt64 CODEC(ZSTD(1)),
	system LowCardinality(String) CODEC(ZSTD(1)),
	namespace LowCardinality(String) CODEC(ZSTD(1)),
	operation LowCardinality(String) CODEC(ZSTD(1)),
	text LowCardinality(String) CODEC(ZSTD(1)),
	calls Float64 CODEC(ZSTD(1)),
	errors Float64 CODEC(ZSTD(1)),
	spans UInt64 CODEC(T64, ZSTD(1)),
	total_nano Float64 CODEC(ZSTD(1)),
	-- schema/histogram.ts.
	buckets Array(Int32) CODEC(ZSTD(1)),
	bucket_calls Array(Float64) CODEC(ZSTD(1)),
	_day Date CODEC(ZSTD(1)),
	_writer UUID CODEC(ZSTD(1)),
	_commit UInt64 CODEC(ZSTD(1)),
	INDEX by_commit _commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (project, _day)
ORDER BY (project, toStartOfHour(minute), query, service, minute)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

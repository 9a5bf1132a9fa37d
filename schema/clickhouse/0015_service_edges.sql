-- Calls between services, and from services to databases, queues and other hosts, by minute of the end of the counted span.
-- Derived from whole buckets of five minutes of spans: of each bucket only the rows of its highest version hold. A row of
-- `type` 255 says that the bucket was derived and from how many spans; it comes in the same insert as the bucket's edges.
CREATE TABLE IF NOT EXISTS {database}.service_edges {on_cluster}
(
	project LowCardinality(String),
	bucket DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	version UInt64 CODEC(ZSTD(1)),
	minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	-- schema/service-map.ts, by index.
	type UInt8,
	caller_type UInt8,
	callee_type UInt8,
	environment LowCardinality(String),
	caller_namespace LowCardinality(String),
	caller LowCardinality(String),
	callee_namespace LowCardinality(String),
	callee LowCardinality(String),
	-- The host that was called, where known; between services, the queue.
	address LowCardinality(String),
	-- Weighted by sampling, as the buckets are.
	calls Float64 CODEC(ZSTD(1)),
	errors Float64 CODEC(ZSTD(1)),
	total_nano Float64 CODEC(ZSTD(1)),
	spans UInt64 CODEC(ZSTD(1)),
	-- schema/histogram.ts.
	buckets Array(Int32) CODEC(ZSTD(1)),
	bucket_calls Array(Float64) CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}(version)
PARTITION BY (project, toDate(bucket))
ORDER BY (project, bucket, minute, type, caller_type, callee_type, caller_namespace, caller, callee_namespace, callee, address, environment)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

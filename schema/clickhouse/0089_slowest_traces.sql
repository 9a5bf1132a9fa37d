-- How long the slowest trace of each service took in each five minutes, as spans lie in, and which traces lie in more than one of them.
-- The slowest traces of a day are in a few of them, and only these are read: collector/store/search/slowest-traces.ts. Derived from
-- whole buckets of five minutes of spans, as service_edges is: only the rows of a bucket's highest version hold.
CREATE TABLE IF NOT EXISTS {database}.slowest_traces {on_cluster}
(
	project LowCardinality(String),
	bucket DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	version UInt64 CODEC(ZSTD(1)),
	-- 0: the longest of what lies in the bucket of traces with a span of these columns. 1: a trace that began in an earlier bucket, and
	-- what its spans in `stretch` have in these columns. 254: the bucket has too many rows to keep, and none are here. 255: it was derived.
	type UInt8,
	stretch DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	service_namespace LowCardinality(String),
	service LowCardinality(String),
	environment LowCardinality(String),
	service_version LowCardinality(String),
	error UInt8,
	entry UInt8,
	-- Of type 0.
	longest_nano UInt64 CODEC(T64, ZSTD(1)),
	-- Of type 1: start and end of all that is known of the trace at the end of the bucket, an hour back.
	trace_id FixedString(16) CODEC(ZSTD(1)),
	first_nano UInt64 CODEC(Delta(8), ZSTD(1)),
	last_nano UInt64 CODEC(Delta(8), ZSTD(1)),
	-- Of type 255: spans in the bucket and, in `spans`, with those of the hour before it, counted before it was derived; in `calls` when.
	own_spans UInt64 CODEC(ZSTD(1)),
	spans UInt64 CODEC(ZSTD(1)),
	calls Float64 CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}(version)
PARTITION BY (project, toDate(bucket))
ORDER BY (project, bucket, type, service, service_namespace, environment, service_version, error, entry, stretch, trace_id)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

-- Where traces wasted time: one row an issue and trace. A trace that gets another span is looked at again, and its rows are
-- written anew; what is no longer so is `gone`. The row that was analysed last holds.
CREATE TABLE IF NOT EXISTS {database}.performance_findings {on_cluster}
(
	project LowCardinality(String),
	day Date,
	trace_id FixedString(16) CODEC(ZSTD(1)),
	issue UInt64 CODEC(ZSTD(1)),
	analysed DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	gone UInt8,
	-- Of the span around it, as for spans.
	time DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	span_id FixedString(8) CODEC(ZSTD(1)),
	kind LowCardinality(String) CODEC(ZSTD(1)),
	service_namespace LowCardinality(String) CODEC(ZSTD(1)),
	service LowCardinality(String) CODEC(ZSTD(1)),
	environment LowCardinality(String) CODEC(ZSTD(1)),
	version LowCardinality(String) CODEC(ZSTD(1)),
	operation LowCardinality(String) CODEC(ZSTD(1)),
	-- What is repeated, or lies around a gap.
	subject String CODEC(ZSTD(1)),
	-- Places in the trace, and calls in all of them.
	places UInt32 CODEC(ZSTD(1)),
	spans UInt32 CODEC(ZSTD(1)),
	wasted_nano UInt64 CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY (project, day)
ORDER BY (project, trace_id, issue)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

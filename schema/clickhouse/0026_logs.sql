-- Log records that belong to a trace, or that carry an exception. A record lies at its own time, else at its observed one,
-- or at its receive time when that was out of range: `time`, as with spans.
CREATE TABLE IF NOT EXISTS {database}.logs {on_cluster}
(
	project LowCardinality(String),
	time DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	-- Zeros for a record that belongs to no trace, or to no span.
	trace_id FixedString(16) CODEC(ZSTD(1)),
	span_id FixedString(8) CODEC(ZSTD(1)),
	-- As sent, 0 when they were not.
	time_nano UInt64 CODEC(ZSTD(1)),
	observed_nano UInt64 CODEC(ZSTD(1)),
	service_namespace LowCardinality(String) CODEC(ZSTD(1)),
	service LowCardinality(String) CODEC(ZSTD(1)),
	environment LowCardinality(String) CODEC(ZSTD(1)),
	version LowCardinality(String) CODEC(ZSTD(1)),
	instance LowCardinality(String) CODEC(ZSTD(1)),
	scope_name LowCardinality(String) CODEC(ZSTD(1)),
	-- OTLP's number: 1 to 24, four for each of TRACE, DEBUG, INFO, WARN, ERROR, FATAL; 0 when it was not sent.
	severity UInt8 CODEC(ZSTD(1)),
	severity_text LowCardinality(String) CODEC(ZSTD(1)),
	event_name LowCardinality(String) CODEC(ZSTD(1)),
	-- A tagged value, as attributes are: schema/span-block.ts. Empty without a body.
	body String CODEC(ZSTD(1)),
	-- exception.* where they came as texts: they live here alone and not among the attributes. Empty when they were not sent.
	exception_type LowCardinality(String) CODEC(ZSTD(1)),
	exception_message String CODEC(ZSTD(1)),
	exception_stacktrace String CODEC(ZSTD(1)),
	-- Tagged values.
	attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
	dropped_attributes UInt32 CODEC(ZSTD(1)),
	flags UInt32 CODEC(ZSTD(1)),
	marks UInt32 CODEC(ZSTD(1)),
	resource_id UInt64 CODEC(ZSTD(1)),
	scope_id UInt64 CODEC(ZSTD(1)),
	-- Which spool a record came through, and in which of its batches; zero for those that came past it.
	_src UUID CODEC(ZSTD(1)),
	_batch UInt64 CODEC(ZSTD(1)),

	INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
	INDEX by_batch _batch TYPE minmax GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (project, toStartOfInterval(time, INTERVAL 3 HOUR, 'UTC'))
ORDER BY (project, toStartOfFiveMinutes(time), trace_id)
SETTINGS
	index_granularity = 2048,
	min_bytes_for_wide_part = 67108864,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

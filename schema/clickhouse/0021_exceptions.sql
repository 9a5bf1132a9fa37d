-- One row an exception that a span recorded as an event. A derived table: collector/store/derived/derived-table.ts.
CREATE TABLE IF NOT EXISTS {database}.exceptions {on_cluster}
(
	project LowCardinality(String),
	-- As of the span.
	time DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	minute DateTime('UTC') ALIAS toStartOfMinute(toDateTime(time, 'UTC')),
	service_namespace LowCardinality(String) CODEC(ZSTD(1)),
	service LowCardinality(String) CODEC(ZSTD(1)),
	environment LowCardinality(String) CODEC(ZSTD(1)),
	version LowCardinality(String) CODEC(ZSTD(1)),
	operation LowCardinality(String) CODEC(ZSTD(1)),
	trace_id FixedString(16) CODEC(ZSTD(1)),
	span_id FixedString(8) CODEC(NONE),
	-- The same for copies of one event, as retries leave them.
	occurrence UInt64 CODEC(NONE),
	-- Exceptions that say the same but for numbers: collector/store/exception-sql.ts. What they are grouped by follows from it.
	variant UInt64 CODEC(ZSTD(1)),
	_day Date CODEC(ZSTD(1)),
	_writer UUID CODEC(ZSTD(1)),
	_commit UInt64 CODEC(ZSTD(1)),
	INDEX by_commit _commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (project, _day)
ORDER BY (project, service, variant, time)
SETTINGS
	index_granularity = 2048,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

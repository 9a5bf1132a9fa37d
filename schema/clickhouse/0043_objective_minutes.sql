-- Good and all events of objectives by minute, counted from spans: a row for every minute that was counted, empty ones too, so
-- that what is missing is what was never counted. Counted again when late spans came.
CREATE TABLE IF NOT EXISTS {database}.objective_minutes {on_cluster}
(
	project LowCardinality(String),
	-- A hash of what is counted.
	objective FixedString(16) CODEC(ZSTD(1)),
	minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	good Float64 CODEC(ZSTD(1)),
	total Float64 CODEC(ZSTD(1)),
	counted DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}(counted)
PARTITION BY toStartOfMonth(minute)
ORDER BY (project, objective, minute)
SETTINGS
	index_granularity = 2048,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

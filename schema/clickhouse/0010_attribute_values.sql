-- Which keys and values spans have, and how often, by hour of the end of spans: for completion while somebody types.
-- A derived table: collector/store/derived/attribute-values.ts, which also bounds how many values of a key are kept.
CREATE TABLE IF NOT EXISTS {database}.attribute_values {on_cluster}
(
	project LowCardinality(String),
	hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	-- 0 a field, 1 the span's attribute, 2 the resource's.
	scope UInt8 CODEC(ZSTD(1)),
	-- 0 text, 1 int64, 2 double, 3 truth value.
	type UInt8 CODEC(ZSTD(1)),
	key LowCardinality(String) CODEC(ZSTD(1)),
	-- Empty: values that are not kept one by one.
	value String CODEC(ZSTD(1)),
	spans UInt64 CODEC(T64, ZSTD(1)),
	_day Date CODEC(ZSTD(1)),
	_writer UUID CODEC(ZSTD(1)),
	_commit UInt64 CODEC(ZSTD(1)),
	INDEX by_commit _commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (project, _day)
ORDER BY (project, scope, key, value, hour)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

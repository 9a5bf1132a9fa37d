-- What spans say they come from, once per day of spans and id, so that the TTL drops a resource no sooner than its spans.
CREATE TABLE IF NOT EXISTS {database}.resources {on_cluster}
(
	project LowCardinality(String),
	day Date,
	id UInt64,
	service LowCardinality(String),
	service_namespace LowCardinality(String),
	version LowCardinality(String),
	instance LowCardinality(String),
	environment LowCardinality(String),
	-- Tagged values: schema/span-block.ts.
	attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
	dropped_attributes UInt32,
	schema_url String CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY day
ORDER BY (project, id)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

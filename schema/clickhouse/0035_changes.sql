-- What people and pipelines told of changes: deploys, configuration, flags, migrations. The same told twice is one.
CREATE TABLE IF NOT EXISTS {database}.changes {on_cluster}
(
	project LowCardinality(String),
	time DateTime64(3, 'UTC'),
	id String,
	kind LowCardinality(String),
	service_namespace LowCardinality(String),
	service LowCardinality(String),
	environment LowCardinality(String),
	revision String CODEC(ZSTD(1)),
	title String CODEC(ZSTD(1)),
	author String CODEC(ZSTD(1)),
	url String CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toStartOfMonth(time)
ORDER BY (project, time, id)
SETTINGS
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

-- What people decide, and what the program has to remember beyond a restart: documents, each version a row that never
-- changes, so that the history is the audit. One collector at a time writes here: collector/state/.
CREATE TABLE IF NOT EXISTS {database}.state {on_cluster}
(
	project LowCardinality(String),
	kind LowCardinality(String),
	name String,
	version UInt64,
	time DateTime64(3, 'UTC'),
	author String,
	-- 1: from this version on there is no such document.
	deleted UInt8,
	-- JSON, empty where deleted.
	document String CODEC(ZSTD(1))
)
ENGINE = {engine:MergeTree}
ORDER BY (project, kind, name, version)
SETTINGS
	index_granularity = 1024,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

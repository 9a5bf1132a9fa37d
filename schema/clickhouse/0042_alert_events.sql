-- The history of alerts: every transition, what was found when it fired, acknowledgements and notes. A row never changes; the
-- same event written twice is one.
CREATE TABLE IF NOT EXISTS {database}.alert_events {on_cluster}
(
	project LowCardinality(String),
	rule LowCardinality(String),
	-- Empty of what leads to no firing.
	firing_id String CODEC(ZSTD(1)),
	kind LowCardinality(String),
	time DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
	-- Values of the group and key of the condition.
	group_key String CODEC(ZSTD(1)),
	condition_key LowCardinality(String),
	author String CODEC(ZSTD(1)),
	text String CODEC(ZSTD(1)),
	-- JSON: a Transition of what fired or resolved, an Evidence of what was found.
	document String CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toStartOfMonth(time)
ORDER BY (project, rule, firing_id, kind, time, group_key, condition_key, text)
SETTINGS
	index_granularity = 1024,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

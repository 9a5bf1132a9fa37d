-- What each evaluation of a rule measured, before it was judged: a row an evaluation, with all groups, so that it is there
-- whole or not at all. Judging again what stands here leads to the same transitions: collector/alerting/scheduler.ts.
CREATE TABLE IF NOT EXISTS {database}.alert_evaluations {on_cluster}
(
	project LowCardinality(String),
	-- Kind and name of the document.
	rule LowCardinality(String),
	-- A hash of what was asked: values of another query are not values of this one.
	question FixedString(16) CODEC(ZSTD(1)),
	-- End of the window.
	time DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
	-- Of two evaluators the one that was started last holds.
	epoch UInt32 CODEC(ZSTD(1)),
	-- Empty where it could be measured.
	error String CODEC(ZSTD(1)),
	groups Array(String) CODEC(ZSTD(1)),
	values Array(Nullable(Float64)) CODEC(ZSTD(1)),
	requests Array(Float64) CODEC(ZSTD(1)),
	-- Of each group what it is compared with: the window a week before, burn rates.
	before Array(Array(Nullable(Float64))) CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree}(epoch)
PARTITION BY toMonday(time)
ORDER BY (project, rule, question, time)
SETTINGS
	index_granularity = 1024,
	ttl_only_drop_parts = 1,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

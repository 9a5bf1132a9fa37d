-- The state of each rule as the evaluator last left it. Evaluations after it are judged again after a restart.
CREATE TABLE IF NOT EXISTS {database}.alert_states {on_cluster}
(
	project LowCardinality(String),
	rule String,
	question FixedString(16),
	epoch UInt32,
	-- Grows within an epoch.
	sequence UInt64,
	-- 1: the rule is gone, and what it fired has ended.
	deleted UInt8,
	-- JSON: collector/alerting/evaluate/evaluate.ts, RuleState.
	state String CODEC(ZSTD(1)),
	version UInt64 MATERIALIZED bitShiftLeft(toUInt64(epoch), 40) + sequence
)
ENGINE = {engine:ReplacingMergeTree}(version)
ORDER BY (project, rule)
SETTINGS
	index_granularity = 256,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

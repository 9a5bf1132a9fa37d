-- What a deletion has to find, and to find again after a restart: the traces, the hours in which their spans ended, and, as
-- hashes, the variants of their exceptions and the attribute values that only they had.
CREATE TABLE IF NOT EXISTS {database}.deletions {on_cluster}
(
	deletion UUID,
	made DateTime('UTC') DEFAULT now(),
	-- 0 a trace, 1 an hour, 2 a variant, 3 an attribute value.
	kind UInt8,
	trace_id FixedString(16),
	hour DateTime('UTC'),
	hash UInt64
)
ENGINE = {engine:MergeTree}
ORDER BY (deletion, kind, trace_id)
TTL made + toIntervalDay(30)
SETTINGS
	index_granularity = 1024,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

-- Copies of the spans of pinned traces, which outlive the others: no time to live. The same columns as spans, in their order:
-- whoever adds one there adds it here.
CREATE TABLE IF NOT EXISTS {database}.pinned_spans {on_cluster} AS {database}.spans
ENGINE = {engine:MergeTree}
ORDER BY (project, trace_id)
SETTINGS
	index_granularity = 1024,
	min_bytes_for_wide_part = 67108864,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

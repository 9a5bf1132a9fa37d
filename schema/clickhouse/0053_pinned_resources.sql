-- Copies of the resources that pinned traces name.
CREATE TABLE IF NOT EXISTS {database}.pinned_resources {on_cluster} AS {database}.resources
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (project, id)
SETTINGS
	index_granularity = 1024,
	fsync_after_insert = 1,
	fsync_part_directory = 1,
	min_rows_to_fsync_after_merge = 1,
	min_compressed_bytes_to_fsync_after_merge = 1

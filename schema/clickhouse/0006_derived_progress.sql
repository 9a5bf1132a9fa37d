-- Up to which commit of a writer a derived table has been made, noted now and then: where to begin to look after a restart.
-- Exact is only what the derived table itself says.
CREATE TABLE IF NOT EXISTS {database}.derived_progress {on_cluster}
(
	writer UUID,
	derived LowCardinality(String),
	commit UInt64,
	noted DateTime DEFAULT now()
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (writer, derived)
SETTINGS
	fsync_after_insert = 1,
	fsync_part_directory = 1

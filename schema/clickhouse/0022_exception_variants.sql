-- To which issue each variant of an exception belongs, and one sample of it in full. Follows from the sample alone, so that
-- a row that is written again is the same.
CREATE TABLE IF NOT EXISTS {database}.exception_variants {on_cluster}
(
	project LowCardinality(String),
	variant UInt64,
	issue UInt64,
	type String CODEC(ZSTD(1)),
	title String CODEC(ZSTD(1)),
	-- Function and file of the innermost own frame.
	culprit String CODEC(ZSTD(1)),
	message String CODEC(ZSTD(1)),
	stack String CODEC(ZSTD(1)),
	assigned DateTime('UTC') DEFAULT now()
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (project, variant)
SETTINGS
	index_granularity = 256,
	fsync_after_insert = 1,
	fsync_part_directory = 1

-- Which spool a span came through, and in which of its batches: so that the spool can ask what of a batch is stored.
-- Constant within a part as it is inserted, so both cost next to nothing. Zero for spans that came past the spool.
ALTER TABLE {database}.spans {on_cluster}
	ADD COLUMN IF NOT EXISTS _src UUID CODEC(ZSTD(1)),
	ADD COLUMN IF NOT EXISTS _batch UInt64 CODEC(ZSTD(1)),
	ADD INDEX IF NOT EXISTS by_batch _batch TYPE minmax GRANULARITY 1

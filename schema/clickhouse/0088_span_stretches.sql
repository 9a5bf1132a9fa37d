-- Which five minutes a span lies in, by which spans are ordered: next to nothing to keep or to read, where a chart by time would
-- unpack the time of every span. Of parts from before it is worked out from their times.
ALTER TABLE {database}.spans {on_cluster}
	ADD COLUMN IF NOT EXISTS stretch DateTime('UTC') MATERIALIZED toStartOfFiveMinutes(time) CODEC(ZSTD(1))

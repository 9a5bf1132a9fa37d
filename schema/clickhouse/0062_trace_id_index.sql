-- One granule in ten thousand is read in vain rather than one in a hundred: a trace is sought in all granules of all days, and
-- twenty of a list in those of theirs. Twice as large, it is still a tenth of a byte a span.
ALTER TABLE {database}.spans {on_cluster}
	DROP INDEX IF EXISTS by_trace_id,
	ADD INDEX IF NOT EXISTS by_trace trace_id TYPE bloom_filter(0.0001) GRANULARITY 1

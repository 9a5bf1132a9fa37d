-- Which collector inserted a span, and with which of its inserts: what was inserted after another has the greater number, so
-- that derived tables can be made range by range. Constant within a part as it is inserted, as _src and _batch are.
ALTER TABLE {database}.spans {on_cluster}
	ADD COLUMN IF NOT EXISTS _writer UUID CODEC(ZSTD(1)),
	ADD COLUMN IF NOT EXISTS _commit UInt64 CODEC(ZSTD(1)),
	ADD INDEX IF NOT EXISTS by_commit _commit TYPE minmax GRANULARITY 1

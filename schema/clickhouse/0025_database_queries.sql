-- What database queries are grouped by. The query itself stays what was sent: attr_db_query_text, or an older name in the map.
ALTER TABLE {database}.spans {on_cluster}
	-- With ? for every value, empty without a query.
	ADD COLUMN IF NOT EXISTS db_query_text LowCardinality(String) CODEC(ZSTD(1)),
	-- The same for queries of one system that differ in values and blanks alone; 0 without a query.
	ADD COLUMN IF NOT EXISTS db_query_fingerprint UInt64 CODEC(ZSTD(1)),
	-- The low-cardinality name of the query, sent or derived: SELECT orders customers.
	ADD COLUMN IF NOT EXISTS db_summary LowCardinality(String) ALIAS attr_db_query_summary

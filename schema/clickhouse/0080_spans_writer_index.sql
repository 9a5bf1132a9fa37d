-- Constant within a part as it is inserted: a reader that counts only what other collectors inserted passes over the rest.
ALTER TABLE {database}.spans {on_cluster}
	ADD INDEX IF NOT EXISTS by_writer _writer TYPE minmax GRANULARITY 1

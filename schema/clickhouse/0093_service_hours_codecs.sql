-- The buckets of a row follow one another: what is from one to the next is kept, of what is written from now on.
ALTER TABLE {database}.service_hours {on_cluster}
	MODIFY COLUMN IF EXISTS buckets CODEC(Delta(2), ZSTD(1))

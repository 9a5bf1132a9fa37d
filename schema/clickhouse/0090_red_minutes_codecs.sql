-- Times lie in one minute and buckets are small numbers: only the bits that differ are kept, of what is written from now on.
ALTER TABLE {database}.red_minutes {on_cluster}
	MODIFY COLUMN IF EXISTS first_time CODEC(T64, ZSTD(1)),
	MODIFY COLUMN IF EXISTS last_time CODEC(T64, ZSTD(1)),
	MODIFY COLUMN IF EXISTS buckets CODEC(T64, ZSTD(1))

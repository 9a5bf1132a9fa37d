-- Buckets are small numbers: only the bits that differ are kept, of what is written from now on.
ALTER TABLE {database}.service_edges {on_cluster}
	MODIFY COLUMN IF EXISTS buckets CODEC(T64, ZSTD(1))

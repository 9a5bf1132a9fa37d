-- Rows that calls returned, as far as calls say so. Minutes from before have none that are known, as if no call had said.
ALTER TABLE {database}.query_minutes {on_cluster}
	-- Weighted by sampling, as calls are.
	ADD COLUMN IF NOT EXISTS returned_rows Float64 CODEC(ZSTD(1)),
	-- Calls that said so.
	ADD COLUMN IF NOT EXISTS calls_with_rows Float64 CODEC(ZSTD(1)),
	-- Of one call.
	ADD COLUMN IF NOT EXISTS most_rows Float64 CODEC(ZSTD(1))

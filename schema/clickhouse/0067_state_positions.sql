-- Several collectors write here: each write has the number after the newest, and of two with one number the one that the server
-- took first counts. Rows from before are of 0 and all count.
ALTER TABLE {database}.state {on_cluster}
	ADD COLUMN IF NOT EXISTS position UInt64,
	-- Who wrote, one name for each write.
	ADD COLUMN IF NOT EXISTS writer String CODEC(ZSTD(1))

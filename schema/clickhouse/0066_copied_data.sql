-- What was copied here from another store, partition by partition, so that a copy that was cut off goes on where it was:
-- collector/store/copy/. `rows` once it is there whole; a unit that was only begun is copied anew.
CREATE TABLE IF NOT EXISTS {database}.copied_data {on_cluster}
(
	-- Who wrote what is copied: the identity of its data folder.
	source UUID,
	-- Table, id of the partition, and place of the shard.
	unit String,
	state Enum8('begun' = 1, 'done' = 2),
	rows UInt64,
	time DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = {engine:MergeTree}
ORDER BY (source, unit, time)
SETTINGS
	index_granularity = 256,
	fsync_after_insert = 1,
	fsync_part_directory = 1

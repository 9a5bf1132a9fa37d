-- How the shards of a cluster shared the traces out: their weights in order. With more than one layout the rows of a trace may
-- lie on several shards. Empty where there is one server.
CREATE TABLE IF NOT EXISTS {database}.shard_layouts {on_cluster}
(
	layout String,
	since DateTime('UTC') DEFAULT now()
)
ENGINE = {engine:MergeTree}
ORDER BY since
SETTINGS
	index_granularity = 256,
	fsync_after_insert = 1,
	fsync_part_directory = 1

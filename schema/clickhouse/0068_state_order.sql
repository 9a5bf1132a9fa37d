-- The server numbers inserts; merges forget that number unless it is kept as a column.
ALTER TABLE {database}.state {on_cluster} MODIFY SETTING enable_block_number_column = 1

-- In the background, for parts that are older than the index.
ALTER TABLE {database}.spans {on_cluster} MATERIALIZE INDEX by_trace

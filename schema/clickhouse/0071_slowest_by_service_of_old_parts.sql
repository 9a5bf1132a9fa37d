-- In the background, for parts that are older than the projection.
ALTER TABLE {database}.spans {on_cluster} MATERIALIZE PROJECTION slowest_by_service

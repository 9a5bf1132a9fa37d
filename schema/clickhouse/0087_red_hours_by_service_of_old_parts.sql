-- In the background, for parts that are older than the projection.
ALTER TABLE {database}.red_hours {on_cluster} MATERIALIZE PROJECTION by_service

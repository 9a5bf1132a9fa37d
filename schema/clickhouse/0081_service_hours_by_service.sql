-- A week of one service is a granule a day here, where in the order of hours it is one an hour, and so the whole table.
-- What a service is asked for, without the columns that only lists of services read. Not synced with its part, as ClickHouse has
-- it: what a loss of power leaves of it is found broken when the part is opened, and the part is read instead.
ALTER TABLE {database}.service_hours {on_cluster}
	ADD PROJECTION IF NOT EXISTS by_service (
		SELECT project, hour, service_namespace, service, environment, version, entry, error, status_class, requests, spans,
			total_nano, buckets, bucket_requests, _day, _writer, _commit
		ORDER BY project, entry, service, hour
	)

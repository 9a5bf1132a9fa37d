-- Operations of one service lie in few granules here, where in the order of hours they lie in those of all services. What a service
-- is asked for, without the columns that nobody asks of hours. As for service_hours: 0081_service_hours_by_service.sql.
ALTER TABLE {database}.red_hours {on_cluster}
	ADD PROJECTION IF NOT EXISTS by_service (
		SELECT project, hour, service_namespace, service, environment, version, operation, kind, type, entry, error, status_class,
			requests, spans, total_nano, buckets, bucket_requests, _day, _writer, _commit
		ORDER BY project, service, hour
	)

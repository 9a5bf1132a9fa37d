-- How long the slowest span of a service took in each five minutes, as spans lie in: the slowest of a day are in a few of them, and
-- only these are read. Of one with its parts, whoever inserted them and whenever: what is late, deleted or dropped is so here, too.
-- Its columns are those that queries name who are answered by it: collector/store/slowest-spans.ts.
ALTER TABLE {database}.spans {on_cluster}
	ADD PROJECTION IF NOT EXISTS slowest_by_service (
		SELECT project, toStartOfFiveMinutes(time), service_namespace, service, environment, version, error, entry, max(duration_nano)
		GROUP BY project, toStartOfFiveMinutes(time), service_namespace, service, environment, version, error, entry
	)

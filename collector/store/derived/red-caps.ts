/** What stands for all names beyond a cap. */
export const OTHER = '(other)';

export interface RedCaps {
	/** Of a project's day. */
	services: number;
	/** Of a service's day. */
	operations: number;
}

/** A service with more has ids in the names of its operations: they would fill the rollup, and no screen shows them. */
export const RED_CAPS: RedCaps = { services: 10_000, operations: 2_000 };

/** Names that the day has already go first, then the most frequent. */
const allowed = (names: string, most: string, where: string): string => `
	SELECT ${names} FROM (
		SELECT ${names}, max(isKnown) AS known, sum(spans) AS all FROM (
			SELECT ${names}, 1 AS isKnown, toUInt64(0) AS spans FROM red_minutes
			WHERE project = {project:String} AND _day = toDate({day:Int32}) AND service != '${OTHER}' AND operation != '${OTHER}'
			GROUP BY ${names}
			UNION ALL SELECT ${names}, 0 AS isKnown, count() AS spans FROM spans WHERE ${where} GROUP BY ${names})
		GROUP BY ${names} ORDER BY known DESC, all DESC, ${names} LIMIT ${most})`;

/**
 * Rows of the rollup with the names that a day has room for, the others counted together: nothing is lost but the name.
 * `rows` yields them from spans with `where`, which are of one project and day.
 */
export function withinCaps(rows: string, where: string, keys: string, { services, operations }: RedCaps): string {
	const other = keys
		.split(', ')
		.filter((key) => !['service_namespace', 'service', 'operation'].includes(key))
		.join(', ');
	const isService = `(service_namespace, service) IN (${allowed('service_namespace, service', String(services), where)})`;
	const isOperation = `(service_namespace, service, operation) IN (
		${allowed('service_namespace, service, operation', `${operations} BY service_namespace, service`, where)})`;
	return `
	SELECT project, minute, names.1 AS service_namespace, names.2 AS service, names.3 AS operation, ${other},
		sum(inner.requests) AS requests, sum(inner.spans) AS spans, sum(inner.total_nano) AS total_nano,
		min(inner.first_time) AS first_time, max(inner.last_time) AS last_time,
		(sumMap(inner.buckets, inner.bucket_requests) AS histogram).1 AS buckets, histogram.2 AS bucket_requests
	FROM (SELECT *, if(${isService}, (toString(service_namespace), toString(service), if(${isOperation}, toString(operation), '${OTHER}')),
		('', '${OTHER}', '${OTHER}')) AS names FROM (${rows})) AS inner
	GROUP BY project, minute, names, ${other}`;
}

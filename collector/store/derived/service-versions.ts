import type { DerivedTable } from './derived-table.ts';

const KEYS = 'project, service_namespace, service, environment, version';

/** First and last sight of each version of a service. */
export const SERVICE_VERSIONS: DerivedTable = {
	name: 'service_versions',
	columns: `${KEYS}, first_time, last_time`,
	select: (where) => `
		SELECT ${KEYS}, min(time) AS first_time, max(time) AS last_time
		FROM spans WHERE ${where} GROUP BY ${KEYS}`,
};

import { eventExceptions } from '../../analysis/exceptions/exception-sql.ts';
import type { DerivedTable } from './derived-table.ts';

const OWN_COLUMNS = 'project, time, service_namespace, service, environment, version, operation, trace_id, span_id';

/** Each exception in an event of a span. Read through `derivedRows`, each `occurrence` once. */
export const EXCEPTIONS: DerivedTable = {
	name: 'exceptions',
	columns: `${OWN_COLUMNS}, occurrence, variant`,
	select: (where) => `
		SELECT ${OWN_COLUMNS}, occurrence, variant FROM (${eventExceptions(OWN_COLUMNS, where)})`,
};

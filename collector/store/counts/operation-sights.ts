import type { OperationSight } from '../../../schema/api-services.ts';
import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { ofService } from '../read-scope.ts';
import type { RedReader } from '../reader-types.ts';
import { redSource } from './red-source.ts';
import type { RedMarks } from './red-source.ts';

/** As many as the list of operations has. */
const maxOperations = 2_000;
const hourMs = 3_600_000;

const SIGHTS = (rows: string) => `
	SELECT operation, kind, type, toUnixTimestamp64Milli(min(first_time)) AS firstSeenMs,
		toUnixTimestamp64Milli(max(last_time)) AS lastSeenMs, count() OVER () AS operationCount
	FROM (${rows}) GROUP BY operation, kind, type
	ORDER BY lastSeenMs DESC, operation, kind, type LIMIT ${maxOperations}`;

interface SightRow extends Pick<OperationSight, 'operation' | 'firstSeenMs' | 'lastSeenMs'> {
	kind: number;
	type: number;
	operationCount: number;
}

/** Out of all hours that are kept, so it is asked for by itself: the list of operations has only those of its windows. */
export const createOperationSights = (
	clickhouse: ClickHouse,
	marks: () => RedMarks,
): Pick<RedReader, 'operationSights'> => ({
	async operationSights(scope, service) {
		const question = { scope, where: ofService(service), parameters: { ...service }, stepMs: hourMs };
		const { rows, parameters } = redSource(question, marks());
		const found = await clickhouse.rows<SightRow>(SIGHTS(rows), parameters, scope.signal);
		const operations = found.map(({ operation, kind, type, firstSeenMs, lastSeenMs }) => ({
			operation,
			firstSeenMs,
			lastSeenMs,
			kind: SPAN_KINDS[kind] ?? ('unspecified' as const),
			type: SPAN_TYPES[type] ?? ('custom' as const),
		}));
		const of = found[0]?.operationCount ?? 0;
		if (of <= maxOperations) return { operations };
		return { operations, partial: { reason: 'those seen last', seen: operations.length, of } };
	},
});

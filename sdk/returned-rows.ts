import type { Span } from '@opentelemetry/api';

interface Result {
	fields?: readonly unknown[];
	rows?: readonly unknown[];
}

/**
 * How many rows a query through `pg` returned, on its span. Of what has no rows to return, as `BEGIN` and most of `UPDATE`,
 * nothing is said: a none among them would read as if something had been sought and not found.
 */
export function noteReturnedRows(span: Span, { data }: { data: Result | Result[] | undefined }): void {
	// Several statements in one query have a result each.
	const results = [data].flat().filter((result) => (result?.fields?.length ?? 0) > 0);
	if (results.length === 0) return;
	const rows = results.reduce((sum, result) => sum + (result?.rows?.length ?? 0), 0);
	span.setAttribute('db.response.returned_rows', rows);
}

import { SPAN_KINDS, SPAN_TYPES } from '../../schema/span.ts';
import { SPAN_FLAGS } from '../../schema/trace-columns.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import { formatDuration } from '../lib/format.ts';
import type { IconName } from '../components/icon-paths.ts';

const DATABASE = SPAN_TYPES.indexOf('db');

export const hasFlag = (trace: Trace, row: number, flag: keyof typeof SPAN_FLAGS): boolean =>
	((trace.flags[row] ?? 0) & SPAN_FLAGS[flag]) !== 0;

export const serviceOf = (trace: Trace, row: number): string => trace.services[trace.service[row] ?? 0] ?? '';
export const nameOf = (trace: Trace, row: number): string => trace.names[trace.name[row] ?? 0] ?? '';
export const operationOf = (trace: Trace, row: number): string => trace.names[trace.operation[row] ?? 0] ?? '';
/** What a row is called: queries by what they do, as their names are often those of a driver's method. */
export const labelOf = (trace: Trace, row: number): string =>
	trace.type[row] === DATABASE && operationOf(trace, row) !== '' ? operationOf(trace, row) : nameOf(trace, row);
export const kindOf = (trace: Trace, row: number): string => SPAN_KINDS[trace.kind[row] ?? 0] ?? 'unspecified';
export const typeOf = (trace: Trace, row: number): string => SPAN_TYPES[trace.type[row] ?? 0] ?? 'custom';
export const spanIdOf = (trace: Trace, row: number): string => (trace.id[row] ?? 0n).toString(16).padStart(16, '0');
export const startOf = (trace: Trace, row: number): number => trace.start[row] ?? 0;
export const durationOf = (trace: Trace, row: number): number => trace.duration[row] ?? 0;
export const endOf = (trace: Trace, row: number): number => startOf(trace, row) + durationOf(trace, row);
/** Of the span that ends last; at least one nanosecond, so that a share of it is a number. */
export function endOfTrace(trace: Trace): number {
	let last = 1;
	for (let row = 0; row < trace.count; row++) last = Math.max(last, endOf(trace, row));
	return last;
}
export const isParent = (trace: Trace, row: number): boolean => (trace.end[row] ?? 0) > row + 1;
/** Spans below it, at any depth. */
export const descendants = (trace: Trace, row: number): number => (trace.end[row] ?? 0) - row - 1;

const TYPE_ICONS: ReadonlyMap<string, IconName> = new Map([
	['http', 'globe'],
	['db', 'database'],
	['rpc', 'server'],
	['messaging', 'message'],
	['genai', 'sparkles'],
	['faas', 'box'],
	['graphql', 'globe'],
]);
export const typeIcon = (type: string): IconName | undefined => TYPE_ICONS.get(type);

/** A row in words, for those who hear it. */
export function describeRow(trace: Trace, row: number): string {
	const status = trace.httpStatus[row] ?? 0;
	return [
		labelOf(trace, row),
		serviceOf(trace, row),
		hasFlag(trace, row, 'error') && 'error',
		status > 0 && `HTTP ${status}`,
		formatDuration(durationOf(trace, row)),
		`starts at ${formatDuration(startOf(trace, row))}`,
		hasFlag(trace, row, 'critical') && 'on the critical path',
		hasFlag(trace, row, 'orphan') && 'parent missing',
		hasFlag(trace, row, 'skewAdjusted') && 'clock adjusted',
	]
		.filter((part) => part !== false)
		.join(', ');
}

import type { CallingFunction, CallingService } from '../../../schema/api-database.ts';
import { formatCount } from '../../lib/format.ts';
import { termOf } from '../../lib/query-text.ts';

type Numbers = Pick<CallingService, 'calls' | 'errors' | 'totalNano' | 'p50Nano' | 'p95Nano'>;

/** A line of the tree of callers, or how many more there are below the one before. */
export type CallerRow =
	| { kind: 'service'; key: string; service: string; numbers: Numbers }
	| { kind: 'request'; key: string; service: string; operation: string; numbers: Numbers }
	| { kind: 'code'; key: string; place: CallingFunction; numbers: Numbers }
	| { kind: 'more'; key: string; level: number; text: string };

/** A line whose calls a search finds. */
export type Caller = Extract<CallerRow, { kind: 'service' | 'request' }>;

/** How an address names a caller. */
export const callerKey = (service: string, operation?: string): string =>
	operation === undefined ? service : `${service} › ${operation}`;

/** From the top down; of one caller alone where there is one of that key. */
export function callerRows(callers: readonly CallingService[], of: number, only: string): CallerRow[] {
	const rows = callers.flatMap((service) => serviceRows(service, only));
	if (rows.length > 0 || only === '') return [...rows, ...(only === '' ? more(1, of - callers.length, 'service') : [])];
	return callerRows(callers, of, '');
}

function serviceRows(one: CallingService, only: string): CallerRow[] {
	const { service, operations, of, ...numbers } = one;
	const isWhole = only === '' || only === callerKey(service);
	const below = operations.flatMap(({ operation, functions, of: ofFunctions, ...ofRequest }): CallerRow[] => {
		const key = callerKey(service, operation);
		if (!isWhole && only !== key) return [];
		return [
			{ kind: 'request', key, service, operation, numbers: ofRequest },
			...functions.map((place): CallerRow => ({
				kind: 'code',
				key: `${key} › ${codeKey(place)}`,
				place,
				numbers: place,
			})),
			...more(3, ofFunctions - functions.length, 'place in the code', key),
		];
	});
	if (!isWhole && below.length === 0) return [];
	return [
		{ kind: 'service', key: callerKey(service), service, numbers },
		...below,
		...(isWhole ? more(2, of - operations.length, 'request', service) : []),
	];
}

function more(level: number, count: number, noun: string, below = ''): CallerRow[] {
	if (count <= 0) return [];
	return [
		{ kind: 'more', key: `${below} more`, level, text: `${formatCount(count)} more ${plural(noun, count)}, less time` },
	];
}

const plural = (noun: string, count: number): string =>
	count === 1 ? noun : noun.replace(/^\w+/, (word) => `${word}s`);
const codeKey = (place: CallingFunction): string => `${place.function} ${place.file} ${place.line}`;

/** `src/repo.ts:88`. */
export const fileAndLine = ({ file, line }: CallingFunction): string => (line === null ? file : `${file}:${line}`);

/** Finds the traces in which a caller asks: calls of the query by the service, below the request where there is one. */
export function callerQuery(row: Caller, query: string): string {
	const calls = `${query} ${termOf('service', row.service)}`;
	if (row.kind === 'service') return calls;
	if (row.operation === '') return '';
	return `{${termOf('service', row.service)} ${termOf('operation', row.operation)}} >> {${calls}}`;
}

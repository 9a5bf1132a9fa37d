import { formatCount } from '../../lib/format.ts';
import type { Deletion, DeletionBody } from '../../../schema/api-keeping.ts';

/** How far back a search for what is to go looks. */
export const REACHES = [
	{ from: 'now-1h', label: 'the last hour' },
	{ from: 'now-1d', label: 'the last day' },
	{ from: 'now-7d', label: 'the last 7 days' },
	{ from: 'now-365d', label: 'all that is kept' },
] as const;

/** What was written as the API takes it, or why not. Ids stand apart by anything that is no letter and no digit. */
export function readChoice(isById: boolean, written: string): DeletionBody | { problem: string } {
	if (!isById)
		return written.trim() === '' ? { problem: 'Write a search: an empty one is everything.' } : { q: written };
	const traceIds = [...new Set(written.toLowerCase().match(/[\da-z]+/g))];
	const wrong = traceIds.find((id) => !/^[\da-f]{32}$/.test(id));
	if (wrong !== undefined) return { problem: `${wrong} is no trace id: 32 hexadecimal digits.` };
	if (traceIds.length === 0) return { problem: 'Write trace ids.' };
	if (traceIds.length > 1_000) return { problem: `${formatCount(traceIds.length)} ids: up to 1,000 at a time.` };
	return { traceIds };
}

const some = (count: number, one: string, many: string): string => `${formatCount(count)} ${count === 1 ? one : many}`;

/** `3 traces: 120 spans, 4 logs`. */
export function foundWords({ found }: Pick<Deletion, 'found'>): string {
	if (found === null) return 'Not counted yet';
	const parts = [
		some(found.spans, 'span', 'spans'),
		some(found.logs, 'log', 'logs'),
		some(found.exceptions, 'exception', 'exceptions'),
		some(found.findings, 'trace with performance issues', 'traces with performance issues'),
		some(found.pins, 'kept trace', 'kept traces'),
	].filter((part) => !part.startsWith('0 '));
	const traces = some(found.traces, 'trace', 'traces');
	return parts.length === 0 ? traces : `${traces}: ${parts.join(', ')}`;
}

/** What was asked for, in the words of the list. */
export function askedWords({ asked }: Pick<Deletion, 'asked'>): string {
	return asked.q ?? some(asked.traceIds ?? 0, 'trace by its id', 'traces by their ids');
}

/** As the list names states. */
export const STATE_WORDS: { readonly [state in Deletion['state']]: string } = {
	'dry-run': 'counted',
	waiting: 'waiting',
	running: 'under way',
	done: 'done',
	failed: 'tried again',
};

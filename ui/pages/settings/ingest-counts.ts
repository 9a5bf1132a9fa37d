import type { IngestAnswer } from '../../../schema/api-ingest.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import { formatAgo } from '../../lib/time-format.ts';
import { markInWords, reasonInWords } from './ingest-words.ts';

interface CountTable {
	title: string;
	nothing: string;
	rows: { key: string; what: string; detail?: string; when?: string; count: number }[];
}

/** What was refused, changed and taken out, as small tables; without what could not be told. */
export function countTables(ingest: IngestAnswer | undefined, status: StatusAnswer, nowMs: number): CountTable[] {
	return [...(ingest === undefined ? [] : receivedTables(ingest, nowMs)), ...collectorTables(status, nowMs)];
}

function receivedTables(ingest: IngestAnswer, nowMs: number): CountTable[] {
	return [
		{
			title: 'Rejected',
			nothing: 'Nothing was rejected.',
			rows: ingest.rejections.map(({ signal, reason, count, lastMs, sample }) => ({
				key: `${signal} ${reason}`,
				what: reasonInWords(reason),
				...(sample === null ? {} : { detail: sample }),
				when: formatAgo(lastMs, nowMs),
				count,
			})),
		},
		{
			title: 'Limits and doubts',
			nothing: 'No span was cut or doubted.',
			rows: [
				...Object.entries(ingest.marks).map(([mark, count]) => ({ key: mark, what: markInWords(mark), count })),
				...(ingest.droppedAttributes === 0
					? []
					: [
							{
								key: 'attributes',
								what: 'Attributes dropped: without a key, or beyond a limit',
								count: ingest.droppedAttributes,
							},
						]),
			],
		},
	];
}

function collectorTables({ ingest: counted }: StatusAnswer, nowMs: number): CountTable[] {
	return [
		{
			title: 'Requests refused',
			nothing: 'No request was refused.',
			rows: counted.recentFailures.map(({ tMs, method, path, status, detail }, index) => ({
				key: `${tMs} ${index}`,
				what: `${status} ${method} ${path}`,
				detail,
				when: formatAgo(tMs, nowMs),
				count: 1,
			})),
		},
		{
			title: 'Secrets taken out',
			nothing: 'No secret was found.',
			rows: counted.redactions.map(({ key, rule, count }) => ({
				key: `${rule} ${key}`,
				what: key,
				detail: rule,
				count,
			})),
		},
		{
			title: 'Log records',
			nothing: 'No log record was kept.',
			rows: [
				{ key: 'exceptions', what: 'Kept for their exception', count: counted.logs.exceptions },
				{ key: 'correlated', what: 'Kept for their trace', count: counted.logs.correlated },
			].filter(({ count }) => count > 0),
		},
	];
}

/** Between what was measured and the row that keeps it. */
import type { EvaluationRow } from '../store/alerts/alert-types.ts';
import type { Measured } from './evaluate/evaluate.ts';
import type { Watched } from './watched.ts';

export function toRow(
	{ project, key, question }: Watched,
	measured: Exclude<Measured, { kind: 'stale' }>,
	epoch: number,
): EvaluationRow {
	const samples = measured.kind === 'values' ? [...measured.groups] : [];
	return {
		project,
		rule: key,
		question,
		tMs: measured.tMs,
		epoch,
		error: measured.kind === 'error' ? measured.reason : '',
		groups: samples.map(([groupKey]) => groupKey),
		values: samples.map(([, { value }]) => value),
		requests: samples.map(([, { requests }]) => requests),
		before: samples.map(([, { before }]) => [...before]),
	};
}

export function fromRow({ tMs, error, groups, values, requests, before }: EvaluationRow): Measured {
	if (error !== '') return { kind: 'error', tMs, reason: error };
	return {
		kind: 'values',
		tMs,
		groups: new Map(
			groups.map((groupKey, index) => [
				groupKey,
				{ value: values[index] ?? null, requests: requests[index] ?? 0, before: before[index] ?? [] },
			]),
		),
	};
}

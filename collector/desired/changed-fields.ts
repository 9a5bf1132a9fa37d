import { isDeepStrictEqual } from 'node:util';
import { describeFound } from './finding.ts';

const mostFields = 20;

/** `spec.window: "5m" → "10m"`, for each field that differs between two documents. */
export function changedFields(before: unknown, after: unknown, path = ''): string[] {
	if (isDeepStrictEqual(before, after)) return [];
	if (!isGroup(before) || !isGroup(after)) return [`${path}: ${describeFound(before)} → ${describeFound(after)}`];
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
	return names
		.flatMap((name) => changedFields(before[name], after[name], path === '' ? name : `${path}.${name}`))
		.slice(0, mostFields);
}

const isGroup = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

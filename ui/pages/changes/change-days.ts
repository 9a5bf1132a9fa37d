import { formatDate } from '../../lib/time-format.ts';
import type { Zone } from '../../lib/time-format.ts';
import type { Change } from '../../../schema/api-changes.ts';

export interface ChangeDay {
	/** As `2026-11-23`. */
	date: string;
	changes: Change[];
}

/** Changes of services whose names have the text in them, by day; both keep the order that they came in. */
export function changesByDay(changes: readonly Change[], text: string, zone: Zone): ChangeDay[] {
	const wanted = text.trim().toLowerCase();
	const shown = changes.filter(({ service }) => service.toLowerCase().includes(wanted));
	const days = Map.groupBy(shown, ({ tMs }) => formatDate(tMs, zone));
	return [...days].map(([date, members]) => ({ date, changes: members }));
}

/** What changed, in a line: a version to a version, or what was told. */
export function headline({ kind, revision, previous, title }: Change): string {
	if (title !== '') return title;
	if (kind !== 'deploy') return revision === '' ? kind : `${kind} ${revision}`;
	if (previous === null) return revision === '' ? 'Deploy' : `First seen with ${revision}`;
	return `${previous} → ${revision}`;
}

/** Where a deploy is compared; only what was seen can be. */
export const deployPath = ({ service, revision }: Pick<Change, 'service' | 'revision'>): string =>
	`/deploys/${encodeURIComponent(service)}/${encodeURIComponent(revision)}`;

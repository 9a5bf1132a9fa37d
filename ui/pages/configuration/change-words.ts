import type { PlannedChange } from '../../../schema/api-config.ts';

/** What a source would do to an object. */
export const PLANNED_WORDS: Record<PlannedChange['action'], string> = {
	create: 'new',
	update: 'changes',
	delete: 'is removed',
	release: 'stays, no longer declared',
	adopt: 'is taken over',
	move: 'comes from another source',
};

/** What it did. */
export const APPLIED_WORDS: Record<PlannedChange['action'], string> = {
	create: 'added',
	update: 'changed',
	delete: 'removed',
	release: 'let go',
	adopt: 'taken over',
	move: 'taken from another source',
};

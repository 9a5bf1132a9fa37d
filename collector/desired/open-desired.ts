import type { Log } from '../log.ts';
import type { StateStore } from '../state/state-store.ts';
import { StoredDocuments } from './documents.ts';
import type { Documents } from './documents.ts';

interface DesiredParts {
	state: StateStore;
	log: Log;
}

/** What is declared. */
export interface Desired {
	documents: Documents;
}

export function openDesired({ state, log }: DesiredParts): Desired {
	const report = (message: string) => log.warn({ problem: message }, 'configuration');
	return { documents: new StoredDocuments({ state, report }) };
}

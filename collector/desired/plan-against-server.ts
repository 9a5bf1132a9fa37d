import type { DocumentsAnswer } from '../../schema/api-alerts.ts';
import type { ConfigAnswer } from '../../schema/api-config.ts';
import type { DeclaredDocument } from './documents.ts';
import type { LoadedDocument } from './load-documents.ts';
import { planChanges } from './plan-changes.ts';
import type { Plan } from './plan-changes.ts';

interface Asking {
	get<Answer>(path: string): Promise<Answer>;
}

export interface ServerPlan extends Plan {
	/** As whose files the folder was compared; undefined: as those of a source that isn't there yet. */
	source: string | undefined;
}

/**
 * What a running server would change if its source said what these files say. Throws Error when the server follows several
 * sources and none is named.
 */
export async function planAgainstServer(
	client: Asking,
	desired: readonly LoadedDocument[],
	asked: string | undefined,
): Promise<ServerPlan> {
	const [{ sources }, { documents }] = await Promise.all([
		client.get<ConfigAnswer>('/config'),
		client.get<DocumentsAnswer>('/config/documents'),
	]);
	const names = sources.map(({ name }) => name);
	if (asked === undefined && names.length > 1) throw new Error(`expected --source, one of ${names.join(', ')}`);
	if (asked !== undefined && !names.includes(asked))
		throw new Error(`there is no source ${asked}; expected one of ${names.join(', ') || 'none'}`);
	const source = asked ?? names[0];
	const live = documents.map(({ owner, ...found }): DeclaredDocument => {
		const { source: name, file = '', line = 0 } = owner;
		return { ...found, owner, ...(name === null ? {} : { origin: { source: name, file, line } }) };
	});
	const isSource = (name: string) => names.includes(name);
	return { source, ...planChanges({ source: source ?? '', desired, live, isSource, nowMs: 0 }) };
}

import { auditAnswer, auditRequest } from '../../../schema/api-access.ts';
import type { AuditAnswer } from '../../../schema/api-access.ts';
import { ACCESS_KINDS } from '../../access/documents.ts';
import { EVALUATOR_KIND } from '../../alerting/evaluator-turn.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { DocumentVersion } from '../../state/state-table.ts';
import { route } from '../route.ts';
import type { Route } from '../route.ts';

/** Written by the program itself as time goes, or told by another entry: they'd bury what people did. */
const unshown = [ACCESS_KINDS.session, ACCESS_KINDS.ingestUse, ACCESS_KINDS.projectData, EVALUATOR_KIND];
/** Members of documents that may be shown: none is a secret, nor made of one. */
const shownDetails = [
	'label',
	'role',
	'outcome',
	'method',
	'address',
	'type',
	'last4',
	'environment',
	'intent',
	'reason',
	'note',
	'state',
	'owner',
	'comment',
];

/** Every change that somebody made, and every login: the history of all documents, newest first. */
export function auditRoutes(state: StateStore, clock: () => number): Route[] {
	return [
		route({
			path: '/audit',
			role: 'admin',
			reach: 'none',
			summary: 'Who changed what, and who logged in; newest first',
			query: auditRequest,
			answer: auditAnswer,
			handle: async (c, { before = clock() + 60_000, limit }) => {
				const versions = await state.recent({ beforeMs: before, limit, without: unshown });
				const last = versions.length < limit ? undefined : versions.at(-1);
				return c.json<AuditAnswer>({ entries: versions.map(toEntry), nextBefore: last?.timeMs ?? null });
			},
		}),
	];
}

function toEntry({ timeMs, author, kind, name, version, json }: DocumentVersion): AuditAnswer['entries'][number] {
	const action = json === undefined ? 'deleted' : version === 1 ? 'created' : 'changed';
	const value = json === undefined ? {} : (JSON.parse(json) as Record<string, unknown>);
	const details = Object.fromEntries(
		shownDetails.flatMap((member) => (typeof value[member] === 'string' ? [[member, value[member]]] : [])),
	) as Record<string, string>;
	return { timeMs, author, kind, name, action, details };
}

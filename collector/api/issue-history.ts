import type { IssueDecision } from '../../schema/api-issues.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import type { DocumentVersion } from '../state/state-table.ts';

/**
 * What each version of an issue's document decided, newest first. Where everything was taken back there is no entry.
 * @param versions newest first; one more than are told where there are more, as an entry says what it changed
 */
export function issueHistory(versions: readonly DocumentVersion[], most: number): IssueDecision[] {
	return versions.slice(0, most).flatMap((version, index) => {
		const document = documentOf(version);
		return document === undefined ? [] : [toDecision(version, document, documentOf(versions[index + 1]))];
	});
}

const documentOf = (version: DocumentVersion | undefined): IssueDocument | undefined =>
	version?.json === undefined ? undefined : (JSON.parse(version.json) as IssueDocument);

function toDecision(
	{ version, author, timeMs }: DocumentVersion,
	document: IssueDocument,
	before: IssueDocument | undefined,
): IssueDecision {
	const { state, comment = '', resolution, ignoredUntilMs, escalatesAbove, owner = '', others } = document;
	return {
		state,
		version,
		author,
		changedMs: timeMs,
		comment,
		owner,
		changed: changedParts(document, before),
		others: others?.titles ?? [],
		...(resolution === undefined ? {} : { resolution: resolution.in }),
		...(resolution?.version === undefined ? {} : { resolvedVersion: resolution.version }),
		...(ignoredUntilMs === undefined ? {} : { ignoredUntilMs }),
		...(escalatesAbove === undefined ? {} : { escalatesAbove }),
	};
}

function changedParts(document: IssueDocument, before: IssueDocument | undefined): IssueDecision['changed'] {
	const decision = ({ state, resolution, ignoredUntilMs, escalatesAbove }: IssueDocument): string =>
		JSON.stringify([state, resolution, ignoredUntilMs, escalatesAbove]);
	const undecided: IssueDocument = { service: document.service, state: 'new' };
	return [
		...(decision(document) === decision(before ?? undecided) ? [] : (['state'] as const)),
		...(document.owner === before?.owner ? [] : (['owner'] as const)),
		...(document.others === undefined ? [] : [document.others.did]),
	];
}

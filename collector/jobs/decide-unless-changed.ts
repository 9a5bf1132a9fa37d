import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { ProblemError } from '../problem.ts';
import type { StateDocument, StateStore } from '../state/state-store.ts';

/** What Spanhouse decides of an issue by itself, unless somebody decided otherwise since its document was read. */
export async function decideUnlessChanged(
	state: StateStore,
	{ project, kind, name, version }: StateDocument,
	decision: IssueDocument,
): Promise<void> {
	try {
		await state.put({ project, kind, name }, decision, { author: 'spanhouse', expected: version });
	} catch (error) {
		if (!(error instanceof ProblemError && error.code === 'VERSION_CONFLICT')) throw error;
	}
}

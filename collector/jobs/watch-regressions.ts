import { IssueMerges } from '../analysis/issues/issue-merges.ts';
import { ISSUE_DOCUMENT, redecided, regressedIn } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { ProblemError } from '../problem.ts';
import type { StateDocument, StateStore } from '../state/state-store.ts';
import type { IssueReader } from '../store/issue-types.ts';

interface WatchRegressionsParts {
	state: StateStore;
	issues: Pick<IssueReader, 'seen' | 'deploys'>;
}

/** Reopens resolved issues that came back, and notes in which version. */
export class WatchRegressions {
	readonly #parts: WatchRegressionsParts;

	constructor(parts: WatchRegressionsParts) {
		this.#parts = parts;
	}

	async step(): Promise<boolean> {
		const { state, issues } = this.#parts;
		for (const [project, documents] of Map.groupBy(state.all(ISSUE_DOCUMENT), (document) => document.project)) {
			const resolved = documents.filter(({ value }) => isResolved(value as IssueDocument));
			if (resolved.length === 0) continue;
			const merges = new IssueMerges(documents);
			const ids = resolved.flatMap(({ name }) => merges.withMembers(name));
			const seen = await issues.seen({ project }, ids);
			for (const document of resolved) {
				const sights = merges.withMembers(document.name).flatMap((id) => seen.get(id) ?? []);
				await this.#check(document, sights);
			}
		}
		return false;
	}

	async #check(document: StateDocument, seen: { version: string; lastMs: number }[]): Promise<void> {
		const { state, issues } = this.#parts;
		const { project, kind, name, version } = document;
		const decision = document.value as IssueDocument;
		const { resolution } = decision;
		if (resolution === undefined || !seen.some(({ lastMs }) => lastMs > resolution.atMs)) return;
		const deploys = await issues.deploys({ project }, decision.service);
		const firstSeen = new Map(deploys.map((deploy) => [deploy.version, deploy.firstSeenMs]));
		const back = regressedIn(resolution, seen, (of) => firstSeen.get(of));
		if (back === undefined) return;
		const comment = back.version === '' ? 'It came back.' : `It came back in ${back.version}.`;
		const value: IssueDocument = { ...redecided(decision, { state: 'regressed', resolution }), comment };
		try {
			await state.put({ project, kind, name }, value, { author: 'spanhouse', expected: version });
		} catch (error) {
			// Somebody decided otherwise in the meantime.
			if (!(error instanceof ProblemError && error.code === 'VERSION_CONFLICT')) throw error;
		}
	}
}

/** By itself: what was merged comes back as the issue that stands for it. */
const isResolved = ({ state, mergedInto }: IssueDocument): boolean => state === 'resolved' && mergedInto === undefined;

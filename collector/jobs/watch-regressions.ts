import { IssueMerges } from '../analysis/issues/issue-merges.ts';
import { ISSUE_DOCUMENT, redecided, regressedIn } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import type { StateDocument, StateStore } from '../state/state-store.ts';
import type { IssueReader } from '../store/issues/issue-types.ts';
import { decideUnlessChanged } from './decide-unless-changed.ts';

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
		const decision = document.value as IssueDocument;
		const { resolution } = decision;
		if (resolution === undefined || !seen.some(({ lastMs }) => lastMs > resolution.atMs)) return;
		const { deploys } = await issues.deploys({ project: document.project }, decision.service);
		const firstSeen = new Map(deploys.map((deploy) => [deploy.version, deploy.firstSeenMs]));
		const back = regressedIn(resolution, seen, (of) => firstSeen.get(of));
		if (back === undefined) return;
		const comment = back.version === '' ? 'It came back.' : `It came back in ${back.version}.`;
		const regressed: IssueDocument = { ...redecided(decision, { state: 'regressed', resolution }), comment };
		await decideUnlessChanged(state, document, regressed);
	}
}

/** By itself: what was merged comes back as the issue that stands for it. */
const isResolved = ({ state, mergedInto }: IssueDocument): boolean => state === 'resolved' && mergedInto === undefined;

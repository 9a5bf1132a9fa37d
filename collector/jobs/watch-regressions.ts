import { ISSUE_DOCUMENT, regressedIn } from '../analysis/issues/issue-state.ts';
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
		const resolved = this.#parts.state
			.all(ISSUE_DOCUMENT)
			.filter(({ value }) => (value as IssueDocument).state === 'resolved');
		for (const [project, documents] of Map.groupBy(resolved, (document) => document.project)) {
			const seen = await this.#parts.issues.seen(
				{ project },
				documents.map(({ name }) => name),
			);
			for (const document of documents) await this.#check(document, seen.get(document.name) ?? []);
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
		const value: IssueDocument = { service: decision.service, resolution, comment, state: 'regressed' };
		try {
			await state.put({ project, kind, name }, value, { author: 'spanhouse', expected: version });
		} catch (error) {
			// Somebody decided otherwise in the meantime.
			if (!(error instanceof ProblemError && error.code === 'VERSION_CONFLICT')) throw error;
		}
	}
}

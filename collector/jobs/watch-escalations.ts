import { HOUR_MS } from '../analysis/issues/escalation.ts';
import { IssueMerges } from '../analysis/issues/issue-merges.ts';
import { ISSUE_DOCUMENT, redecided } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import type { StateDocument, StateStore } from '../state/state-store.ts';
import type { IssueReader } from '../store/issues/issue-types.ts';
import { decideUnlessChanged } from './decide-unless-changed.ts';

interface WatchEscalationsParts {
	state: StateStore;
	issues: Pick<IssueReader, 'occurrences'>;
	/** Unix milliseconds. */
	clock: () => number;
}

/** Reopens issues that were ignored until they would escalate, and notes how often they occur now. */
export class WatchEscalations {
	readonly #parts: WatchEscalationsParts;

	constructor(parts: WatchEscalationsParts) {
		this.#parts = parts;
	}

	async step(): Promise<boolean> {
		const { state, issues, clock } = this.#parts;
		const window = { fromMs: clock() - HOUR_MS, toMs: clock() };
		for (const [project, documents] of Map.groupBy(state.all(ISSUE_DOCUMENT), (document) => document.project)) {
			const watched = documents.filter(({ value }) => isWatched(value as IssueDocument));
			const merges = new IssueMerges(documents);
			const [first, ...others] = watched.flatMap(({ name }) => merges.withMembers(name));
			if (first === undefined) continue;
			const found = await issues.occurrences({ project, window }, [first, ...others]);
			const counts = new Map(found.map(({ issueId, count }) => [issueId, count]));
			for (const document of watched) {
				const ids = merges.withMembers(document.name);
				await this.#check(
					document,
					ids.reduce((total, id) => total + (counts.get(id) ?? 0), 0),
				);
			}
		}
		return false;
	}

	async #check(document: StateDocument, count: number): Promise<void> {
		const decision = document.value as IssueDocument;
		const { escalatesAbove = Infinity } = decision;
		if (count <= escalatesAbove) return;
		const comment = `${count} times within an hour; up to ${escalatesAbove} were to be ignored.`;
		const escalated: IssueDocument = { ...redecided(decision, { state: 'escalating' }), comment };
		await decideUnlessChanged(this.#parts.state, document, escalated);
	}
}

const isWatched = ({ state, escalatesAbove, mergedInto }: IssueDocument): boolean =>
	state === 'ignored' && escalatesAbove !== undefined && mergedInto === undefined;

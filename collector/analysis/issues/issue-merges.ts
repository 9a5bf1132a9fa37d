import type { IssueDocument } from './issue-state.ts';

interface Named {
	/** Id of the issue. */
	name: string;
	value: unknown;
}

/** Which issues stand for which others. What is merged into an issue that is merged itself goes along with it. */
export class IssueMerges {
	readonly #into = new Map<string, string>();
	readonly #members = new Map<string, string[]>();

	/** Of the documents of one project's issues. */
	constructor(documents: readonly Named[]) {
		for (const { name, value } of documents) {
			const into = (value as IssueDocument).mergedInto?.issueId;
			if (into !== undefined) this.#into.set(name, into);
		}
		for (const name of [...this.#into.keys()].sort()) {
			const root = this.rootOf(name);
			if (root !== name) this.#members.set(root, [...(this.#members.get(root) ?? []), name]);
		}
	}

	/** The issue that stands for this one: itself, unless it was merged. */
	rootOf(issueId: string): string {
		let at = issueId;
		for (let steps = 0; steps <= this.#into.size; steps += 1) {
			const into = this.#into.get(at);
			if (into === undefined) return at;
			at = into;
		}
		// Writes that see each other make no circle; were there one, it would merge nothing.
		return issueId;
	}

	/** An issue and all that it stands for; itself first. */
	withMembers(root: string): [string, ...string[]] {
		return [root, ...(this.#members.get(root) ?? [])];
	}

	/** The issues that stand for some, each with all that it stands for. */
	allWith(issueIds: readonly string[]): string[] {
		const roots = new Set(issueIds.map((id) => this.rootOf(id)));
		return [...roots].flatMap((root) => this.withMembers(root));
	}

	get size(): number {
		return this.#into.size;
	}

	/** Each merged issue beside the one that stands for it. */
	pairs(): { members: string[]; roots: string[] } {
		const members = [...this.#members.values()].flat();
		return { members, roots: members.map((name) => this.rootOf(name)) };
	}
}

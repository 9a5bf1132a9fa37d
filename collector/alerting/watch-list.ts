import type { DeclaredDocument, Documents } from '../desired/documents.ts';
import type { RuleProblem } from './evaluate/rule-of-document.ts';
import { watchAlert } from './watched.ts';
import type { Watched } from './watched.ts';

interface WatchListParts {
	documents: Documents;
	projects: () => readonly string[];
}

/** Declared rules in the form in which they are evaluated: the same object as long as its document is the same. */
export class WatchList {
	readonly #parts: WatchListParts;
	readonly #alerts = new WeakMap<DeclaredDocument<'Alert'>, ReturnType<typeof watchAlert>>();

	constructor(parts: WatchListParts) {
		this.#parts = parts;
	}

	/** What is enabled and can be evaluated. */
	all(): Watched[] {
		const { documents, projects } = this.#parts;
		return projects().flatMap((project) =>
			documents
				.list(project, 'Alert')
				.filter(({ document }) => document.spec.enabled)
				.flatMap((declared) => {
					const read = this.alert(project, declared);
					return read.kind === 'watched' ? [read.watched] : [];
				}),
		);
	}

	alert(project: string, declared: DeclaredDocument<'Alert'>): ReturnType<typeof watchAlert> {
		const known = this.#alerts.get(declared);
		if (known !== undefined) return known;
		const read = watchAlert(project, declared);
		this.#alerts.set(declared, read);
		return read;
	}

	/** What is wrong with a rule that is declared. */
	problemsOf(project: string, declared: DeclaredDocument<'Alert'>): readonly RuleProblem[] {
		const read = this.alert(project, declared);
		return read.kind === 'problems' ? read.problems : [];
	}
}

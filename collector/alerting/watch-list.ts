import type { DeclaredDocument, Documents } from '../desired/documents.ts';
import type { RuleProblem } from './evaluate/rule-of-document.ts';
import { watchAlert, watchObjective } from './watched.ts';
import type { ReadDocument, Watched } from './watched.ts';

interface WatchListParts {
	documents: Documents;
	projects: () => readonly string[];
}

/** Declared rules in the form in which they are evaluated: the same object as long as its document is the same. */
export class WatchList {
	readonly #parts: WatchListParts;
	readonly #read = new WeakMap<object, ReadDocument>();

	constructor(parts: WatchListParts) {
		this.#parts = parts;
	}

	/** What is enabled and can be evaluated. */
	all(): Watched[] {
		const { documents, projects } = this.#parts;
		return projects().flatMap((project) => {
			const alerts = documents.list(project, 'Alert').filter(({ document }) => document.spec.enabled);
			const read = [
				...alerts.map((declared) => this.alert(project, declared)),
				...documents.list(project, 'SLO').map((declared) => this.objective(project, declared)),
			];
			return read.flatMap((one) => (one.kind === 'watched' ? [one.watched] : []));
		});
	}

	alert(project: string, declared: DeclaredDocument<'Alert'>): ReadDocument {
		return this.#once(declared, () => watchAlert(project, declared));
	}

	objective(project: string, declared: DeclaredDocument<'SLO'>): ReadDocument {
		return this.#once(declared, () => watchObjective(project, declared));
	}

	/** What is wrong with a rule that is declared. */
	problemsOf(project: string, declared: DeclaredDocument<'Alert'>): readonly RuleProblem[] {
		const read = this.alert(project, declared);
		return read.kind === 'problems' ? read.problems : [];
	}

	#once(declared: object, read: () => ReadDocument): ReadDocument {
		const known = this.#read.get(declared) ?? read();
		this.#read.set(declared, known);
		return known;
	}
}

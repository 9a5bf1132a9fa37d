/** Source: semantic conventions, docs/db/database-spans.md: at most 255 characters, never cut within a name. */
const MAX_SUMMARY_LENGTH = 255;

/** The operations and targets of a summary, up to the first that has no room any more. */
export class SummaryParts {
	readonly #parts: string[] = [];
	#length = 0;
	#isFull = false;
	/** Where the current statement and the one before begin. */
	#statement = 0;
	#before = 0;

	get count(): number {
		return this.#parts.length;
	}

	add(part: string): void {
		const length = this.#length + part.length + (this.#parts.length === 0 ? 0 : 1);
		if (this.#isFull || length > MAX_SUMMARY_LENGTH) {
			this.#isFull = true;
			return;
		}
		this.#parts.push(part);
		this.#length = length;
	}

	/** Forgets all but the first `count` parts. */
	cutTo(count: number): void {
		if (this.#isFull) return;
		while (this.#parts.length > Math.max(count, 0))
			this.#length -= (this.#parts.pop() ?? '').length + (this.#parts.length > 0 ? 1 : 0);
	}

	/** A statement that says the same as the one before says nothing: a batch of a hundred inserts is one kind of query. */
	endStatement(): void {
		if (this.#isRepetition()) {
			this.cutTo(this.#statement);
			return;
		}
		this.#before = this.#statement;
		this.#statement = this.#parts.length;
	}

	join(): string {
		this.endStatement();
		return this.#parts.join(' ');
	}

	#isRepetition(): boolean {
		const length = this.#parts.length - this.#statement;
		if (this.#isFull || length === 0 || length !== this.#statement - this.#before) return false;
		for (let i = 0; i < length; i++) {
			if (this.#parts[this.#before + i] !== this.#parts[this.#statement + i]) return false;
		}
		return true;
	}
}

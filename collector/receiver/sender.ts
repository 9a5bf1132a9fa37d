/** Who sends a request: where its data belongs, and how much of it is taken. */
export interface Sender {
	project: string;
	/** Counts what it sent, unpacked. Throws a ProblemError of 429 when its key may send no more for now. */
	charge: (bytes: number) => void;
	/** Counts spans that were kept of what it sent, which is known too late to refuse them: they are owed, and `charge` throws meanwhile. */
	chargeSpans: (spans: number) => void;
}

/** Something a caller can mend, with a stable code: becomes problem+json in the API and google.rpc.Status in the receiver. */
export class ProblemError extends Error {
	override readonly name: string = 'ProblemError';
	readonly status: number;
	readonly code: string;
	readonly position: number | undefined;
	readonly expected: string | undefined;

	constructor(status: number, code: string, detail: string, where: { position?: number; expected?: string } = {}) {
		super(detail);
		this.status = status;
		this.code = code;
		this.position = where.position;
		this.expected = where.expected;
	}
}

/** The message of whatever was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

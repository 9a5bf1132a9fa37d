interface ProblemDetails {
	position?: number;
	expected?: string;
	suggestion?: string;
	retryAfterMs?: number;
}

/** Something a caller can mend, with a stable code: becomes problem+json in the API and google.rpc.Status in the receiver. */
export class ProblemError extends Error {
	override readonly name: string = 'ProblemError';
	readonly status: number;
	readonly code: string;
	readonly position: number | undefined;
	readonly expected: string | undefined;
	/** The whole of what was sent, mended. */
	readonly suggestion: string | undefined;
	/** When trying again may help, and how long to wait at least. */
	readonly retryAfterMs: number | undefined;

	constructor(status: number, code: string, detail: string, more: ProblemDetails = {}) {
		super(detail);
		this.status = status;
		this.code = code;
		this.position = more.position;
		this.expected = more.expected;
		this.suggestion = more.suggestion;
		this.retryAfterMs = more.retryAfterMs;
	}
}

/** The message of whatever was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

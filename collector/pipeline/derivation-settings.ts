/** What of a span is judged where its sender did not say it. */
export interface DerivationSettings {
	/** Codes of HTTP and RPC make a span of an unset status an error. Off: only a status of error does, as for spanmetrics. */
	errorsByCode: boolean;
	/** HTTP server spans without a route are named by their path, ids aside. */
	pathsAsRoutes: boolean;
}

export const USUAL_DERIVATION: DerivationSettings = { errorsByCode: true, pathsAsRoutes: false };

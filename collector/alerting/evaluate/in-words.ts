/** `800ms` as `800 ms`, `1h30m` as `1 h 30 m`, `5%` as `5 %`: as a document writes it, to be read. */
export const spaced = (text: string | number): string =>
	String(text)
		.replaceAll(/(\d)(?=[a-z%])/g, '$1\u00a0')
		.replaceAll(/([a-z])(?=\d)/g, '$1\u00a0');

/** `p95`, `error rate`, `Apdex of 500 ms`. */
export function measureInWords(measure: string): string {
	const apdex = /^apdex\((.+)\)$/.exec(measure);
	if (apdex !== null) return `Apdex of ${spaced(apdex[1] ?? '')}`;
	const words: Record<string, string> = {
		errorPercent: 'error rate',
		errorsPerSecond: 'errors a second',
		requestsPerSecond: 'requests a second',
		count: 'requests',
	};
	return words[measure] ?? measure;
}

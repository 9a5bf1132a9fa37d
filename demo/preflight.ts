const timeoutMs = 3_000;

/** Why the demo could not deliver anything there; undefined when an OTLP receiver answers. */
export async function findEndpointProblem(
	endpoint: string,
	startCommand: string,
	headers: Record<string, string> = {},
): Promise<string | undefined> {
	try {
		const response = await fetch(`${endpoint}/v1/traces`, {
			method: 'POST',
			headers: { ...headers, 'content-type': 'application/json' },
			body: '{"resourceSpans":[]}',
			signal: AbortSignal.timeout(timeoutMs),
		});
		await response.body?.cancel();
		if (response.ok) return undefined;
		if (response.status === 401 || response.status === 403) {
			return `${endpoint} wants a key (${response.status}). Put one in OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer …".`;
		}
		return `${endpoint}/v1/traces answers ${response.status}: that is no Spanhouse. Is --endpoint right?`;
	} catch (error) {
		const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
		return `No Spanhouse answers at ${endpoint} (${reason}). Start one with "${startCommand}" in another terminal, or name it with --endpoint.`;
	}
}

/** The headers of `OTEL_EXPORTER_OTLP_HEADERS`, as the services send them. */
export function parseHeaderList(list: string | undefined): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const entry of (list ?? '').split(',')) {
		const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(entry) ?? [];
		if (name !== undefined && value !== undefined) headers[name] = decodeURIComponent(value);
	}
	return headers;
}

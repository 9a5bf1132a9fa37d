import { createHash } from 'node:crypto';

/** Names and ids of one project; no text of it is part of what another has. */
export interface Tenant {
	project: string;
	/** In every name and value. */
	word: string;
	traces: number;
}

export const hexOf = (word: string, digits: number): string =>
	createHash('sha256').update(word).digest('hex').slice(0, digits);
export const traceIdOf = ({ word }: Tenant, index: number): string => hexOf(`${word} trace ${index}`, 32);
export const rootIdOf = ({ word }: Tenant, index: number): string => hexOf(`${word} root ${index}`, 16);

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

export const SPANS_OF_TRACE = 3;

/**
 * A request that queries, calls another and fails: something for every list that needs no search in the background. No two take
 * equally long: which of them stands first would be anybody's guess.
 */
export function tracesOf(tenant: Tenant, endMs: number): object {
	const { word, traces } = tenant;
	const nano = (beforeMs: number) => `${endMs - beforeMs}000000`;
	const spans = Array.from({ length: traces }, (_, index) => {
		const traceId = traceIdOf(tenant, index);
		const root = { traceId, spanId: rootIdOf(tenant, index) };
		const common = { traceId, parentSpanId: root.spanId, endTimeUnixNano: nano(index + 5) };
		const query = {
			...common,
			kind: 3,
			name: `SELECT ${word}`,
			attributes: [text('db.system.name', 'postgresql'), text('db.query.text', `SELECT * FROM ${word} WHERE id = 7`)],
		};
		const thrown = [text('exception.type', `${word}Error`), text('exception.message', `${word} is out of stock`)];
		return [
			{
				...root,
				kind: 2,
				name: `GET /${word}`,
				startTimeUnixNano: nano(8 * index + 300),
				endTimeUnixNano: nano(index),
				status: { code: 2, message: `${word} failed` },
				attributes: [
					text('http.request.method', 'GET'),
					text('http.route', `/${word}`),
					text(`${word}.tier`, `${word} gold`),
				],
				events: [{ timeUnixNano: nano(index + 1), name: 'exception', attributes: thrown }],
			},
			{ ...query, spanId: hexOf(`${word} query ${index}`, 16), startTimeUnixNano: nano(4 * index + 25) },
			{
				...common,
				kind: 3,
				name: 'POST',
				spanId: hexOf(`${word} call ${index}`, 16),
				startTimeUnixNano: nano(5 * index + 30),
				attributes: [
					text('server.address', `${word}.example`),
					text('http.request.method', 'POST'),
					text('peer.service', `${word}-peer`),
				],
			},
		];
	});
	const attributes = [
		text('service.namespace', `${word}-team`),
		text('service.name', `${word}-web`),
		text('service.version', `${word}-1`),
		text('deployment.environment.name', `${word}-prod`),
		text('host.name', `${word}-host`),
		text('service.instance.id', `${word}-instance`),
	];
	return {
		resourceSpans: [
			{ resource: { attributes }, scopeSpans: [{ scope: { name: `${word}-scope` }, spans: spans.flat() }] },
		],
	};
}

export function logsOf(tenant: Tenant, endMs: number): object {
	const record = {
		timeUnixNano: `${endMs}000000`,
		traceId: traceIdOf(tenant, 0),
		spanId: rootIdOf(tenant, 0),
		severityNumber: 17,
		body: { stringValue: `${tenant.word} says it` },
		attributes: [text('exception.type', `${tenant.word}LogError`), text('exception.message', `${tenant.word} log`)],
	};
	const resource = { attributes: [text('service.name', `${tenant.word}-web`)] };
	return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] };
}

const document = (kind: string, name: string, spec: object) => ({
	apiVersion: 'spanhouse.dev/v1',
	kind,
	metadata: { name },
	spec,
});

/** What people of the project decide, as requests: method, path, body. */
export function decisionsOf(tenant: Tenant, endMs: number): [method: string, path: string, body?: unknown][] {
	const { word } = tenant;
	const alert = {
		query: `service:${word}-web`,
		measure: 'p95',
		window: '5m',
		conditions: [{ severity: 'ticket', above: '30s' }],
	};
	const objective = {
		total: `service:${word}-web`,
		good: 'duration<300ms',
		targetPercent: 99,
		window: { duration: '1d' },
	};
	return [
		['PUT', `/views/traces/${word}-view`, { search: `q=${word}` }],
		['PUT', `/config/Alert/${word}-alert`, document('Alert', `${word}-alert`, alert)],
		['PUT', `/config/SLO/${word}-slo`, document('SLO', `${word}-slo`, objective)],
		['POST', '/silences', { match: { alert: `${word}-*` }, forMs: 3_600_000, reason: `${word} rests` }],
		[
			'POST',
			'/changes',
			{ kind: 'configuration', service: `${word}-web`, title: `${word} changed`, tMs: endMs - 60_000 },
		],
		['PUT', `/pins/${traceIdOf(tenant, 0)}`],
	];
}

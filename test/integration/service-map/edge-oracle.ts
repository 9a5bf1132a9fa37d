/** Who calls whom by brute force over plain spans: from the definitions in schema/service-map.ts alone. */
import { SPAN_TYPES } from '../../../schema/span.ts';
import { timeOf } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { serviceOf } from '../store/oracle.ts';

/** The spans that an edge counts, and which of them nobody answered. */
export interface OracleEdge {
	caller: string;
	callee: string;
	type: string;
	spans: PlainSpan[];
	unanswered: PlainSpan[];
}

const promotedOf = (span: PlainSpan, name: string): string => String(span.promoted?.[name] ?? '');
const join = (...parts: string[]): string => parts.filter((part) => part !== '').join(':');
const queueOf = (span: PlainSpan): string =>
	join(promotedOf(span, 'messaging.system'), promotedOf(span, 'messaging.destination.name'));
const isOfType = (span: PlainSpan, type: string): boolean => SPAN_TYPES[span.type ?? 0] === type;
const service = (span: PlainSpan): string => `service:${serviceOf(span)}`;

const isSend = (span: PlainSpan): boolean =>
	span.kind === 4 ||
	(span.kind === 3 &&
		isOfType(span, 'messaging') &&
		!['receive', 'settle', 'process'].includes(promotedOf(span, 'messaging.operation.type')));

export function edgesOf(spans: readonly PlainSpan[], isCounted: (span: PlainSpan) => boolean): OracleEdge[] {
	const edges = new Map<string, OracleEdge>();
	const count = (caller: string, callee: string, type: string, span: PlainSpan, isUnanswered = false): void => {
		const key = JSON.stringify([caller, callee, type]);
		const edge = edges.get(key) ?? { caller, callee, type, spans: [], unanswered: [] };
		edges.set(key, edge);
		edge.spans.push(span);
		if (isUnanswered) edge.unanswered.push(span);
	};
	const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
	const aboveOf = parentsOf(spans);
	const children = Map.groupBy(spans, aboveOf);
	const answersOf = (span: PlainSpan): string[] => {
		const servers = (children.get(span) ?? []).filter((child) => child.kind === 2);
		return [...new Set(servers.map(service))];
	};
	const clients = spans.filter((span) => span.kind === 3 && !isOfType(span, 'db') && !isOfType(span, 'messaging'));
	const known = new Set(spans.map(serviceOf));
	// Which services answered at an address, among the calls that are counted.
	const owners = new Map<string, Set<string>>();
	for (const span of clients.filter(isCounted)) {
		const address = promotedOf(span, 'server.address');
		for (const answer of answersOf(span)) owners.set(address, (owners.get(address) ?? new Set()).add(answer));
	}
	for (const span of clients.filter(isCounted)) {
		const answers = answersOf(span);
		for (const answer of answers) count(service(span), answer, 'request', span);
		if (answers.length > 0) continue;
		const peer = promotedOf(span, 'service.peer.name');
		const address = promotedOf(span, 'server.address');
		const atAddress = [...(owners.get(address) ?? [])];
		if (known.has(peer)) count(service(span), `service:${peer}`, 'request', span, true);
		else if (peer === '' && address !== '' && atAddress.length === 1)
			count(service(span), atAddress[0]!, 'request', span, true); // prettier-ignore
		else count(service(span), `external:${peer || address}`, 'request', span);
	}
	for (const span of spans.filter(isCounted)) {
		if (isOfType(span, 'db') && span.kind !== 2) {
			const where = promotedOf(span, 'db.namespace') || promotedOf(span, 'server.address');
			count(service(span), `database:${join(promotedOf(span, 'db.system.name'), where)}`, 'database', span);
		}
		if (isSend(span) && queueOf(span) !== '') count(service(span), `queue:${queueOf(span)}`, 'messaging', span);
		if (span.kind === 5) {
			if (queueOf(span) !== '') count(`queue:${queueOf(span)}`, service(span), 'messaging', span);
			const parent = aboveOf(span);
			const linked = (span.links ?? []).map((link) => byId.get(`${link.traceId} ${link.spanId}`));
			const senders = parent !== undefined && isSend(parent) ? [parent] : linked.filter((one) => one !== undefined && isSend(one)); // prettier-ignore
			for (const pair of new Set(senders.map((sender) => JSON.stringify([service(sender!), queueOf(sender!)])))) {
				count((JSON.parse(pair) as string[])[0]!, service(span), 'messaging', span);
			}
		}
		const above = aboveOf(span);
		if (
			span.kind === 2 &&
			above !== undefined &&
			above.kind !== 3 &&
			above.kind !== 4 &&
			serviceOf(above) !== serviceOf(span)
		) {
			count(service(above), service(span), 'child', span);
		}
	}
	return [...edges.values()];
}

/** As in a waterfall: a server span that has the id of a client span is below that, and what names such an id below the server's. */
function parentsOf(spans: readonly PlainSpan[]): (span: PlainSpan) => PlainSpan | undefined {
	const withId = Map.groupBy(spans, (span) => `${span.traceId} ${span.spanId}`);
	return (span) => {
		const own = withId.get(`${span.traceId} ${span.spanId}`) ?? [];
		const client = span.kind === 2 ? own.find(({ kind }) => kind === 3) : undefined;
		if (client !== undefined) return client;
		const named = withId.get(`${span.traceId} ${span.parentSpanId ?? ''}`) ?? [];
		return named.find(({ kind }) => kind === 2) ?? named[0];
	};
}

export const inWindow =
	({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
	(span: PlainSpan): boolean =>
		Number(timeOf(span)) >= fromMs && Number(timeOf(span)) < toMs;

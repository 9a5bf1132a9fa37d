/** What Zipkin's libraries send: the client's and the server's span of a call have one id, and the same parent. */
import type { PlainSpan } from './span-block.ts';

const [SERVER, CLIENT] = [2, 3];

/**
 * The same traces, with an id shared in most calls. Of two servers that answer one call the second stays a span below the first.
 * Every third call is made within a client span of its own, as a library does that is built upon another, and some have nothing
 * above them.
 */
export function withSharedIds(spans: readonly PlainSpan[]): PlainSpan[] {
	const key = (traceId: string, spanId = ''): string => `${traceId} ${spanId}`;
	const servers = Map.groupBy(
		spans.filter(({ kind }) => kind === SERVER),
		({ traceId, parentSpanId }) => key(traceId, parentSpanId),
	);
	/** Of a span whose id is another's now, what is changed. */
	const changed = new Map<PlainSpan, Partial<PlainSpan>>();
	const added: PlainSpan[] = [];
	const sharedIds = new Map<string, string>();
	const calls = spans.filter(({ kind, type }) => kind === CLIENT && type !== undefined);
	let shared = 0;
	for (const client of calls) {
		const [server] = servers.get(key(client.traceId, client.spanId)) ?? [];
		shared += server === undefined ? 0 : 1;
		if (server === undefined || shared % 7 === 0) continue;
		const { parentSpanId: _parent, ...root } = client;
		let above = shared % 5 === 0 ? {} : { parentSpanId: client.parentSpanId ?? '' };
		if (shared % 3 === 0) {
			const outer = client.spanId.replace(/^./, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
			added.push({ ...root, ...above, spanId: outer });
			above = { parentSpanId: outer };
		}
		changed.set(client, { ...root, ...above });
		const { parentSpanId: _client, ...answer } = server;
		changed.set(server, { ...answer, ...above, spanId: client.spanId });
		sharedIds.set(key(server.traceId, server.spanId), client.spanId);
	}
	const moved = spans.map((span) => {
		const one = (changed.get(span) ?? span) as PlainSpan;
		const above = sharedIds.get(key(one.traceId, one.parentSpanId));
		return above === undefined ? one : { ...one, parentSpanId: above };
	});
	return [...moved, ...added];
}

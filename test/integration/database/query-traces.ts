/** Traces with database calls: under requests, in wrappers, alone, and again and again; the same for the same seed. */
import { SPAN_TYPES } from '../../../schema/span.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';

const DB = SPAN_TYPES.indexOf('db');
const HTTP = SPAN_TYPES.indexOf('http');

const queries = [
	['SELECT stock', 'SELECT qty FROM stock WHERE sku = ?', 0xa1n],
	['SELECT cart', 'SELECT * FROM cart WHERE id = ?', 0xffff_ffff_ffff_fff2n],
	['UPDATE cart', 'UPDATE cart SET n = ? WHERE id = ?', 0xb3n],
	['GET', '', 0n],
] as const;

export type Pattern = 'sequential' | 'parallel' | 'interleaved' | 'few' | 'short' | 'none';

export interface QueryTrace {
	spans: PlainSpan[];
	pattern: Pattern;
	/** Of the span that has the repeats below it. */
	parentSpanId: string;
}

export function queryTraces({
	seed,
	traces,
	endMs,
	withinMs,
}: {
	seed: number;
	traces: number;
	endMs: number;
	withinMs: number;
}): QueryTrace[] {
	const random = randomNumbers(seed);
	const below = (limit: number) => Math.floor(random() * limit);
	const hex = (digits: number) => Array.from({ length: digits }, () => below(16).toString(16)).join('');
	const patterns: Pattern[] = ['sequential', 'parallel', 'interleaved', 'few', 'short', 'none', 'none', 'none'];
	return Array.from({ length: traces }, (_, index): QueryTrace => {
		const traceId = hex(32);
		const endNano = BigInt(endMs - 1_000 - below(withinMs - 60_000)) * 1_000_000n;
		const service = ['cart', 'inventory'][below(2)]!;
		const resource = { service, namespace: service === 'cart' ? 'shop' : '', environment: below(4) === 0 ? 'staging' : 'production' }; // prettier-ignore
		const spans: PlainSpan[] = [];
		const add = (span: Omit<PlainSpan, 'traceId' | 'spanId'>): string => {
			const spanId = hex(16);
			spans.push({ traceId, spanId, resource, error: below(9) === 0, weight: 1, ...span });
			return spanId;
		};
		const at = (ms: number) => endNano - 2_000_000_000n + BigInt(Math.round(ms * 1e6));
		const request = add({ kind: 2, type: HTTP, operation: `GET /${service}/${below(2)}`, startUnixNano: at(0), endUnixNano: endNano }); // prettier-ignore
		const wrapped = below(2) === 0;
		const parentSpanId = wrapped ? add({ kind: 1, operation: 'handler', parentSpanId: request, startUnixNano: at(1), endUnixNano: endNano - 1n }) : request; // prettier-ignore
		const call = (
			query: (typeof queries)[number],
			fromMs: number,
			ms: number,
			parent: string | undefined = parentSpanId,
		) => {
			const [operation, text, fingerprint] = query;
			const system = operation === 'GET' ? 'redis' : 'postgresql';
			add({
				kind: below(4) === 0 ? 1 : 3,
				type: DB,
				operation,
				weight: below(12) === 0 ? 10 : 1,
				...(parent === undefined ? {} : { parentSpanId: parent }),
				startUnixNano: at(fromMs),
				endUnixNano: at(fromMs + ms),
				promoted: { 'db.system.name': system, ...(system === 'redis' ? {} : { 'db.namespace': 'shop' }) },
				...(text === '' ? {} : { query: { text, fingerprint } }),
				...(below(2) === 0 ? { attributes: [['db.response.returned_rows', { intValue: String(below(50)) }]] } : {}),
			});
		};
		const pattern = patterns[index % patterns.length]!;
		const repeats = 5 + below(20);
		const [repeated, other] = [queries[0], queries[1]];
		if (pattern === 'sequential') for (let n = 0; n < repeats; n += 1) call(repeated, 10 + n * 15, 12);
		if (pattern === 'parallel') for (let n = 0; n < repeats; n += 1) call(repeated, 10 + n, 60 + below(40));
		const turns = pattern === 'interleaved' ? repeats : 0;
		for (let n = 0; n < turns; n += 1) {
			call(repeated, 10 + n * 30, 12);
			call(other, 10 + n * 30 + 13, 1);
		}
		if (pattern === 'few') for (let n = 0; n < 4; n += 1) call(repeated, 10 + n * 50, 40);
		if (pattern === 'short') for (let n = 0; n < repeats; n += 1) call(repeated, 10 + n * 3, 1);
		for (let n = 0; n < below(4); n += 1) call(queries[1 + below(queries.length - 1)]!, 1_000 + n * 50, 1 + below(40), below(8) === 0 ? undefined : parentSpanId); // prettier-ignore
		return { spans, pattern, parentSpanId };
	});
}

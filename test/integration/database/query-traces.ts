/** Traces with database calls: under requests, in wrappers, alone, and again and again; the same for the same seed. */
import { SPAN_TYPES } from '../../../schema/span.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import type { PlainAttributes, PlainSpan } from '../../support/span-block.ts';

const DB = SPAN_TYPES.indexOf('db');
const HTTP = SPAN_TYPES.indexOf('http');

const queries = [
	['SELECT stock', 'SELECT qty FROM stock WHERE sku = ?', 0xa1n],
	['SELECT cart', 'SELECT * FROM cart WHERE id = ?', 0xffff_ffff_ffff_fff2n],
	['UPDATE cart', 'UPDATE cart SET n = ? WHERE id = ?', 0xb3n],
	['GET', '', 0n],
] as const;

/** Of the one that a call has, either from the column or its copy. */
export const valueOf = ({ promoted, copied }: PlainSpan, attribute: string): string | undefined =>
	(promoted?.[attribute] ?? copied?.[attribute])?.toString();

const places = [
	['shop.Repo.find', 'src/repo.ts', 88],
	['shop.Repo.find', 'src/repo.ts', 97],
	['shop.Cart.load', '', 0],
] as const;

/** By the names of today, or by those before. */
function placeAttributes([name, file, line]: (typeof places)[number], isOld: boolean): PlainAttributes {
	const [, namespace = '', bare = ''] = /^(.*)\.(\w+)$/.exec(name) ?? [];
	return [
		...(isOld
			? ([['code.namespace', { stringValue: namespace }], ['code.function', { stringValue: bare }]] as const)
			: ([['code.function.name', { stringValue: name }]] as const)),
		...(file === '' ? [] : ([[isOld ? 'code.filepath' : 'code.file.path', { stringValue: file }]] as const)),
		// Some instrumentations send the line as text.
		...(line === 0 ? [] : ([[isOld ? 'code.lineno' : 'code.line.number', isOld ? { stringValue: String(line) } : { intValue: String(line) }]] as const)),
	]; // prettier-ignore
}

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
		const parentSpanId = wrapped ? add({ kind: 1, operation: 'handler', parentSpanId: request, ...(below(2) === 0 ? { attributes: placeAttributes(places[below(3)]!, below(2) === 0) } : {}), startUnixNano: at(1), endUnixNano: endNano - 1n }) : request; // prettier-ignore
		const call = (
			query: (typeof queries)[number],
			fromMs: number,
			ms: number,
			parent: string | null = parentSpanId,
		) => {
			const [operation, text, fingerprint] = query;
			const system = operation === 'GET' ? 'redis' : 'postgresql';
			const isOld = below(4) === 0;
			const isBoth = !isOld && below(6) === 0;
			const facts = {
				'db.system.name': system,
				...(system === 'redis' ? {} : { 'db.namespace': 'shop' }),
				...(text === '' ? {} : { 'db.query.text': text }),
			};
			add({
				kind: below(4) === 0 ? 1 : 3,
				type: DB,
				operation,
				weight: below(12) === 0 ? 10 : 1,
				...(parent === null ? {} : { parentSpanId: parent }),
				startUnixNano: at(fromMs),
				endUnixNano: at(fromMs + ms),
				...(isOld ? { copied: facts } : { promoted: facts }),
				...(text === '' ? {} : { query: { text, fingerprint } }),
				attributes: [
					...(isOld || isBoth ? ([['db.system', { stringValue: system }]] as const) : []),
					...(text !== '' && (isOld || isBoth) ? ([['db.statement', { stringValue: text }]] as const) : []),
					// A key-value store doesn't say; some drivers don't know.
					...(system !== 'redis' && below(2) === 0 ? ([['db.response.returned_rows', { intValue: String(below(50) - 1) }]] as const) : []), // prettier-ignore
					...(below(3) === 0 ? placeAttributes(places[below(3)]!, below(2) === 0) : []),
				],
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
		for (let n = 0; n < below(4); n += 1) call(queries[1 + below(queries.length - 1)]!, 1_000 + n * 50, 1 + below(40), below(8) === 0 ? null : parentSpanId); // prettier-ignore
		return { spans, pattern, parentSpanId };
	});
}

import { expect, test } from 'vitest';
import { parseQuery } from '../../../schema/query-language.ts';
import { compileQuery } from '../../analysis/query-to-sql.ts';
import { tracePageSql } from './trace-page.ts';
import type { TraceOrder } from './trace-page.ts';

/** How often a page of traces reads spans. */
function readings(q: string, order: Partial<TraceOrder> = {}): number {
	const parsed = parseQuery(q);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	const query = compileQuery(parsed.query);
	if ('kind' in query) throw new Error(query.message);
	const scope = { project: 'default', window: { fromMs: 0, toMs: 1 } };
	const sql = tracePageSql(scope, query, { sort: '-duration', isContinued: false, isSharded: false, ...order });
	return sql.split('FROM spans').length - 1;
}

test.each(['', 'service:shop/web', 'service:web error:true duration>1ms', 'operation:"GET /" -kind:client env:prod'])(
	'the slowest traces of "%s" are found in one reading of spans, which is as short as that of their matches',
	(q) => {
		expect(readings(q)).toBe(1);
		expect(readings(q, { sort: 'start' })).toBe(1);
		expect(readings(q, { isSharded: true })).toBe(2);
		expect(readings(q, { sort: '-end', isSharded: true })).toBe(1);
	},
);

test.each([
	'app.tier:gold',
	'http.route:/cart',
	'cart',
	'event.name:exception',
	'service:web traceId:ab*',
	'has:link.k',
])('those of "%s" in two: most spans are passed over when matches are sought, or are long to read', (q) =>
	expect(readings(q)).toBe(2),
);

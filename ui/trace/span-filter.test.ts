import { expect, test } from 'vitest';
import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { checkoutTrace } from '../../test/support/sample-traces.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import { filterSpans } from './span-filter.ts';
import { nameOf } from './span-facts.ts';

const arranged = arrangeTrace(traceSpans(checkoutTrace()));
const trace = { ...arranged, total: arranged.count, truncated: false };
const namesOf = (text: string): string[] => {
	const result = filterSpans(trace, text);
	return result.kind === 'matches' ? Array.from(result.matches.rows, (row) => nameOf(trace, row)) : [result.kind];
};

test.each<[string, number]>([
	['SELECT', 25],
	['select stock', 24],
	['type:db', 26],
	['type:db -stock', 2],
	['service:shop/mailer', 3],
	['service:mailer', 3],
	['name:"POST /checkout"', 1],
	['name:oteldemo*', 4],
	['kind:(producer OR consumer)', 2],
	['error:true', 7],
	['error:false', 42],
	['duration>1s', 5],
	['duration:500ms..600ms', 4],
	['http.response.status_code:504', 2],
	['http.response.status_code>=500', 5],
	['has:http.response.status_code', 9],
	['critical:true type:http', 6],
	['nothing like it', 0],
])('%s finds %i', (text, count) => {
	expect(namesOf(text)).toHaveLength(count);
});

test('the beginning of a span id finds the span', () => {
	expect(namesOf('1f3d5b79')).toEqual(['POST /checkout']);
});

test('an empty filter is off', () => {
	expect(filterSpans(trace, '  ')).toEqual({ kind: 'off' });
});

test.each<[string, RegExp]>([
	['duration>500', /500ms|unit|duration/i],
	['{service:cart} >> {error:true}', /Braces and structure/],
	['traceId:0af7651916cd43dd8448eb211c80319c', /traceId tells nothing apart/],
])('%s is answered with what is wrong', (text, message) => {
	const result = filterSpans(trace, text);
	expect(result.kind === 'problem' && result.message).toMatch(message);
});

test('attributes that are not here yet are told, by the scope and key that they lie under', () => {
	expect(filterSpans(trace, 'http.route:/cart -resource.region:eu version:v2 error:true')).toEqual({
		kind: 'waiting',
		wanted: [
			{ scope: 'any', key: 'http.route' },
			{ scope: 'resource', key: 'region' },
			{ scope: 'resource', key: 'service.version' },
		],
	});
});

/** Row 0 has "5" as text, row 1 the number 5, row 2 two values, row 3 true, the others nothing. */
const column = {
	values: [
		{ text: '5', type: 'text' as const },
		{ text: '5', type: 'number' as const },
		{ text: '/cart/7', type: 'text' as const },
		{ text: 'true', type: 'boolean' as const },
	],
	from: Uint32Array.from({ length: trace.count + 1 }, (_, row) => [0, 1, 2, 4, 5][row] ?? 5),
	ids: Uint32Array.of(0, 1, 0, 2, 3),
};

test.each<[string, number[]]>([
	['k:5', [0, 1, 2]],
	['k:"5"', [0, 2]],
	['k>4', [1]],
	['k:4..6', [1]],
	['k:/cart/*', [2]],
	['k~"^/c.*7$"', [2]],
	['k!~"^/c"', [0, 1, 3]],
	['k!=5', [3]],
	['k:true', [3]],
	['k:(true OR "5")', [0, 2, 3]],
	['has:k', [0, 1, 2, 3]],
	['has:k -k:5', [3]],
])('%s finds rows %j', (text, rows) => {
	const result = filterSpans(trace, text, () => column);
	expect(result.kind === 'matches' && [...result.matches.rows]).toEqual(rows);
});

test('slow is what takes longer than the rest of its kind', () => {
	expect(namesOf('slow:true')).toEqual([]);
	const kinds = [10, 11, 12, 10, 300].map((end, index) => ({ id: BigInt(index + 1), start: 0, end, name: 'x' }));
	const arranged = arrangeTrace(traceSpans(kinds));
	const five = { ...arranged, total: 5, truncated: false };
	const result = filterSpans(five, 'slow:true');
	expect(result.kind === 'matches' && Array.from(result.matches.rows, (row) => five.duration[row])).toEqual([300]);
});

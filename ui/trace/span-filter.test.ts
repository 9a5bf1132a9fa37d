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
	['http.route:/cart', /Within a trace only .* not http\.route/],
	['{service:cart} >> {error:true}', /Braces and structure/],
	['name~"a.*"', /compared by ":"/],
])('%s is answered with what is wrong', (text, message) => {
	const result = filterSpans(trace, text);
	expect(result.kind === 'problem' && result.message).toMatch(message);
});

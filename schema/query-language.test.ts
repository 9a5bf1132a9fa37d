import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery } from './query-language.ts';
import { printQuery } from './query-print.ts';
import { QUERY_LIMITS } from './query-syntax.ts';
import type { Expression, QueryError, Term } from './query-syntax.ts';
import { withoutPlaces } from '../test/support/query-arbitraries.ts';

function expression(text: string): Expression | undefined {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new Error(`${text}: ${parsed.message}`);
	return parsed.query.where;
}

function term(text: string): Term {
	const parsed = expression(text);
	if (parsed?.kind !== 'term') throw new Error(`${text} is no single term`);
	return parsed;
}

function error(text: string): QueryError {
	const parsed = parseQuery(text);
	if (parsed.kind === 'query') throw new Error(`${text} was read as ${printQuery(parsed.query)}`);
	return parsed;
}

const values = (text: string) => term(text).values;
/** The query as nested lists, to see what binds to what. */
function shape(of: Expression | undefined): unknown {
	switch (of?.kind) {
		case undefined:
			return [];
		case 'and':
		case 'or':
			return [of.kind, ...of.operands.map(shape)];
		case 'not':
			return ['not', shape(of.operand)];
		case 'free':
			return of.pieces.join('*');
		case 'term':
			return printQuery({ where: of });
		case 'spans':
			return ['spans', shape(of.where)];
		case 'structure':
			return [of.operator, shape(of.left), shape(of.right)];
		case 'counted':
			return ['count', of.operator, of.count, shape(of.of)];
	}
}

test('the example of the manual is read term by term', () => {
	const text =
		'service:checkout duration>500ms error:true http.route:/cart/* -db.system.name:redis (kind:server OR kind:consumer) "free text"';
	expect(shape(expression(text))).toEqual([
		'and',
		'service:checkout',
		'duration>500ms',
		'error:true',
		'http.route:/cart/*',
		['not', 'db.system.name:redis'],
		['or', 'kind:server', 'kind:consumer'],
		'free text',
	]);
});

describe('precedence', () => {
	test.each<[string, unknown]>([
		['a b OR c', ['or', ['and', 'a', 'b'], 'c']],
		['a OR b c', ['or', 'a', ['and', 'b', 'c']]],
		['a AND b OR c AND d', ['or', ['and', 'a', 'b'], ['and', 'c', 'd']]],
		['NOT a b', ['and', ['not', 'a'], 'b']],
		['-a OR b', ['or', ['not', 'a'], 'b']],
		['-(a OR b) c', ['and', ['not', ['or', 'a', 'b']], 'c']],
		['NOT (a b)', ['not', ['and', 'a', 'b']]],
		['--a', ['not', ['not', 'a']]],
		['(a OR b) c', ['and', ['or', 'a', 'b'], 'c']],
		['a or b', ['and', 'a', 'or', 'b']],
		['a and not b', ['and', 'a', 'and', 'not', 'b']],
		['a "OR" b', ['and', 'a', 'OR', 'b']],
		['ORDER NOTHING ANDROID', ['and', 'ORDER', 'NOTHING', 'ANDROID']],
		['a - b', ['and', 'a', '-', 'b']],
		['a-b', 'a-b'],
	])('%s', (text, expected) => {
		expect(shape(expression(text))).toEqual(expected);
	});
});

describe('keys', () => {
	test.each<[string, Term['key']]>([
		['service:x', { kind: 'span', field: 'service' }],
		['span.service:x', { kind: 'attribute', scope: 'span', key: 'service' }],
		['resource.k8s.pod.name:x', { kind: 'attribute', scope: 'resource', key: 'k8s.pod.name' }],
		['span.span.x:1', { kind: 'attribute', scope: 'span', key: 'span.x' }],
		['span.:1', { kind: 'attribute', scope: 'any', key: 'span.' }],
		['event.exception.type:x', { kind: 'attribute', scope: 'event', key: 'exception.type' }],
		['link.x:1', { kind: 'attribute', scope: 'link', key: 'x' }],
		['scope.name:x', { kind: 'attribute', scope: 'scope', key: 'name' }],
		['http.route:x', { kind: 'attribute', scope: 'any', key: 'http.route' }],
		['"odd key":x', { kind: 'attribute', scope: 'any', key: 'odd key' }],
		['resource."odd: key":x', { kind: 'attribute', scope: 'resource', key: 'odd: key' }],
		['"span.x":1', { kind: 'attribute', scope: 'any', key: 'span.x' }],
		['Service:x', { kind: 'attribute', scope: 'any', key: 'Service' }],
		['__proto__:x', { kind: 'attribute', scope: 'any', key: '__proto__' }],
		['constructor:x', { kind: 'attribute', scope: 'any', key: 'constructor' }],
		['trace.root.service:x', { kind: 'trace', field: 'trace.root.service' }],
		['trace.issue:0123456789abcdef', { kind: 'trace', field: 'trace.issue' }],
		['trace.other:x', { kind: 'attribute', scope: 'any', key: 'trace.other' }],
		['has:span.x', { kind: 'attribute', scope: 'span', key: 'x' }],
		['has:"a b"', { kind: 'attribute', scope: 'any', key: 'a b' }],
		['x:*', { kind: 'attribute', scope: 'any', key: 'x' }],
	])('%s', (text, key) => {
		expect(term(text).key).toEqual(key);
	});
});

describe('operators', () => {
	test.each<[string, string]>([
		['k:v', ':'],
		['k=v', ':'],
		['k!=v', '!='],
		['k>1', '>'],
		['k>=1', '>='],
		['k<1', '<'],
		['k<=1', '<='],
		['k:>1', '>'],
		['k > 1', '>'],
		['k != v', '!='],
		['k~"a.*"', '~'],
		['k!~a.*', '!~'],
		['has:k', 'has'],
		['k:*', 'has'],
	])('%s is %s', (text, operator) => {
		expect(term(text).operator).toBe(operator);
	});
});

describe('values', () => {
	test.each<[string, unknown]>([
		['k:abc', { kind: 'text', text: 'abc' }],
		['k:500', { kind: 'number', text: '500' }],
		['k:-5', { kind: 'number', text: '-5' }],
		['k:"500"', { kind: 'text', text: '500' }],
		[String.raw`k:\500`, { kind: 'text', text: '500' }],
		['k:true', { kind: 'boolean', text: 'true' }],
		['k:"true"', { kind: 'text', text: 'true' }],
		['k:True', { kind: 'text', text: 'True' }],
		['k:1.2.3', { kind: 'text', text: '1.2.3' }],
		['k:a*b', { kind: 'wildcard', pieces: ['a', 'b'] }],
		['k:"a*b"', { kind: 'text', text: 'a*b' }],
		[String.raw`k:a\*b`, { kind: 'text', text: 'a*b' }],
		[String.raw`k:a\ b`, { kind: 'text', text: 'a b' }],
		[String.raw`k:"say \"hi\" \\ \d"`, { kind: 'text', text: String.raw`say "hi" \ \d` }],
		['k:""', { kind: 'text', text: '' }],
		['k:/users/{id}', { kind: 'text', text: '/users/{id}' }],
		['k:f(x)', { kind: 'text', text: 'f(x)' }],
		['k:a:b', { kind: 'text', text: 'a:b' }],
		['k:100..300', { kind: 'range', from: { kind: 'number', text: '100' }, to: { kind: 'number', text: '300' } }],
		['k:..300', { kind: 'range', to: { kind: 'number', text: '300' } }],
		['k:-1.5..', { kind: 'range', from: { kind: 'number', text: '-1.5' } }],
		['k:a..b', { kind: 'text', text: 'a..b' }],
		['k:../x', { kind: 'text', text: '../x' }],
		['k:..', { kind: 'text', text: '..' }],
		['version:1.0', { kind: 'text', text: '1.0' }],
		['version:1..2', { kind: 'text', text: '1..2' }],
		['duration:500ms', { kind: 'duration', text: '500ms', nano: 500_000_000n }],
		['duration:1h30m', { kind: 'duration', text: '1h30m', nano: 5_400_000_000_000n }],
		['duration:1.5us', { kind: 'duration', text: '1.5us', nano: 1_500n }],
		['duration:2µs', { kind: 'duration', text: '2µs', nano: 2_000n }],
		['duration:3d', { kind: 'duration', text: '3d', nano: 259_200_000_000_000n }],
		['duration:1w', { kind: 'duration', text: '1w', nano: 604_800_000_000_000n }],
	])('%s', (text, value) => {
		expect(values(text)).toEqual([value]);
	});

	test('the unit on the right of a range serves both sides', () => {
		expect(values('duration:100..300ms')).toEqual(values('duration:100ms..300ms'));
		expect(values('duration:500us..1s')).toMatchObject([{ from: { nano: 500_000n }, to: { nano: 1_000_000_000n } }]);
	});

	test('a group holds any value', () => {
		expect(values('k:(a OR "b c" OR 5 OR x* OR 1..2)').map(({ kind }) => kind)).toEqual([
			'text',
			'text',
			'number',
			'wildcard',
			'range',
		]);
	});

	test('a value ends where its bracket does', () => {
		expect(shape(expression('(k:a OR k:f(x)) b'))).toEqual(['and', ['or', 'k:a', 'k:"f(x)"'], 'b']);
	});

	test('a URL is a free word', () => {
		expect(shape(expression('https://shop.example/cart?a=1'))).toBe('https://shop.example/cart?a=1');
	});
});

describe('structure', () => {
	test.each<[string, unknown]>([
		['{}', ['spans', []]],
		['{a} >> {b}', ['>>', ['spans', 'a'], ['spans', 'b']]],
		['{a}>{b}', ['>', ['spans', 'a'], ['spans', 'b']]],
		['{a} << {b}', ['<<', ['spans', 'a'], ['spans', 'b']]],
		['{a} < {b}', ['<', ['spans', 'a'], ['spans', 'b']]],
		['{a} ~ {b}', ['~', ['spans', 'a'], ['spans', 'b']]],
		['{a} !>> {b}', ['!>>', ['spans', 'a'], ['spans', 'b']]],
		['{a} !> {b}', ['!>', ['spans', 'a'], ['spans', 'b']]],
		['{a} !< {b}', ['!<', ['spans', 'a'], ['spans', 'b']]],
		['{a} -> {b}', ['->', ['spans', 'a'], ['spans', 'b']]],
		['{a}->({b} !> {c})', ['->', ['spans', 'a'], ['!>', ['spans', 'b'], ['spans', 'c']]]],
		['{a} && {b} || {c}', ['||', ['&&', ['spans', 'a'], ['spans', 'b']], ['spans', 'c']]],
		['{a} > {b} && {c}', ['&&', ['>', ['spans', 'a'], ['spans', 'b']], ['spans', 'c']]],
		['{a} > {b} >> {c}', ['>>', ['>', ['spans', 'a'], ['spans', 'b']], ['spans', 'c']]],
		['{a} > ({b} && {c})', ['>', ['spans', 'a'], ['&&', ['spans', 'b'], ['spans', 'c']]]],
		['{type:db} | count() > 100', ['count', '>', 100, ['spans', 'type:db']]],
		['{a b OR c}', ['spans', ['or', ['and', 'a', 'b'], 'c']]],
		['{http.route:/users/{id}} > {a}', ['>', ['spans', 'http.route:"/users/{id}"'], ['spans', 'a']]],
		['{a} >> {b} trace.duration>1s', ['and', ['>>', ['spans', 'a'], ['spans', 'b']], 'trace.duration>1s']],
		['trace.spans>5 {a}', ['and', 'trace.spans>5', ['spans', 'a']]],
	])('%s', (text, expected) => {
		expect(shape(expression(text))).toEqual(expected);
	});
});

describe('errors say where and what', () => {
	test.each<[text: string, position: number, expected: RegExp, suggestion?: string]>([
		['duration>500', 9, /unit/, 'duration>500ms'],
		['a duration:100..300 b', 11, /unit/, 'a duration:100..300ms b'],
		['duration>abc', 9, /unit/],
		['service:', 8, /value/],
		['service: checkout', 8, /right after/, 'service:checkout'],
		['(a', 2, /`\)`/],
		['a)', 1, /a term/],
		['{a', 2, /`}`/],
		['a OR', 4, /a term/],
		['OR a', 0, /a term/],
		['a AND AND b', 6, /a term/],
		['"open', 0, /closing quote/, '"open"'],
		['k:(a b)', 5, /`OR`/],
		['k:(a OR', 7, /value/],
		['kind:boss', 5, /server/],
		['kind:SERVER', 5, /server/, 'kind:server'],
		['error:maybe', 6, /true, false/],
		['status:sent', 7, /unset, ok, error/],
		['traceId:xyz', 8, /32 hexadecimal/],
		['service>a', 8, /no order/],
		['trace.spans>1s', 12, /counts/],
		['k>5ms', 2, /without a unit/],
		['k:1ms..5ms', 2, /without a unit/],
		['k>a*', 2, /number or a text/],
		['k!=*', 3, /-has:/],
		['k~"a(b"', 4, /closes this group/],
		['k~"(?=a)"', 3, /look-around/],
		[String.raw`k~"(a)\1"`, 6, /back references/],
		['k~"a{2000}"', 4, /1000/],
		[String.raw`k~"a(?:\pL{100}){10}"`, 16, /fewer repetitions/],
		['duration~"5"', 9, /comparison/],
		['a && b', 2, /AND/, 'a  AND  b'],
		['a >> b', 2, /{…}/],
		['{a} >> b', 8, /{…} after >>/],
		['{a} b', 4, /beside/],
		['{a} {b}', 4, /&&/],
		['-{a}', 0, /negate/],
		['{a {b}}', 3, /within each other/],
		['{a} | rate() > 1', 6, /count\(\)/],
		['{a} | count() > x', 6, /whole number/],
		['a | count() > 1', 2, /a key or a word|after {…}/],
		['>5', 0, /before this/],
	])('%s', (text, position, expected, suggestion) => {
		const { kind, suggestion: offered, message, ...where } = error(text);
		expect(kind).toBe('error');
		expect(where.position).toBe(position);
		expect(where.expected).toMatch(expected);
		expect(message).toContain(`at character ${position + 1}`);
		expect(offered).toBe(suggestion);
	});
});

describe('what was pasted from elsewhere', () => {
	test.each([
		['4bf92f3577b34da6a3ce929d0e0e4736'],
		[' 4BF92F3577B34DA6A3CE929D0E0E4736 '],
		['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
		['traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
		['4bf92f35-77b3-4da6-a3ce-929d0e0e4736'],
	])('%s is the search for that trace', (text) => {
		expect(shape(expression(text))).toBe('traceId:4bf92f3577b34da6a3ce929d0e0e4736');
	});

	test.each<[string, string | undefined]>([
		['@http.status_code:500', 'http.status_code:500'],
		['service:a -@peer.service:b', 'service:a -peer.service:b'],
		['@http.status_code:[400 TO 499]', 'http.status_code:400..499'],
		['{ .http.method = "GET" && duration > 1s }', 'http.method:"GET" duration>1s'],
		['{ resource.service.name = "a" || .x != nil }', 'service:"a" OR has:x'],
		['{ span:duration > 1s && name =~ "GET.*" }', 'duration>1s name~"^(?:GET.*)$"'],
		['{ status = error && rootServiceName = `web` }', 'status:error trace.root.service:"web"'],
		['{ .a = 1 } >> { .b = 2 } | count() > 3', '{a:1} >> {b:2} | count() > 3'],
		['{ .duration = 5 && .rootName != "a" }', 'span.duration:5 "rootName"!="a"'],
		['{ name =~ "GET.*" }', 'name~"^(?:GET.*)$"'],
		['{name=~`GET "x"`}', String.raw`name~"^(?:GET \"x\")$"`],
		['{ name !~ "GET.*" }', 'name!~"^(?:GET.*)$"'],
		['{ span.http.route !~"/a|/b" }', 'span.http.route!~"^(?:/a|/b)$"'],
		['{ name = `web` }', 'name:"web"'],
		['{ span.a = nil }', '-has:span.a'],
		['{ span.a != nil }', 'has:span.a'],
		['{ span.a = nil } >> { name =~ "b" }', '{-has:span.a} >> {name~"^(?:b)$"}'],
		['{ rootServiceName = "web" }', 'trace.root.service:"web"'],
		['{ rootName != "GET /" }', 'trace.root.operation!="GET /"'],
		['{ traceDuration > 2s }', 'trace.duration>2s'],
		['{ trace:rootService="web" }', 'trace.root.service:"web"'],
		['{ span:name="GET" }', 'name:"GET"'],
		['{ span:duration>1s }', 'duration>1s'],
		['{ event:name!="exception" }', 'event.name!="exception"'],
		['{ link:traceID="4bf92f3577b34da6a3ce929d0e0e4736" }', 'link.traceId:"4bf92f3577b34da6a3ce929d0e0e4736"'],
		['{ instrumentation:version="1.2" }', 'scope.version:"1.2"'],
		['{ instrumentation.library = "a" }', 'scope.library:"a"'],
		['name=~"GET.*"', 'name~"GET.*"'],
		['name =~ GET', 'name ~ GET'],
		['name=="GET"', 'name="GET"'],
		['{ name == "GET" }', undefined],
		['{ nestedSetParent < 0 }', undefined],
		['{ span:childCount>2 }', undefined],
		['{ childCount > 2 }', undefined],
		['{ name =~ GET }', undefined],
		['{ name =~ }', undefined],
	])('%s is offered as %s', (text, suggestion) => {
		expect(error(text).suggestion).toBe(suggestion);
		expect(parseQuery(suggestion ?? '').kind).toBe('query');
	});
});

test.each([
	['{rootName:x}', ['spans', 'rootName:x']],
	['{"rootName"!=x}', ['spans', 'rootName!=x']],
	['{span.rootName!=x}', ['spans', 'span.rootName!=x']],
	['rootName!=x', 'rootName!=x'],
	['{a:nil}', ['spans', 'a:nil']],
	['{a!="nil"}', ['spans', 'a!=nil']],
	['{a=nile}', ['spans', 'a:nile']],
	['a = nil', 'a:nil'],
	['{name!~"GET"}', ['spans', 'name!~GET']],
	['name !~ "GET"', 'name!~GET'],
	['{span:name}', ['spans', 'span:name']],
	['{a:`b`}', ['spans', 'a:`b`']],
	['a:~b', 'a:~b'],
])('%s, which only looks like another language, is ours', (text, expected) => {
	const words = JSON.stringify(shape(expression(text))).replaceAll(String.raw`\"`, '');
	expect(words).toBe(JSON.stringify(expected));
});

describe('bounds', () => {
	test('a text that is too long is refused', () => {
		expect(error('a '.repeat(QUERY_LIMITS.length)).expected).toContain(String(QUERY_LIMITS.length));
	});
	test('too many terms are refused, values of groups counted', () => {
		expect(error('a '.repeat(QUERY_LIMITS.terms + 1)).expected).toContain('terms');
		expect(error(`k:(${Array.from({ length: QUERY_LIMITS.terms }, () => 'v').join(' OR ')})`).expected).toContain(
			'terms',
		);
	});
	test('too deep a nesting is refused', () => {
		expect(error('('.repeat(1000)).expected).toContain('within each other');
		expect(error('-'.repeat(1000) + 'a').expected).toContain('within each other');
	});
	test('too many structural operators are refused', () => {
		expect(error(Array.from({ length: 20 }, () => '{a}').join(' >> ')).expected).toContain('structural');
	});
});

test('an empty text asks for everything', () => {
	expect(expression('')).toBeUndefined();
	expect(expression('  \t ')).toBeUndefined();
});

test('junk never throws, what can be read is printed as the same, and every error stands within the text', () => {
	const junk = fc.oneof(
		fc.string({ maxLength: 60, unit: 'binary' }),
		fc
			.array(
				fc.constantFrom(
					'a',
					'k:',
					'k>',
					'k~',
					'duration',
					'500',
					'ms',
					'"',
					'\\',
					'(',
					')',
					'{',
					'}',
					' ',
					'-',
					'AND',
					' OR ',
					'NOT',
					'*',
					'..',
					'|',
					'count()',
					'>>',
					'<<',
					'&&',
					'||',
					'!>',
					'!<',
					'~',
					'@x',
					'.y',
					'has:',
					'trace.spans',
					'span.',
					'=~',
					'=',
					'!=',
					'!~',
					'nil',
					'`',
					'rootName',
					'span:name',
					'instrumentation.',
					'[',
					'!',
					'\0',
					'\u{1F600}',
				),
				{ maxLength: 14 },
			)
			.map((parts) => parts.join('')),
	);
	fc.assert(
		fc.property(junk, (text) => {
			const parsed = parseQuery(text);
			if (parsed.kind === 'query') {
				const again = parseQuery(printQuery(parsed.query));
				return again.kind === 'query' && isDeepStrictEqual(withoutPlaces(again.query), withoutPlaces(parsed.query));
			}
			const mended = parsed.suggestion === undefined || parseQuery(parsed.suggestion).kind === 'query';
			return mended && parsed.position >= 0 && parsed.position <= text.length && parsed.message.length > 0;
		}),
		{ numRuns: 50_000 },
	);
}, 60_000);

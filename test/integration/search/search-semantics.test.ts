/** What each sentence of the search language's description finds, on a real ClickHouse. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyValue } from '../../../schema/api.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openSearchStore } from './search-store.ts';
import type { SearchStore } from './search-store.ts';

const second = 1_000_000_000n;
const start = 1_700_000_000n * second;
const S = (stringValue: string): AnyValue => ({ stringValue });
const I = (intValue: string): AnyValue => ({ intValue });
const D = (doubleValue: number): AnyValue => ({ doubleValue });
const B = (boolValue: boolean): AnyValue => ({ boolValue });
const A = (...values: AnyValue[]): AnyValue => ({ arrayValue: { values } });

let store: SearchStore;
beforeAll(async () => {
	store = await openSearchStore();
	await store.insert(ATTRIBUTES);
	await store.insert(FIELDS);
	await store.insert(TREE);
	await store.insert(LINKS);
});
afterAll(() => store.close());

/** Trace 1: spans that differ in one attribute each. */
function attributeSpan(id: string, attributes: [string, AnyValue][], more: Partial<PlainSpan> = {}): PlainSpan {
	return {
		traceId: '1'.padStart(32, '0'),
		spanId: id,
		startUnixNano: start,
		endUnixNano: start + second,
		name: 'attributes',
		kind: 1,
		parentSpanId: 'ffffffffffffffff',
		attributes,
		...more,
	};
}
const id = (text: string) => Buffer.from(text).toString('hex').padEnd(16, '0').slice(0, 16);
const found = async (q: string, of: string) =>
	(await store.find(q))
		.map((hex) => Buffer.from(hex, 'hex').toString().replaceAll('\0', ''))
		.filter((name) => name.startsWith(of))
		.sort();

const ATTRIBUTES: PlainSpan[] = [
	attributeSpan(id('a-text'), [['k', S('500')]]),
	attributeSpan(id('a-int'), [['k', I('500')]]),
	attributeSpan(id('a-dbl'), [['k', D(500)]]),
	attributeSpan(id('a-frac'), [['k', D(1.5)]]),
	attributeSpan(id('a-big'), [['k', I('9007199254740993')]]),
	attributeSpan(id('a-zero'), [['k', I('0')]]),
	attributeSpan(id('a-empty'), [['k', S('')]]),
	attributeSpan(id('a-true'), [['k', B(true)]]),
	attributeSpan(id('a-ttext'), [['k', S('true')]]),
	attributeSpan(id('a-false'), [['k', B(false)]]),
	attributeSpan(id('a-abc'), [['k', S('abc')]]),
	attributeSpan(id('a-ABC'), [['k', S('ABC')]]),
	attributeSpan(id('a-odd'), [['k', S(String.raw`50%_\*"'`)]]),
	attributeSpan(id('a-arr'), [['k', A(S('abc'), I('500'), D(1.5), B(true))]]),
	attributeSpan(id('a-nil'), [['k', {}]]),
	attributeSpan(id('a-none'), []),
	attributeSpan(id('a-res'), [], { resource: { service: 'r', attributes: [['k', S('abc')]] } }),
	attributeSpan(id('a-hides'), [['k', S('x')]], { resource: { service: 'r', attributes: [['k', S('abc')]] } }),
	attributeSpan(id('a-scope'), [], { scope: { name: 'lib', version: '1.2', attributes: [['k', I('500')]] } }),
	attributeSpan(id('a-event'), [], {
		events: [
			{
				timeUnixNano: start,
				name: 'exception',
				attributes: [
					['k', S('abc')],
					['exception.type', S('TimeOut')],
				],
			},
		],
	}),
	attributeSpan(id('a-link'), [], {
		links: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), attributes: [['k', D(1.5)]] }],
	}),
	attributeSpan(id('n-new'), [
		['http.request.method', S('GET')],
		['http.response.status_code', I('503')],
		['db.system.name', S('microsoft.sql_server')],
		['user_agent.original', S('curl')],
	]),
	attributeSpan(id('n-old'), [
		['http.method', S('GET')],
		['http.status_code', I('503')],
		['db.system', S('mssql')],
		['http.user_agent', S('curl')],
	]),
	attributeSpan(id('n-peer'), [['net.peer.name', S('db1')]], { kind: 3 }),
	attributeSpan(id('n-addr'), [['server.address', S('db1')]], { kind: 3 }),
	attributeSpan(id('n-side'), [['net.peer.name', S('db1')]], { kind: 2 }),
	attributeSpan(id('n-rpc'), [
		['rpc.service', S('Cart')],
		['rpc.method', S('Add')],
		['rpc.system', S('grpc')],
		['rpc.grpc.status_code', I('14')],
	]),
	attributeSpan(id('n-arr'), [['http.route', A(S('/cart'))]]),
	attributeSpan(id('n-text'), [['http.response.status_code', S('503')]]),
	attributeSpan(id('n-frac'), [['http.response.status_code', D(-1.5)]]),
	attributeSpan(id('n-zero'), [['http.status_code', I('0')]]),
];

describe('attributes', () => {
	test.each<[string, string[]]>([
		// A bare number equals the number and the text, a quoted one the text only.
		['k:500', ['a-arr', 'a-dbl', 'a-int', 'a-text']],
		['k:5e2', ['a-arr', 'a-dbl', 'a-int']],
		['k:"500"', ['a-text']],
		['k:true', ['a-arr', 'a-true', 'a-ttext']],
		['k:"true"', ['a-ttext']],
		['k:false', ['a-false']],
		['k:0', ['a-zero']],
		['k:9007199254740993', ['a-big']],
		['k:9007199254740992', []],
		['k:1.5', ['a-arr', 'a-frac']],
		['k:abc', ['a-abc', 'a-arr', 'a-res']],
		['k:ABC', ['a-ABC']],
		['k:""', ['a-empty']],
		['k:a*', ['a-abc', 'a-arr', 'a-res']],
		['k:*b*', ['a-abc', 'a-arr', 'a-res']],
		['k:5*0', ['a-arr', 'a-dbl', 'a-int', 'a-text']],
		[String.raw`k:50%_\\*`, ['a-odd']],
		[String.raw`k:50%*`, ['a-odd']],
		[String.raw`k:"50%_\\*\"'"`, ['a-odd']],
		['k:(abc OR 1.5)', ['a-abc', 'a-arr', 'a-frac', 'a-res']],
		['k>1', ['a-arr', 'a-big', 'a-dbl', 'a-frac', 'a-int']],
		['k>=500', ['a-arr', 'a-big', 'a-dbl', 'a-int']],
		['k<1', ['a-zero']],
		['k:1..500', ['a-arr', 'a-dbl', 'a-frac', 'a-int']],
		['k:..1.5', ['a-arr', 'a-frac', 'a-zero']],
		['k~"^[ab]+c$"', ['a-abc', 'a-arr', 'a-res']],
		['k~"(?i)^abc$"', ['a-ABC', 'a-abc', 'a-arr', 'a-res']],
		['k~"^5"', ['a-arr', 'a-dbl', 'a-int', 'a-odd', 'a-text']],
		// Existence.
		[
			'k!=abc has:k',
			[
				'a-ABC',
				'a-big',
				'a-dbl',
				'a-empty',
				'a-false',
				'a-frac',
				'a-hides',
				'a-int',
				'a-nil',
				'a-odd',
				'a-text',
				'a-true',
				'a-ttext',
				'a-zero',
			],
		],
		['-k:abc -k!=abc', ['a-event', 'a-link', 'a-none', 'a-scope']],
		['-has:k', ['a-event', 'a-link', 'a-none', 'a-scope']],
		['k!~abc -k!=abc', []],
		// Scopes.
		['span.k:abc', ['a-abc', 'a-arr']],
		['resource.k:abc', ['a-hides', 'a-res']],
		['scope.k:500', ['a-scope']],
		['scope.k>=1', ['a-scope']],
		['scope.name:lib', ['a-scope']],
		['scope.version:1.2', ['a-scope']],
		['event.k:abc', ['a-event']],
		['event.k!=abc', []],
		['event.name:exception', ['a-event']],
		['link.k:1.5', ['a-link']],
		['link.traceId:abab*', ['a-link']],
		['has:link.k', ['a-link']],
	])('%s', async (q, expected) => {
		expect(await found(q, 'a-')).toEqual(expected);
	});
});

describe('old and new names find the same spans', () => {
	test.each<[string, string[]]>([
		['http.method:GET', ['n-new', 'n-old']],
		['http.request.method:GET', ['n-new', 'n-old']],
		['span.http.method:G*', ['n-new', 'n-old']],
		['http.status_code>=500', ['n-new', 'n-old', 'n-text']],
		['http.response.status_code:503', ['n-new', 'n-old', 'n-text']],
		['http.response.status_code:5*', ['n-new', 'n-old', 'n-text']],
		['http.response.status_code:"503"', ['n-text']],
		['http.response.status_code:500..599', ['n-new', 'n-old', 'n-text']],
		['http.status_code<=0', ['n-frac', 'n-zero']],
		['http.response.status_code<0', ['n-frac']],
		['http.response.status_code>-1', ['n-new', 'n-old', 'n-text', 'n-zero']],
		['http.status_code:-2..0', ['n-frac', 'n-zero']],
		['http.status_code:..-1', ['n-frac']],
		['http.response.status_code!=503', ['n-frac', 'n-zero']],
		['db.system:mssql', ['n-new', 'n-old']],
		['db.system:mss*', ['n-old']],
		['db.system.name:micro*', ['n-new', 'n-old']],
		['db.system.name~"^ms"', ['n-old']],
		['db.system!=mysql', ['n-new', 'n-old']],
		['db.system.name!=mssql', []],
		['db.system.name:microsoft.sql_server', ['n-new', 'n-old']],
		['http.user_agent:curl', ['n-new', 'n-old']],
		['user_agent.original:c*', ['n-new', 'n-old']],
		['net.peer.name:db1', ['n-addr', 'n-peer', 'n-side']],
		['server.address:db1', ['n-addr', 'n-peer']],
		['rpc.method:Add', ['n-rpc']],
		['rpc.method:Cart/Add', ['n-rpc']],
		['rpc.grpc.status_code:14', ['n-rpc']],
		['rpc.grpc.status_code:1*', ['n-rpc']],
		['rpc.response.status_code:UNAVAILABLE', ['n-rpc']],
		['http.route:/cart', ['n-arr']],
		['has:http.method', ['n-new', 'n-old']],
		['-has:http.status_code has:http.route', ['n-arr']],
		['http.method!=POST', ['n-new', 'n-old']],
	])('%s', async (q, expected) => {
		expect(await found(q, 'n-')).toEqual(expected);
	});
});

const FIELDS: PlainSpan[] = [
	{
		traceId: '2'.repeat(32),
		spanId: id('f-one'),
		startUnixNano: start,
		endUnixNano: start + second / 2n,
		name: 'GET /Cart',
		kind: 2,
		statusCode: 2,
		statusMessage: 'Deadline exceeded',
		resource: { service: 'checkout', namespace: 'shop', version: '1.10', instance: 'pod-1', environment: 'prod' },
		scope: { name: 'express' },
		attributes: [
			['db.statement', S('SELECT * FROM Carts')],
			['url.full', S('https://shop.example/cart')],
		],
		events: [
			{
				timeUnixNano: start,
				name: 'Cache miss',
				attributes: [
					['exception.message', S('Boom happened')],
					['other', S('hidden')],
				],
			},
		],
	},
	{
		traceId: '2'.repeat(32),
		spanId: id('f-two'),
		parentSpanId: id('f-one'),
		startUnixNano: start,
		endUnixNano: start + 2n * second,
		name: 'query',
		kind: 3,
		resource: { service: 'checkout', attributes: [['note', S('resource only')]] },
	},
];

describe('what need not be read', () => {
	test('of columns that hold the attribute, no map', async () => {
		for (const q of ['db.system.name:postgresql', 'db.system:mssql', 'http.route:/cart', 'http.status_code>=500']) {
			const plan = await store.explained(q);
			expect(plan, q).toMatch(/attr_/);
			expect(plan, q).not.toMatch(/attributes_(string|int64)/);
		}
		expect(await store.explained('db.system:ms*')).toContain('attributes_string');
		expect(await store.explained('http.status_code>=0')).toContain('attributes_int64');
	});

	test('for resources, nothing until one of them matches', async () => {
		const [ofSpan, ofResource] = [id('s-span'), id('s-resource')];
		await store.insert([attributeSpan(ofSpan, [['tenant', S('gold')]])]);
		expect(await store.find('tenant:gold')).toEqual([ofSpan]);
		expect(await store.explained('tenant:gold')).not.toContain('resource_id');

		const resource = { service: 's', attributes: [['tenant', S('silver')]] satisfies [string, AnyValue][] };
		await store.insert([attributeSpan(ofResource, [], { resource })]);
		expect(await store.explained('tenant:gold')).not.toContain('resource_id');
		expect(await store.explained('tenant:silver')).toContain('resource_id');
		expect(await store.find('tenant:silver')).toEqual([ofResource]);
		expect(await store.find('tenant!=gold')).toEqual([ofResource]);
		expect(await store.find('tenant:(gold OR silver)')).toEqual([ofResource, ofSpan].sort());
		expect(await store.find('name:attributes has:tenant -tenant:silver')).toEqual([ofSpan]);
	});

	test('of what other projects have, nothing', async () => {
		const resource = { service: 's', attributes: [['colour', S('red')]] satisfies [string, AnyValue][] };
		await store.insert([attributeSpan(id('s-neighbour'), [], { resource })], 'neighbour');
		expect(await store.explained('colour:red')).not.toContain('resource_id');
		expect(await store.find('resource.colour:red')).toEqual([]);
		await store.insert([attributeSpan(id('s-own'), [], { resource })]);
		expect(await store.find('colour:red')).toEqual([id('s-own')]);
	});
});

describe('fields', () => {
	test.each<[string, string[]]>([
		['service:checkout', ['f-one', 'f-two']],
		['service:shop/checkout', ['f-one']],
		['service:shop/*', ['f-one']],
		['service:*check*', ['f-one', 'f-two']],
		['service~"^shop/"', ['f-one']],
		['-service:shop/checkout service:checkout', ['f-two']],
		['service:Checkout', []],
		['namespace:shop', ['f-one']],
		['has:namespace', ['f-one']],
		['namespace!=shop', []],
		['env:prod', ['f-one']],
		['version:1.10', ['f-one']],
		['version:1.1', []],
		['instance:pod-*', ['f-one']],
		['scope:express', ['f-one']],
		['project:default service:checkout', ['f-one', 'f-two']],
		['kind:server', ['f-one']],
		['kind:(server OR client) service:checkout', ['f-one', 'f-two']],
		['kind:s* service:checkout', ['f-one']],
		['kind~"^(client|server)$" service:checkout', ['f-one', 'f-two']],
		['status:error', ['f-one']],
		['status!=error service:checkout', ['f-two']],
		['error:true service:checkout', ['f-one']],
		['error:false service:checkout', ['f-two']],
		['entry:true service:checkout', ['f-one']],
		['entry~"f" service:checkout', ['f-two']],
		['duration>500ms service:checkout', ['f-two']],
		['duration>=0.5s duration<=2s service:checkout', ['f-one', 'f-two']],
		['duration:500ms', ['f-one']],
		['duration:400..600ms', ['f-one']],
		['duration:1s.. service:checkout', ['f-two']],
		['duration!=500ms service:checkout', ['f-two']],
		['name:"GET /Cart"', ['f-one']],
		['name:get*', []],
		['statusMessage:Dead*', ['f-one']],
		[`traceId:${'2'.repeat(32)}`, ['f-one', 'f-two']],
		['2'.repeat(32), ['f-one', 'f-two']],
		[`spanId:${id('f-one').toUpperCase()}`, ['f-one']],
		[`spanId:${id('f-one').slice(0, 8)}*`, ['f-one']],
		[`traceId!=${'2'.repeat(32)}`, []],
		// Free text.
		['cart service:checkout', ['f-one']],
		['"get /cart"', ['f-one']],
		['DEADLINE', ['f-one']],
		['boom', ['f-one']],
		['"cache miss"', ['f-one']],
		['"select * from"', ['f-one']],
		['shop.example', ['f-one']],
		['sel*carts', ['f-one']],
		['hidden', []],
		['"resource only"', []],
		['cart OR query service:checkout', ['f-one', 'f-two']],
		['-cart service:checkout', ['f-two']],
	])('%s', async (q, expected) => {
		expect(await found(q, 'f-')).toEqual(expected);
	});
});

//  t-root ─┬─ t-a ─── t-b ─── t-c
//          └─ t-d
const tree = (name: string, parent: string, more: Partial<PlainSpan> = {}): PlainSpan => ({
	traceId: '3'.repeat(32),
	spanId: id(`t-${name}`),
	...(parent === '' ? {} : { parentSpanId: id(`t-${parent}`) }),
	startUnixNano: start,
	endUnixNano: start + second,
	name,
	kind: 1,
	resource: { service: `svc-${name}` },
	...more,
});
const TREE: PlainSpan[] = [
	tree('root', '', { endUnixNano: start + 5n * second }),
	tree('a', 'root'),
	tree('b', 'a', { statusCode: 2 }),
	tree('c', 'b'),
	tree('d', 'root'),
];

const linkTrace = (digit: string) => digit.repeat(32);
const linking = (name: string, trace: string, ...links: [trace: string, span: string][]): PlainSpan => ({
	traceId: linkTrace(trace),
	spanId: id(`l-${name}`),
	startUnixNano: start,
	endUnixNano: start + second,
	name,
	links: links.map(([to, span]) => ({ traceId: linkTrace(to), spanId: id(`l-${span}`) })),
});
const LINKS: PlainSpan[] = [
	linking('sent', '7'),
	linking('sent2', '7'),
	linking('both', '8', ['9', 'gone'], ['7', 'sent'], ['7', 'sent2']),
	linking('astray', '8', ['8', 'sent']),
	linking('within', '7', ['7', 'sent2']),
	linking('back', '7', ['8', 'both']),
];

describe('links', () => {
	test.each<[string, string[]]>([
		['{name:sent} -> {}', ['l-both']],
		['{name:sent2} -> {}', ['l-both', 'l-within']],
		['{name:sent2} -> {name:within}', ['l-within']],
		['{name:both} -> {}', ['l-back']],
		['{name:sent} -> {} -> {}', ['l-back']],
		['{name:astray} -> {}', []],
		['{name:gone} -> {}', []],
		['{name:sent2} -> ({name:both} -> {})', []],
	])('%s', async (q, expected) => {
		expect(await found(q, 'l-')).toEqual(expected);
	});
});

describe('structure', () => {
	test.each<[string, string[]]>([
		['{name:root} >> {}', ['t-a', 't-b', 't-c', 't-d']],
		['{name:a} >> {name:c}', ['t-c']],
		['{name:c} >> {name:a}', []],
		['{name:root} > {}', ['t-a', 't-d']],
		['{name:c} << {}', ['t-a', 't-b', 't-root']],
		['{name:c} < {}', ['t-b']],
		['{name:a} ~ {}', ['t-d']],
		['{name:a OR name:d} ~ {name:a OR name:d}', ['t-a', 't-d']],
		['{name:root} !>> {service:svc-*}', ['t-root']],
		['{name:root} !> {service:svc-*}', ['t-b', 't-c', 't-root']],
		['{name:a} && {name:d}', ['t-d']],
		['{name:a} && {name:nobody}', []],
		['{name:a} || {name:d}', ['t-a', 't-d']],
		['{name:root} > {name:a} > {}', ['t-b']],
		['{name:root} >> {error:true} >> {}', ['t-c']],
		['{service:svc-*} | count() = 5', ['t-a', 't-b', 't-c', 't-d', 't-root']],
		['{service:svc-*} | count() > 5', []],
		['{name:root} >> {} | count() >= 4', ['t-a', 't-b', 't-c', 't-d']],
		['{name:a} trace.spans:5', ['t-a']],
		['name:a trace.duration:5s', ['t-a']],
		['name:a trace.duration>5s', []],
		['name:a trace.errors:1 trace.services:5', ['t-a']],
		['name:a trace.root.service:svc-root trace.root.operation:root', ['t-a']],
		['trace.root.operation!=root service:svc-*', []],
		['-trace.spans>2 service:svc-*', []],
		['name:a (trace.spans:4 OR trace.spans:5)', ['t-a']],
	])('%s', async (q, expected) => {
		expect(await found(q, 't-')).toEqual(expected);
	});

	test('a parent that ended after the window still counts', async () => {
		const afterRoot = Number((start + 2n * second) / 1_000_000n);
		const hits = await store.find('{name:root} > {name:a}', { fromMs: afterRoot - 3000, toMs: afterRoot });
		expect(hits).toEqual([id('t-a')]);
	});
});

test('ancestors are found however deep a trace is', { timeout: 60_000 }, async () => {
	const deep = 2000;
	const idOf = (index: number) => `4${index.toString(16).padStart(15, '0')}`;
	const chain = Array.from({ length: deep }, (_, index): PlainSpan => ({
		traceId: '4'.repeat(32),
		spanId: idOf(index + 1),
		...(index === 0 ? {} : { parentSpanId: idOf(index) }),
		startUnixNano: start,
		endUnixNano: start + second,
		name: index === 0 ? 'top' : index === deep - 1 ? 'bottom' : 'middle',
	}));
	await store.insert(chain);
	expect(await store.find('{name:top} >> {name:bottom}')).toEqual([chain.at(-1)?.spanId]);
	expect(await store.find('{name:bottom} << {name:top}')).toEqual([chain[0]?.spanId]);
	expect(await store.find('{name:top} >> {name:middle OR name:bottom} | count() = 1999')).toHaveLength(deep - 1);
});
